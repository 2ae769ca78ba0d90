/* zone_vscf: read gdnsd's syntax, and edit it. See zone_vscf.h. */
#include "zonefile/zone_vscf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* gdnsd's own configurations are some eight deep. */
#define DEPTH_MAX 64

struct reader {
	struct zone_vscf *out;
	size_t room;
	const char *p;
	unsigned depth;
	char *why;
};

static uint32_t
offset(const struct reader *r)
{
	return (uint32_t)(r->p - r->out->text->text);
}

static int
refuse_here(const struct reader *r, const char *what)
{
	return zone_text_fault(r->out->text, offset(r), r->why, "%s", what);
}

static void
skip_space(struct reader *r)
{
	for (;;) {
		r->p += strspn(r->p, " \t\r\n,;");
		if (*r->p != '#')
			return;
		r->p += strcspn(r->p, "\n");
	}
}

/* Skip $include{FILE}. */
static int
skip_include(struct reader *r)
{
	const char *end = strchr(r->p, '}');

	if (end == NULL || memchr(r->p, '\n', (size_t)(end - r->p)) != NULL)
		return refuse_here(r, "a $include that does not end");
	r->p = end + 1;
	return 0;
}

/* Skip a word, which may be in quotes. */
static int
skip_word(struct reader *r)
{
	const char *start = r->p;

	if (*r->p == '"') {
		for (r->p++; *r->p != '"'; r->p++) {
			if (*r->p == '\\' && r->p[1] != '\0')
				r->p++;
			if (*r->p == '\0')
				return refuse_here(r, "a quote does not end");
		}
		r->p++;
		return 0;
	}
	while (*r->p != '\0' && strchr("{}[]\",;#= \t\r\n", *r->p) == NULL)
		r->p += *r->p == '\\' && r->p[1] != '\0' ? 2 : 1;
	return r->p > start ? 0 : refuse_here(r, "a word is expected here");
}

/* Add a node as the last child of its parent, after `*last`. */
static int
add_node(struct reader *r, size_t parent, size_t *last, size_t *out)
{
	struct zone_vscf *v = r->out;
	struct zone_vscf_node *more;

	if (v->n == r->room) {
		r->room = r->room * 2 + 64;
		more = realloc(v->node, r->room * sizeof(*more));
		if (more == NULL)
			return -ENOMEM;
		v->node = more;
	}
	*out = v->n++;
	memset(&v->node[*out], 0, sizeof(v->node[*out]));
	v->node[*out].parent = parent;
	if (*out == 0)
		return 0;
	if (*last != 0)
		v->node[*last].next = *out;
	else
		v->node[parent].first = *out;
	*last = *out;
	return 0;
}

static int take_children(struct reader *r, size_t of, char close);

static int
take_value(struct reader *r, size_t node)
{
	struct zone_vscf_node *n = &r->out->node[node];
	char open = *r->p;
	int err;

	n->value.at = offset(r);
	n->kind = open == '{' ? ZONE_VSCF_HASH : open == '[' ?
	    ZONE_VSCF_ARRAY : ZONE_VSCF_WORD;
	if (strncmp(r->p, "$include{", 9) == 0) {
		err = skip_include(r);
	} else if (n->kind == ZONE_VSCF_WORD) {
		err = skip_word(r);
	} else {
		r->p++;
		err = take_children(r, node, open == '{' ? '}' : ']');
	}
	n = &r->out->node[node];
	n->value.end = n->whole.end = offset(r);
	return err;
}

static int
take_key(struct reader *r, size_t node)
{
	struct zone_span key = { offset(r), 0 };
	int err = skip_word(r);

	if (err < 0)
		return err;
	key.end = offset(r);
	if (r->out->text->text[key.at] == '"') {
		key.at++;
		key.end--;
	}
	r->out->node[node].key = key;
	skip_space(r);
	if (strncmp(r->p, "=>", 2) != 0)
		return refuse_here(r, "\"=>\" is expected here");
	r->p += 2;
	skip_space(r);
	return 0;
}

