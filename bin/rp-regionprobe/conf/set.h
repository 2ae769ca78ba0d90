/* set: a set of addresses without order or duplicates. Ports do not count. */
#ifndef RP_REGIONPROBE_SET_H
#define RP_REGIONPROBE_SET_H

#include <stdbool.h>
#include <stddef.h>

#include "wire/addr.h"

struct set {			/* zeroed: empty */
	struct addr *item;
	size_t n;
};

/*
 * Add an address. Return 0, also if it was there already.
 *
 *  -ENOMEM  out of memory
 */
int set_add(struct set *set, const struct addr *a);
int set_add_all(struct set *set, const struct set *more);
void set_remove(struct set *set, const struct addr *a);
void set_clear(struct set *set);

bool set_has(const struct set *set, const struct addr *a);
bool set_equal(const struct set *a, const struct set *b);

/* Return how many addresses of `a` are in `b`. */
size_t set_common(const struct set *a, const struct set *b);

/* Return how many addresses are IPv4, or IPv6 if `v6`. */
size_t set_count(const struct set *set, bool v6);

/* Sort IPv4 before IPv6, each by number, for output that can be compared. */
void set_sort(struct set *set);

#endif
