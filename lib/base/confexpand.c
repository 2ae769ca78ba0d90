/*
 * confexpand: expand includes before libconfig sees them, because libconfig 1.5
 * has no hook for its includes. For this it tracks the states of libconfig's
 * scanner: plain, in a string, in a comment. In plain text libconfig uses @ for
 * nothing else, so no @ is passed on.
 */
#include "base/confexpand.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/tool.h"
#include "wire/why.h"

#define DEPTH_MAX 10		/* libconfig's own limit */
/*
 * libconfig compares each new setting with all others of its group, so a
 * million bytes of short names would take it minutes. A switch has 70 keys, and
 * 256 regions with all options are 1,500 settings.
 */
#define SETTINGS_MAX 4096
#define NESTING_MAX 100	/* we need 3; bounds recursion, libconfig's too */

/* A file that is being copied, and the file that includes it. */
struct source {
	struct source *parent;
	struct tool_file file;
	int number;		/* in files[] */
	int line, depth;
	const char *at, *end;
	const char *copied;	/* all before this is in the text */
};

static int
complain_line(const struct source *s, struct confexpand *t, int line,
    const char *wrong)
{
	why_set(t->why, "%.300s:%d: %s", t->files[s->number], line, wrong);
	return -EINVAL;
}

static int
out_of_memory(struct confexpand *t)
{
	why_set(t->why, "out of memory");
	return -ENOMEM;
}

/* Record that the text continues with this file and line. */
static int
add_piece(struct confexpand *t, const struct source *s)
{
	size_t size = t->pieces_size == 0 ? 16 : 2 * t->pieces_size;
	struct confexpand_piece *more = t->pieces;

	if (t->n_pieces == t->pieces_size) {
		more = realloc(t->pieces, size * sizeof(*more));
		if (more == NULL)
			return out_of_memory(t);
		t->pieces = more;
		t->pieces_size = size;
	}
	more[t->n_pieces++] = (struct confexpand_piece){ t->lines + 1,
	    s->number, s->line };
	return 0;
}

static int
append(struct confexpand *t, const char *from, const char *end)
{
	size_t len = (size_t)(end - from), size = t->size;
	char *more;

	while (size < t->len + len + 2)		/* a newline and a NUL */
		size = size == 0 ? 4096 : 2 * size;
	if (size > t->size) {
		more = realloc(t->text, size);
		if (more == NULL)
			return out_of_memory(t);
		t->text = more;
		t->size = size;
	}
	memcpy(t->text + t->len, from, len);
	t->len += len;
	t->text[t->len] = '\0';
	for (; from < end; from++)
		t->lines += *from == '\n';
	return 0;
}

/* Copy into the text what was scanned of the file, up to `end`. */
static int
copy_text(struct confexpand *t, struct source *s, const char *end)
{
	int err = append(t, s->copied, end);

	s->copied = s->at;
	return err;
}

/* Skip a comment to the end of its line. */
static void
skip_line(struct source *s)
{
	while (s->at < s->end && *s->at != '\n')
		s->at++;
}

/* Skip a comment, whose beginning was seen. */
static int
skip_comment(struct confexpand *t, struct source *s)
{
	int line = s->line;

	for (s->at += 2; s->at < s->end; s->at++) {
		if (s->at[0] == '*' && s->at[1] == '/') {
			s->at += 2;
			return 0;
		}
		s->line += *s->at == '\n';
	}
	return complain_line(s, t, line, "unterminated comment");
}

static int
skip_string(struct confexpand *t, struct source *s)
{
	int line = s->line;

	for (s->at++; s->at < s->end; s->at++) {
		if (*s->at == '"') {
			s->at++;
			return 0;
		}
		if (s->at[0] == '\\' && (s->at[1] == '"' || s->at[1] == '\\'))
			s->at++;
		s->line += *s->at == '\n';
	}
	return complain_line(s, t, line, "unterminated string");
}

