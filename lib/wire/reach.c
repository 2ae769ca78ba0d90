/*
 * reach: decide whether an address may be called: public, denied or on the
 * allow list. See reach.h.
 */
#include "wire/reach.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "wire/prefix.h"
#include "wire/why.h"

struct list {
	struct prefix *item;
	size_t n;
};

struct reach {
	struct list allow, deny;
};

static int
list_fill(struct list *list, char *const text[], size_t n,
    char why[static WHY_TEXT])
{
	if (n == 0)
		return 0;
	list->item = calloc(n, sizeof(*list->item));
	if (list->item == NULL) {
		why_set(why, "out of memory");
		return -ENOMEM;
	}
	for (; list->n < n; list->n++) {
		const char *t = text[list->n];

		if (prefix_parse(&list->item[list->n], t) == 0)
			continue;
		why_set(why, "%.60s: not a block of addresses", t);
		return -EINVAL;
	}
	return 0;
}

static bool
list_holds(const struct list *list, const struct addr *addr)
{
	return prefix_any_holds(list->item, list->n, addr);
}

int
reach_new(struct reach **out, const struct reach_lists *lists,
    char why[static WHY_TEXT])
{
	struct reach *reach = calloc(1, sizeof(*reach));
	int err;

	if (reach == NULL) {
		why_set(why, "out of memory");
		return -ENOMEM;
	}
	err = list_fill(&reach->allow, lists->allow, lists->n_allow, why);
	if (err == 0)
		err = list_fill(&reach->deny, lists->deny, lists->n_deny,
		    why);
	if (err < 0) {
		reach_free(reach);
		return err;
	}
	*out = reach;
	return 0;
}

void
reach_free(struct reach *reach)
{
	if (reach == NULL)
		return;
	free(reach->allow.item);
	free(reach->deny.item);
	free(reach);
}

bool
reach_ok(const struct reach *reach, const struct addr *addr, bool tls)
{
	if (list_holds(&reach->deny, addr))
		return false;
	if (list_holds(&reach->allow, addr))
		return true;
	return tls && addr_is_public(addr);
}

bool
reach_plain(const struct reach *reach)
{
	return reach->allow.n > 0;
}
