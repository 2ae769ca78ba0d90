/* zone_yaml: read the lines of a YAML file. See zone_yaml.h. */
#include "zonefile/zone_yaml.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The place where we read. */
struct reader {
	const struct zone_text *text;
	const char *p;		/* in the text, which ends in a NUL */
	char *why;
};

static uint32_t
offset(const struct reader *r, const char *p)
{
	return (uint32_t)(p - r->text->text);
}

static int
refuse_line(const struct reader *r, const char *what)
{
	return zone_text_fault(r->text, offset(r, r->p), r->why, "%s", what);
}

static bool
is_line_end(const char *p)
{
	return *p == '\0' || *p == '\n' || (*p == '\r' &&
	    (p[1] == '\n' || p[1] == '\0'));
}

static const char *
skip_blanks(const char *p)
{
	return p + strspn(p, " \t");
}

/* Is nothing there but blanks and a comment? `p` follows a token. */
static bool
is_rest_empty(const char *p)
{
	const char *after = skip_blanks(p);

	return is_line_end(after) || (*after == '#' && after > p);
}

static const char *
line_after(const char *p)
{
	const char *end = strchr(p, '\n');

	return end != NULL ? end + 1 : p + strlen(p);
}

/* Return what follows the quoted text at `p`, or NULL if it does not end. */
static const char *
skip_quoted(const char *p)
{
	char quote = *p++;

	for (; !is_line_end(p); p++) {
		if (*p == '\\' && quote == '"' && !is_line_end(p + 1))
			p++;
		else if (*p == quote)
			return p + 1;
	}
	return NULL;
}

/*
 * Return what follows the list or map at `p`, which may go on for some lines,
 * or NULL if it does not end. Lists within lists are refused.
 */
static const char *
skip_flow(const char *p)
{
	char close = *p == '[' ? ']' : '}';

	for (p++; p != NULL && *p != '\0'; ) {
		bool first = strchr(" \t\n,:[{", p[-1]) != NULL;

		if (*p == close)
			return p + 1;
		if (strchr("[]{}", *p) != NULL)
			return NULL;
		if (*p == '#' && strchr(" \t\n", p[-1]) != NULL)
			p = line_after(p);
		else if (first && (*p == '"' || *p == '\''))
			p = skip_quoted(p);
		else
			p++;
	}
	return NULL;
}

/* Return the end of the plain text at `p`, before any byte of `stop`. */
static const char *
skip_plain(const char *p, const char *stop)
{
	const char *end = p;

	for (; !is_line_end(p) && strchr(stop, *p) == NULL; p++) {
		if (*p == '#' && (p[-1] == ' ' || p[-1] == '\t'))
			break;
		if (*p != ' ' && *p != '\t')
			end = p + 1;
	}
	return end;
}

static int
take_value(struct reader *r, struct zone_yaml_line *line)
{
	const char *start = r->p, *end;

	line->value.at = line->value.end = offset(r, start);
	if (is_line_end(start) || *start == '#')
		return 0;
	if (*start == '[' || *start == '{')
		end = skip_flow(start);
	else if (*start == '"' || *start == '\'')
		end = skip_quoted(start);
	else if (strchr("&*!|>%@`?", *start) != NULL)
		return refuse_line(r, "this kind of value is not understood");
	else
		end = skip_plain(start, "");
	if (end == NULL)
		return refuse_line(r, "a value that does not end, or lists in "
		    "a list");
	if (!is_rest_empty(end))
		return refuse_line(r, "more after the value");
	line->value.end = offset(r, end);
	r->p = end;
	return 0;
}

/* Return the colon after the key at `p`, or NULL if there is none. */
static const char *
key_colon(const char *p)
{
	if (*p == '"' || *p == '\'') {
		p = skip_quoted(p);
		return p != NULL && *p == ':' ? p : NULL;
	}
	for (; !is_line_end(p) && strchr("[{", *p) == NULL; p++)
		if (*p == ':' && (p[1] == ' ' || p[1] == '\t' ||
		    is_line_end(p + 1)))
			return p;
	return NULL;
}

static int
take_key(struct reader *r, struct zone_yaml_line *line)
{
	const char *colon = key_colon(r->p);
	struct zone_span key;

	if (line->dash && *r->p == '-' && r->p[1] == ' ')
		return refuse_line(r, "a list in a list is not understood");
	if (colon == NULL && !line->dash)
		return refuse_line(r, "neither \"key: value\" nor an element "
		    "of a list");
	if (colon == NULL)
		return 0;
	key.at = offset(r, r->p);
	key.end = offset(r, colon);
	while (key.end > key.at && r->text->text[key.end - 1] == ' ')
		key.end--;
	line->key = zone_yaml_plain(r->text, key);
	if (line->key.at == line->key.end)
		return refuse_line(r, "an empty key");
	r->p = skip_blanks(colon + 1);
	return 0;
}