/* Read the name of the file to include, as written. */
static int
read_name(struct confexpand *t, struct source *s, char name[static PATH_MAX])
{
	size_t n = 0;
	const char *p = s->at + strlen("@include");

	if (strncmp(s->at, "@include", strlen("@include")) != 0 ||
	    (*p != ' ' && *p != '\t') || *(p += strspn(p, " \t")) != '"')
		return complain_line(s, t, s->line,
		    "@ is for @include \"FILE\"");
	for (p++; *p != '"' && *p != '\n' && *p != '\0' && n < PATH_MAX; p++) {
		if (*p == '\\' && *++p != '"' && *p != '\\')
			return complain_line(s, t, s->line,
			    "@include: wants \\\\ for a backslash");
		name[n++] = *p;
	}
	if (*p != '"' || n == 0 || n == PATH_MAX)
		return complain_line(s, t, s->line, "@include: wants a file's "
		    "name in quotes");
	name[n] = '\0';
	s->at = p + 1;
	return 0;
}

/* Resolve `name`, which, if relative, is beside the including file. */
static int
resolve(struct confexpand *t, const struct source *s,
    char path[static PATH_MAX], const char *name)
{
	const char *self = t->files[s->number], *slash = strrchr(self, '/');
	int folder = *name == '/' || slash == NULL ? 0 :
	    (int)(slash + 1 - self);
	int n;

	if (*name != '/' && s->parent == NULL && t->folder != NULL)
		n = snprintf(path, PATH_MAX, "%s/%s", t->folder, name);
	else
		n = snprintf(path, PATH_MAX, "%.*s%s", folder, self, name);
	if (n < PATH_MAX)
		return 0;
	return complain_line(s, t, s->line, "@include: the name is too long");
}

static int
complain_file(struct confexpand *t, const struct source *parent,
    const char *path, int err)
{
	char most[64] = "";

	if (err == -EFBIG)
		snprintf(most, sizeof(most), ": %zu bytes at most%s",
		    t->max_bytes, parent != NULL ? " in all" : "");
	if (parent == NULL)
		why_set(t->why, "%.400s: %s%s", path,
		    tool_read_text(err), most);
	else
		why_set(t->why, "%.180s:%d: @include \"%.180s\""
		    ": %s%s", t->files[parent->number], parent->line, path,
		    tool_read_text(err), most);
	return err;
}

static bool
includes_itself(const struct source *s)
{
	const struct source *above;

	for (above = s->parent; above != NULL; above = above->parent)
		if (above->file.dev == s->file.dev &&
		    above->file.ino == s->file.ino)
			return true;
	return false;
}

/*
 * Check that the bytes are text, and skip the mark that some editors put first.
 */
static int
check_bytes(struct confexpand *t, struct source *s)
{
	const char *p, *nul = memchr(s->file.text, '\0', s->file.len);
	int line = 1;

	if (nul != NULL) {
		for (p = s->file.text; p < nul; p++)
			line += *p == '\n';
		return complain_line(s, t, line,
		    "holds a NUL byte, so it is not text");
	}
	if (strncmp(s->file.text, "\xef\xbb\xbf", 3) == 0)
		s->at = s->copied = s->file.text + 3;
	return 0;
}

static int
open_source(struct confexpand *t, struct source *s, const char *path)
{
	int err;

	if (t->n_files == CONFEXPAND_FILES)
		return complain_line(s->parent, t, s->parent->line,
		    "@include: too many files");
	if (s->depth > DEPTH_MAX)
		return complain_line(s->parent, t, s->parent->line,
		    "@include: too deep");
	t->files[t->n_files] = strdup(path);
	if (t->files[t->n_files] == NULL)
		return out_of_memory(t);
	s->number = t->n_files++;
	err = tool_load_file(&s->file, path, t->max_bytes - t->bytes,
	    t->regular);
	if (err < 0)
		return complain_file(t, s->parent, path, err);
	t->bytes += s->file.len;
	s->line = 1;
	s->at = s->copied = s->file.text;
	s->end = s->file.text + s->file.len;
	if (includes_itself(s))
		return complain_line(s->parent, t, s->parent->line,
		    "@include: the file includes itself");
	err = check_bytes(t, s);
	return err < 0 ? err : add_piece(t, s);
}

