/*
 * set: addresses without order or duplicates, for the comparison of answers.
 * See set.h.
 */
#include "conf/set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static size_t
find_addr(const struct set *set, const struct addr *a)
{
	size_t i;

	for (i = 0; i < set->n; i++)
		if (addr_equal_ip(&set->item[i], a))
			break;
	return i;
}

int
set_add(struct set *set, const struct addr *a)
{
	struct addr *more;

	if (set_has(set, a))
		return 0;
	more = realloc(set->item, (set->n + 1) * sizeof(*more));
	if (more == NULL)
		return -ENOMEM;
	set->item = more;
	set->item[set->n++] = *a;
	return 0;
}

int
set_add_all(struct set *set, const struct set *more)
{
	size_t i;
	int err = 0;

	for (i = 0; i < more->n && err == 0; i++)
		err = set_add(set, &more->item[i]);
	return err;
}

void
set_remove(struct set *set, const struct addr *a)
{
	size_t i = find_addr(set, a);

	if (i < set->n)
		set->item[i] = set->item[--set->n];
}

void
set_clear(struct set *set)
{
	free(set->item);
	set->item = NULL;
	set->n = 0;
}

bool
set_has(const struct set *set, const struct addr *a)
{
	return find_addr(set, a) < set->n;
}

bool
set_equal(const struct set *a, const struct set *b)
{
	return a->n == b->n && set_common(a, b) == a->n;
}

size_t
set_common(const struct set *a, const struct set *b)
{
	size_t i, n = 0;

	for (i = 0; i < a->n; i++)
		n += set_has(b, &a->item[i]);
	return n;
}

size_t
set_count(const struct set *set, bool v6)
{
	size_t i, n = 0;

	for (i = 0; i < set->n; i++)
		n += addr_is_v6(&set->item[i]) == v6;
	return n;
}

static int
compare(const void *a, const void *b)
{
	size_t a_bytes, b_bytes;
	const uint8_t *a_ip = addr_ip(a, &a_bytes);
	const uint8_t *b_ip = addr_ip(b, &b_bytes);

	if (a_bytes != b_bytes)
		return a_bytes < b_bytes ? -1 : 1;
	return memcmp(a_ip, b_ip, a_bytes);
}

void
set_sort(struct set *set)
{
	if (set->n > 1)
		qsort(set->item, set->n, sizeof(*set->item), compare);
}
