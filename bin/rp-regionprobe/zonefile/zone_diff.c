/*
 * zone_diff: print a unified diff. Changes are few and local, so it looks for
 * the nearest equal lines after each difference. It is always right, and nearly
 * always the shortest one. See zone_diff.h.
 */
#include "zonefile/zone_diff.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define CONTEXT 3	/* lines around a change, as diff(1) has them */
/* Lines to look ahead for equal ones, as the time grows by the square. */
#define AHEAD_MAX 4096

struct line {
	const char *text;
	size_t len;	/* with its newline, which the last may lack */
};

struct side {
	struct line *line;
	size_t n;
};

/* Lines of both sides that differ: [a, a_end) became [b, b_end). */
struct chunk {
	size_t a, a_end, b, b_end;
};

struct diff {
	struct side a, b;
	struct chunk *chunk;
	size_t n;
};

static int
split_lines(struct side *side, const char *text)
{
	size_t n = 1;
	const char *p;

	for (p = text; *p != '\0'; p++)
		n += *p == '\n';
	side->line = calloc(n, sizeof(*side->line));
	if (side->line == NULL)
		return -ENOMEM;
	while (*text != '\0') {
		p = strchr(text, '\n');
		p = p != NULL ? p + 1 : text + strlen(text);
		side->line[side->n++] = (struct line){ text,
			(size_t)(p - text) };
		text = p;
	}
	return 0;
}

static bool
is_same(const struct diff *d, size_t a, size_t b)
{
	if (a == d->a.n || b == d->b.n)
		return a == d->a.n && b == d->b.n;
	return d->a.line[a].len == d->b.line[b].len &&
	    memcmp(d->a.line[a].text, d->b.line[b].text,
	    d->a.line[a].len) == 0;
}

/* Does the line say something, or is it empty or "}" like many others? */
static bool
is_telling(const struct diff *d, size_t a)
{
	size_t i;

	for (i = 0; a < d->a.n && i < d->a.line[a].len; i++)
		if (isalnum((unsigned char)d->a.line[a].text[i]))
			return true;
	return a == d->a.n;
}

/*
 * Find the next place that both sides have, with the least lines before it. The
 * line after one that says nothing must be the same too.
 */
static void
find_same(const struct diff *d, struct chunk *c)
{
	size_t sum, i;

	for (sum = 1; sum < AHEAD_MAX; sum++)
		for (i = 0; i <= sum; i++) {
			size_t a = c->a + i, b = c->b + sum - i;

			if (a > d->a.n || b > d->b.n || !is_same(d, a, b))
				continue;
			if (!is_telling(d, a) && !is_same(d, a + 1, b + 1))
				continue;
			c->a_end = a;
			c->b_end = b;
			return;
		}
	c->a_end = d->a.n;
	c->b_end = d->b.n;
}

static int
find_chunks(struct diff *d)
{
	struct chunk c = { 0 }, *more;

	for (;;) {
		while (is_same(d, c.a, c.b)) {
			if (c.a == d->a.n)
				return 0;
			c.a++;
			c.b++;
		}
		find_same(d, &c);
		more = realloc(d->chunk, (d->n + 1) * sizeof(*more));
		if (more == NULL)
			return -ENOMEM;
		d->chunk = more;
		more[d->n++] = c;
		c.a = c.a_end;
		c.b = c.b_end;
	}
}

static void
print_lines(const struct side *side, size_t from, size_t to, char mark,
    FILE *out)
{
	for (; from < to; from++) {
		const struct line *l = &side->line[from];

		putc(mark, out);
		fwrite(l->text, 1, l->len, out);
		if (l->text[l->len - 1] != '\n')
			fputs("\n\\ No newline at end of file\n", out);
	}
}

static void
print_range(FILE *out, char mark, size_t from, size_t to)
{
	/* An empty range is told by the line before it. */
	fprintf(out, " %c%zu", mark, from < to ? from + 1 : from);
	if (to - from != 1)
		fprintf(out, ",%zu", to - from);
}

/* Print the chunks [first, last) as one hunk. */
static void
print_hunk(const struct diff *d, size_t first, size_t last, FILE *out)
{
	const struct chunk *c = &d->chunk[first], *end = &d->chunk[last - 1];
	size_t before = c->a < CONTEXT ? c->a : CONTEXT, at = c->a - before;
	size_t after = d->a.n - end->a_end;
	size_t i;

	after = after < CONTEXT ? after : CONTEXT;
	fputs("@@", out);
	print_range(out, '-', at, end->a_end + after);
	print_range(out, '+', c->b - before, end->b_end + after);
	fputs(" @@\n", out);
	for (i = first; i < last; i++) {
		c = &d->chunk[i];
		print_lines(&d->a, at, c->a, ' ', out);
		print_lines(&d->a, c->a, c->a_end, '-', out);
		print_lines(&d->b, c->b, c->b_end, '+', out);
		at = c->a_end;
	}
	print_lines(&d->a, at, end->a_end + after, ' ', out);
}

static void
print_hunks(const struct diff *d, const char *file, FILE *out)
{
	size_t first, last;

	if (d->n > 0)
		fprintf(out, "--- %s\n+++ %s\n", file, file);
	for (first = 0; first < d->n; first = last) {
		last = first + 1;
		while (last < d->n && d->chunk[last].a -
		    d->chunk[last - 1].a_end <= 2 * CONTEXT)
			last++;
		print_hunk(d, first, last, out);
	}
}

int
zone_diff_print(const char *file, const char *before, const char *after,
    FILE *out)
{
	struct diff d = { 0 };
	int err = split_lines(&d.a, before);

	if (err == 0)
		err = split_lines(&d.b, after);
	if (err == 0)
		err = find_chunks(&d);
	if (err == 0)
		print_hunks(&d, file, out);
	free(d.a.line);
	free(d.b.line);
	free(d.chunk);
	return err;
}