static int copy_file(struct confexpand *t, struct source *parent,
    const char *path);

/* Include a file. `s->at` is the @, and its line begins at `from`. */
static int
include(struct confexpand *t, struct source *s, const char *from)
{
	char name[PATH_MAX], path[PATH_MAX];
	int err;

	err = read_name(t, s, name);
	if (err == 0)
		err = resolve(t, s, path, name);
	if (err == 0)
		err = copy_text(t, s, from);
	if (err == 0)
		err = copy_file(t, s, path);
	return err < 0 ? err : add_piece(t, s);
}

/* Count and skip a character that is in no string, comment or include. */
static int
count(struct confexpand *t, struct source *s)
{
	char c = *s->at++;

	t->settings += c == '=' || c == ':';
	t->nesting += c == '(' || c == '[' || c == '{';
	t->nesting -= c == ')' || c == ']' || c == '}';
	if (t->settings > SETTINGS_MAX)
		return complain_line(s, t, s->line, "too many settings");
	if (t->nesting > NESTING_MAX)
		return complain_line(s, t, s->line, "too many brackets open");
	return 0;
}

/*
 * Copy from a line's beginning to its end, or further in a string or a comment.
 */
static int
copy_line(struct confexpand *t, struct source *s)
{
	int err = 0;

	s->at += strspn(s->at, " \t");
	if (*s->at == '@')
		err = include(t, s, s->at);
	while (err == 0 && s->at < s->end && *s->at != '\n') {
		if (*s->at == '#' || (s->at[0] == '/' && s->at[1] == '/')) {
			skip_line(s);
		} else if (s->at[0] == '/' && s->at[1] == '*') {
			err = skip_comment(t, s);
		} else if (*s->at == '"') {
			err = skip_string(t, s);
		} else if (*s->at == '@') {
			err = complain_line(s, t, s->line,
			    "@ is for @include at the beginning of a line");
		} else {
			err = count(t, s);
		}
	}
	return err;
}

static int
copy_source(struct confexpand *t, struct source *s)
{
	static const char newline[] = "\n";
	int err = 0;

	while (err == 0 && s->at < s->end) {
		err = copy_line(t, s);
		if (err == 0 && s->at < s->end) {
			s->at++;
			s->line++;
		}
	}
	if (err == 0)
		err = copy_text(t, s, s->at);
	/*
	 * A comment needs the newline, and what follows an include is not part
	 * of it.
	 */
	if (err == 0 && t->len > 0 && t->text[t->len - 1] != '\n')
		err = append(t, newline, newline + strlen(newline));
	return err;
}

static int
copy_file(struct confexpand *t, struct source *parent, const char *path)
{
	struct source s = {
		.parent = parent, .depth = parent != NULL ? parent->depth + 1 :
		    0
	};
	int err;

	err = open_source(t, &s, path);
	if (err == 0)
		err = copy_source(t, &s);
	if (parent == NULL)
		t->last_line = s.line;
	free(s.file.text);
	return err;
}

const char *
confexpand_find(const struct confexpand *t, int text_line, int *line)
{
	const struct confexpand_piece *p = t->pieces;
	size_t low = 0, high = t->n_pieces;

	while (high - low > 1) {	/* find the last that begins at or
					 * above it */
		size_t middle = low + (high - low) / 2;

		if (p[middle].text_line <= text_line)
			low = middle;
		else
			high = middle;
	}
	p += low;
	*line = p->line + text_line - p->text_line;
	/* Do not count the newline that was added to it. */
	if (p->file == 0 && *line > t->last_line)
		*line = t->last_line;
	return t->files[p->file];
}

int
confexpand_read(struct confexpand *t, const char *file)
{
	int err = append(t, "", "");

	return err < 0 ? err : copy_file(t, NULL, file);
}

void
confexpand_clear(struct confexpand *t)
{
	int i;

	for (i = 0; i < t->n_files; i++)
		free(t->files[i]);
	free(t->pieces);
	free(t->text);
}