/* Take the line at `r->p`, which is not empty. */
static int
take_line(struct reader *r, struct zone_yaml_line *line)
{
	const char *start = r->p;
	int err;

	memset(line, 0, sizeof(*line));
	line->at = offset(r, start);
	r->p += strspn(start, " ");
	if (*r->p == '\t')
		return refuse_line(r, "a tab before the first word");
	line->indent = (uint32_t)(r->p - start);
	line->dash = *r->p == '-' && (r->p[1] == ' ' || is_line_end(r->p + 1));
	if (line->dash)
		r->p = skip_blanks(r->p + 1);
	line->column = (uint32_t)(r->p - start);
	err = take_key(r, line);
	if (err == 0)
		err = take_value(r, line);
	if (err == 0) {
		r->p = line_after(r->p);
		line->end = offset(r, r->p);
	}
	return err;
}

static int
add_line(struct zone_yaml *yaml, size_t *room, const struct zone_yaml_line *l)
{
	struct zone_yaml_line *more;

	if (yaml->n == *room) {
		*room = *room * 2 + 64;
		more = realloc(yaml->line, *room * sizeof(*more));
		if (more == NULL)
			return -ENOMEM;
		yaml->line = more;
	}
	yaml->line[yaml->n++] = *l;
	return 0;
}

/* Is it "---" or "...", alone on its line? */
static bool
is_marker(const char *p)
{
	return (strncmp(p, "---", 3) == 0 || strncmp(p, "...", 3) == 0) &&
	    is_rest_empty(p + 3);
}

int
zone_yaml_read(struct zone_yaml *out, const struct zone_text *text,
    char why[static WHY_TEXT])
{
	struct reader r = { text, text->text, why };
	struct zone_yaml_line line;
	size_t room = 0;
	int err = 0;

	memset(out, 0, sizeof(*out));
	out->text = text;
	/* A byte order mark may come first. */
	if (strncmp(r.p, "\xef\xbb\xbf", 3) == 0)
		r.p += 3;
	while (err == 0 && *r.p != '\0') {
		const char *word = skip_blanks(r.p);

		if (is_line_end(word) || *word == '#' ||
		    (is_marker(r.p) && out->n == 0)) {
			r.p = line_after(word);
			continue;
		}
		err = is_marker(r.p) ?
		    refuse_line(&r, "a second document in the file") :
		    take_line(&r, &line);
		if (err == 0)
			err = add_line(out, &room, &line);
	}
	if (err == -ENOMEM)
		why_set(why, "out of memory");
	if (err < 0)
		zone_yaml_clear(out);
	return err;
}

void
zone_yaml_clear(struct zone_yaml *yaml)
{
	free(yaml->line);
	memset(yaml, 0, sizeof(*yaml));
}

struct zone_span
zone_yaml_plain(const struct zone_text *text, struct zone_span value)
{
	char first = value.at < value.end ? text->text[value.at] : '\0';

	if ((first == '"' || first == '\'') && value.end - value.at >= 2) {
		value.at++;
		value.end--;
	}
	return value;
}

/* Return what follows blanks, newlines and comments. */
static const char *
skip_between(const char *p)
{
	for (;;) {
		p += strspn(p, " \t\r\n");
		if (*p != '#')
			return p;
		p = line_after(p);
	}
}

bool
zone_yaml_next(const struct zone_text *text, struct zone_span value,
    uint32_t *next, struct zone_span *out)
{
	const char *p = text->text + value.at, *end;

	if (*p != '[') {
		*out = value;
		return value.at < value.end && (*next)++ == 0;
	}
	p = *next == 0 ? p + 1 : text->text + *next;
	p = skip_between(p);
	if (*p == ',' && *next != 0)
		p = skip_between(p + 1);
	if (*p == ']' || *p == ',' || *p == '\0')
		return false;
	end = *p == '"' || *p == '\'' ? skip_quoted(p) : skip_plain(p, ",]");
	if (end == NULL)
		return false;
	out->at = (uint32_t)(p - text->text);
	out->end = (uint32_t)(end - text->text);
	*next = out->end;
	return true;
}

size_t
zone_yaml_below(const struct zone_yaml *yaml, size_t i)
{
	uint32_t column = yaml->line[i].column;
	bool dash = yaml->line[i].dash;
	uint32_t indent = yaml->line[i].indent;

	for (i++; i < yaml->n; i++) {
		const struct zone_yaml_line *l = &yaml->line[i];

		/* A list may stand in the column of its key. */
		if (l->dash && !dash && l->indent == column)
			continue;
		if (dash ? l->indent <= indent : l->indent <= column)
			break;
	}
	return i;
}