/* Take what is in a hash or an array, up to and with its closing bracket. */
static int
take_children(struct reader *r, size_t of, char close)
{
	size_t last = 0, node;
	int err = ++r->depth > DEPTH_MAX ?
	    refuse_here(r, "brackets are too deep") : 0;

	while (err == 0) {
		skip_space(r);
		if (*r->p == close) {
			r->p += close != '\0';
			break;
		}
		if (*r->p == '\0')
			return refuse_here(r, "a bracket does not end");
		if (close != ']' && strncmp(r->p, "$include{", 9) == 0) {
			err = skip_include(r);
			continue;
		}
		err = add_node(r, of, &last, &node);
		if (err < 0)
			break;
		r->out->node[node].whole.at = offset(r);
		if (close != ']')
			err = take_key(r, node);
		if (err == 0)
			err = take_value(r, node);
	}
	r->depth--;
	return err;
}

int
zone_vscf_read(struct zone_vscf *out, const struct zone_text *text,
    char why[static WHY_TEXT])
{
	struct reader r = { .out = out, .p = text->text, .why = why };
	size_t none = 0, root;
	int err;

	*out = (struct zone_vscf){ .text = text };
	err = add_node(&r, 0, &none, &root);
	if (err == 0) {
		out->node[root].kind = ZONE_VSCF_HASH;
		err = take_children(&r, root, '\0');
	}
	if (err == -ENOMEM)
		why_set(why, "out of memory");
	if (err < 0)
		zone_vscf_clear(out);
	return err;
}

void
zone_vscf_clear(struct zone_vscf *vscf)
{
	free(vscf->node);
	memset(vscf, 0, sizeof(*vscf));
}

size_t
zone_vscf_child(const struct zone_vscf *vscf, size_t of, const char *key)
{
	size_t i;

	for (i = vscf->node[of].first; i != 0; i = vscf->node[i].next)
		if (zone_text_is(vscf->text, vscf->node[i].key, key))
			break;
	return i;
}

size_t
zone_vscf_last(const struct zone_vscf *vscf, size_t of)
{
	size_t i = vscf->node[of].first;

	while (i != 0 && vscf->node[i].next != 0)
		i = vscf->node[i].next;
	return i;
}

struct zone_span
zone_vscf_word(const struct zone_vscf *vscf, size_t node)
{
	struct zone_span word = vscf->node[node].value;

	if (vscf->text->text[word.at] == '"' && word.end - word.at >= 2) {
		word.at++;
		word.end--;
	}
	return word;
}

/* Return where the line of that place begins, if only blanks are before it. */
static bool
starts_line(const struct zone_text *text, size_t at, size_t *start)
{
	while (at > 0 && strchr(" \t", text->text[at - 1]) != NULL)
		at--;
	*start = at;
	return at == 0 || text->text[at - 1] == '\n';
}

static size_t
before_of(const struct zone_vscf *vscf, size_t node)
{
	size_t i = vscf->node[vscf->node[node].parent].first;

	if (i == node)
		return 0;
	while (vscf->node[i].next != node)
		i = vscf->node[i].next;
	return i;
}

void
zone_vscf_cut(const struct zone_vscf *vscf, size_t node,
    struct zone_edits *edits)
{
	const struct zone_vscf_node *n = &vscf->node[node];
	const char *text = vscf->text->text, *end = text + n->whole.end;
	size_t before = before_of(vscf, node), start;

	end += strspn(end, " \t");
	if (*end == ',' || *end == ';')
		end++;
	end += strspn(end, " \t\r");
	if (starts_line(vscf->text, n->whole.at, &start) && *end == '\n')
		zone_edits_add(edits, start, (size_t)(end + 1 - text) - start,
		    "%s", "");
	else if (n->next != 0)
		zone_edits_add(edits, n->whole.at,
		    vscf->node[n->next].whole.at - n->whole.at, "%s", "");
	else if (before != 0)
		zone_edits_add(edits, vscf->node[before].whole.end,
		    n->whole.end - vscf->node[before].whole.end, "%s", "");
	else
		zone_edits_add(edits, n->whole.at,
		    n->whole.end - n->whole.at, "%s", "");
}

void
zone_vscf_add(const struct zone_vscf *vscf, size_t node,
    struct zone_edits *edits, const char *text)
{
	const struct zone_vscf_node *n = &vscf->node[node];
	const char *all = vscf->text->text, *after = all + n->whole.end;
	size_t start;

	after += strspn(after, " \t");
	if (starts_line(vscf->text, n->whole.at, &start))
		zone_edits_add(edits, n->whole.end, 0, "%s%s%.*s%s",
		    *after == ',' ? "," : *after == ';' ? ";" : "",
		    zone_text_newline(vscf->text),
		    (int)(n->whole.at - start), all + start, text);
	else
		zone_edits_add(edits, n->whole.end, 0, ", %s", text);
}
