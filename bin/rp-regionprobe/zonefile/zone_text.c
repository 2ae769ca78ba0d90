/*
 * zone_text: read the file, compare pieces of it, and apply edits. See
 * zone_text.h.
 */
#include "config.h"
#include "zonefile/zone_text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/tool.h"

int
zone_text_read(struct zone_text *out, const char *file,
    char why[static WHY_TEXT])
{
	struct tool_file read;
	int err = tool_load_file(&read, file, ZONE_TEXT_MAX_BYTES, false);

	if (err == -EFBIG) {
		why_set(why, "%.300s: more than %d bytes", file,
		    ZONE_TEXT_MAX_BYTES);
		return -EINVAL;
	}
	if (err < 0) {
		why_set(why, "%.300s: %s", file, tool_read_text(err));
		return err;
	}
	*out = (struct zone_text){ file, read.text, read.len };
	if (strlen(read.text) == read.len)
		return 0;
	err = zone_text_fault(out, strlen(read.text), why, "holds a NUL byte");
	zone_text_clear(out);
	return err;
}

void
zone_text_clear(struct zone_text *text)
{
	free(text->text);
	memset(text, 0, sizeof(*text));
}

int
zone_text_fault(const struct zone_text *text, size_t at,
    char why[static WHY_TEXT], const char *format, ...)
{
	char what[WHY_TEXT];
	size_t i, line = 1;
	va_list ap;

	for (i = 0; i < at && i < text->len; i++)
		line += text->text[i] == '\n';
	va_start(ap, format);
	vsnprintf(what, sizeof(what), format, ap);
	va_end(ap);
	why_set(why, "%.250s:%zu: %s", text->file, line, what);
	return -EINVAL;
}

bool
zone_text_is(const struct zone_text *text, struct zone_span span,
    const char *word)
{
	size_t len = strlen(word);

	return span.end - span.at == len &&
	    memcmp(text->text + span.at, word, len) == 0;
}

bool
zone_text_is_name(const struct zone_text *text, struct zone_span span,
    const char *name)
{
	size_t len = strlen(name), span_len = span.end - span.at;

	if (span_len > 0 && text->text[span.end - 1] == '.')
		span_len--;
	if (len > 0 && name[len - 1] == '.')
		len--;
	return span_len == len &&
	    strncasecmp(text->text + span.at, name, len) == 0;
}

bool
zone_text_same(const struct zone_text *text, struct zone_span a,
    struct zone_span b)
{
	return a.end - a.at == b.end - b.at &&
	    memcmp(text->text + a.at, text->text + b.at, a.end - a.at) == 0;
}

bool
zone_text_addr(const struct zone_text *text, struct zone_span span,
    struct addr *out)
{
	char ip[ADDR_TEXT];
	size_t len = span.end - span.at;

	if (len >= sizeof(ip))
		return false;
	memcpy(ip, text->text + span.at, len);
	ip[len] = '\0';
	return addr_parse(out, ip, 0) == 0 && addr_port(out) == 0;
}

const char *
zone_text_newline(const struct zone_text *text)
{
	const char *end = strchr(text->text, '\n');

	return end != NULL && end > text->text && end[-1] == '\r' ? "\r\n" :
	    "\n";
}

static void
add_edit(struct zone_edits *edits, size_t at, size_t cut, char *put)
{
	struct zone_edit *more = put == NULL ? NULL :
	    realloc(edits->item, (edits->n + 1) * sizeof(*more));

	if (more == NULL) {
		edits->no_memory = true;
		free(put);
		return;
	}
	edits->item = more;
	more[edits->n] = (struct zone_edit){ at, cut, put, edits->n };
	edits->n++;
}

void
zone_edits_add(struct zone_edits *edits, size_t at, size_t cut,
    const char *format, ...)
{
	char *put;
	va_list ap;

	va_start(ap, format);
	if (vasprintf(&put, format, ap) < 0)
		put = NULL;
	va_end(ap);
	add_edit(edits, at, cut, put);
}

void
zone_edits_add_line(struct zone_edits *edits, const struct zone_text *text,
    size_t at, const char *format, ...)
{
	bool bare = at > 0 && text->text[at - 1] != '\n';
	const char *newline = zone_text_newline(text);
	char *line;
	va_list ap;

	va_start(ap, format);
	if (vasprintf(&line, format, ap) < 0)
		line = NULL;
	va_end(ap);
	if (line == NULL) {
		edits->no_memory = true;
		return;
	}
	zone_edits_add(edits, at, 0, "%s%s%s", bare ? newline : "", line,
	    bare ? "" : newline);
	free(line);
}

static int
compare_edits(const void *a, const void *b)
{
	const struct zone_edit *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

char *
zone_edits_apply(struct zone_edits *edits, const struct zone_text *text)
{
	char *out = NULL;
	size_t i, from = 0, len;
	FILE *to = edits->no_memory ? NULL : open_memstream(&out, &len);

	if (to == NULL)
		return NULL;
	if (edits->n > 1)
		qsort(edits->item, edits->n, sizeof(*edits->item),
		    compare_edits);
	for (i = 0; i < edits->n; i++) {
		const struct zone_edit *e = &edits->item[i];

		if (e->at > from)
			fwrite(text->text + from, 1, e->at - from, to);
		fputs(e->put, to);
		from = e->at + e->cut > from ? e->at + e->cut : from;
	}
	fwrite(text->text + from, 1, text->len - from, to);
	if (fclose(to) == 0)
		return out;
	free(out);
	return NULL;
}

void
zone_edits_clear(struct zone_edits *edits)
{
	size_t i;

	for (i = 0; i < edits->n; i++)
		free(edits->item[i].put);
	free(edits->item);
	memset(edits, 0, sizeof(*edits));
}
