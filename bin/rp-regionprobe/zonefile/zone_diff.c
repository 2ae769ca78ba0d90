/*
 * zone_diff: print a unified diff, by the method of Myers ("An O(ND) Difference
 * Algorithm and Its Variations", 1986). See zone_diff.h.
 */
#include "zonefile/zone_diff.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CONTEXT 3	/* lines around a change, as diff(1) has them */
/*
 * The most lines that may differ, as the memory grows by the square, here to 64
 * MiB. It is a region of 2,000 networks. Beyond it all is shown as replaced.
 */
#define EDITS_MAX 5792

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
	size_t first;		/* lines that both begin with */
	size_t a_end, b_end;	/* where the lines that both end with begin */
	bool *gone, *came;	/* for each line of `a`, and of `b` */
	/* how far each path of d edits comes; d + 1 numbers for each d */
	int32_t *reach;
	size_t n_reach;
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
	return d->a.line[a].len == d->b.line[b].len &&
	    memcmp(d->a.line[a].text, d->b.line[b].text,
	    d->a.line[a].len) == 0;
}

/* Note the lines that both sides begin and end with. */
static void
trim(struct diff *d)
{
	d->a_end = d->a.n;
	d->b_end = d->b.n;
	while (d->first < d->a_end && d->first < d->b_end &&
	    is_same(d, d->first, d->first))
		d->first++;
	while (d->a_end > d->first && d->b_end > d->first &&
	    is_same(d, d->a_end - 1, d->b_end - 1)) {
		d->a_end--;
		d->b_end--;
	}
}

/*
 * Return how far the path of `edits` on diagonal `k` comes in `a`: k is -edits,
 * -edits + 2, ..., edits, and is lines of `a` less those of `b`.
 */
static int32_t
reach_of(const struct diff *d, int32_t edits, int32_t k)
{
	size_t row = (size_t)edits * ((size_t)edits + 1) / 2;

	if (edits < 0 || k < -edits || k > edits)
		return -1;
	return d->reach[row + (size_t)(k + edits) / 2];
}

/* Does the best path to diagonal `k` come by a line that `b` has more? */
static bool
is_by_insertion(const struct diff *d, int32_t edits, int32_t k)
{
	return k == -edits || (k != edits &&
	    reach_of(d, edits - 1, k - 1) < reach_of(d, edits - 1, k + 1));
}

/* Return where the path goes on to, past all lines that are the same. */
static int32_t
follow_same(const struct diff *d, int32_t x, int32_t k)
{
	size_t a = d->first + (size_t)x, b = d->first + (size_t)(x - k);

	for (; a < d->a_end && b < d->b_end && is_same(d, a, b); a++, b++)
		x++;
	return x;
}

/* Compute the paths of that many edits. Return whether one is at the end. */
static bool
compute_reach(struct diff *d, int32_t edits)
{
	int32_t n = (int32_t)(d->a_end - d->first);
	int32_t m = (int32_t)(d->b_end - d->first), k, x;

	for (k = -edits; k <= edits; k += 2) {
		x = edits == 0 ? 0 : is_by_insertion(d, edits, k) ?
		    reach_of(d, edits - 1, k + 1) :
		    reach_of(d, edits - 1, k - 1) + 1;
		/* A path that has left the lines goes no further. */
		if (x <= n && x - k <= m && x >= k)
			x = follow_same(d, x, k);
		d->reach[d->n_reach++] = x;
		if (x >= n && x - k >= m)
			return true;
	}
	return false;
}

/* Walk back from the end, and mark what each step has taken out or put in. */
static void
mark_edits(struct diff *d, int32_t edits)
{
	int32_t x = (int32_t)(d->a_end - d->first);
	int32_t y = (int32_t)(d->b_end - d->first);

	for (; edits > 0; edits--) {
		bool inserted = is_by_insertion(d, edits, x - y);
		int32_t k = inserted ? x - y + 1 : x - y - 1;

		x = reach_of(d, edits - 1, k);
		y = x - k;
		if (inserted)
			d->came[d->first + (size_t)y] = true;
		else
			d->gone[d->first + (size_t)x] = true;
	}
}

static int
mark_lines(struct diff *d)
{
	int32_t edits = 0;
	size_t i;

	trim(d);
	d->gone = calloc(d->a.n + 1, sizeof(*d->gone));
	d->came = calloc(d->b.n + 1, sizeof(*d->came));
	if (d->gone == NULL || d->came == NULL)
		return -ENOMEM;
	for (; edits <= EDITS_MAX; edits++) {
		int32_t *more = realloc(d->reach, (d->n_reach +
		    (size_t)edits + 1) * sizeof(*more));

		if (more == NULL)
			return -ENOMEM;
		d->reach = more;
		if (!compute_reach(d, edits))
			continue;
		mark_edits(d, edits);
		return 0;
	}
	for (i = d->first; i < d->a_end; i++)
		d->gone[i] = true;
	for (i = d->first; i < d->b_end; i++)
		d->came[i] = true;
	return 0;
}

static int
find_chunks(struct diff *d)
{
	struct chunk c = { 0 }, *more;

	while (c.a < d->a.n || c.b < d->b.n) {
		c.a_end = c.a;
		c.b_end = c.b;
		while (d->gone[c.a_end])
			c.a_end++;
		while (d->came[c.b_end])
			c.b_end++;
		if (c.a_end == c.a && c.b_end == c.b) {
			c.a++;
			c.b++;
			continue;
		}
		more = realloc(d->chunk, (d->n + 1) * sizeof(*more));
		if (more == NULL)
			return -ENOMEM;
		d->chunk = more;
		more[d->n++] = c;
		c.a = c.a_end;
		c.b = c.b_end;
	}
	return 0;
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
		err = mark_lines(&d);
	if (err == 0)
		err = find_chunks(&d);
	if (err == 0)
		print_hunks(&d, file, out);
	free(d.a.line);
	free(d.b.line);
	free(d.chunk);
	free(d.gone);
	free(d.came);
	free(d.reach);
	return err;
}
