/* count: a sorted list of names. See count.h. */
#include "world/count.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define NAME 48
#define COUNTS 256			/* names; more is a mistake */

struct count {
	char name[NAME];
	uint64_t n;
};

static struct count counts[COUNTS];
static size_t n_counts;

/* Return the place of a name, or where it would be. */
static size_t
place(const char *name)
{
	size_t low = 0, high = n_counts, middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (strcmp(counts[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool
is_at(size_t i, const char *name)
{
	return i < n_counts && strcmp(counts[i].name, name) == 0;
}

void
count_add(const char *name, uint64_t n)
{
	size_t i = place(name);

	if (!is_at(i, name)) {
		if (n_counts == COUNTS || strlen(name) >= NAME)
			abort();
		memmove(&counts[i + 1], &counts[i],
		    (n_counts - i) * sizeof(counts[0]));
		strcpy(counts[i].name, name);
		counts[i].n = 0;
		n_counts++;
	}
	counts[i].n += n;
}

void
count_in(const char *area, const char *name, uint64_t n)
{
	char whole[2 * NAME];

	snprintf(whole, sizeof(whole), "%s.%s", area, name);
	count_add(whole, n);
}

uint64_t
count_of(const char *name)
{
	size_t i = place(name);

	return is_at(i, name) ? counts[i].n : 0;
}

void
count_write(FILE *out)
{
	size_t i;

	for (i = 0; i < n_counts; i++)
		fprintf(out, "%s %llu\n", counts[i].name,
		    (unsigned long long)counts[i].n);
}

void
count_line(const char *line)
{
	char name[NAME];
	unsigned long long n;

	if (sscanf(line, "%47[a-z0-9._-] %llu", name, &n) == 2)
		count_add(name, n);
}

void
count_reset(void)
{
	n_counts = 0;
}
