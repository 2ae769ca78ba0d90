/*
 * zone_sets: Route 53's resource record sets, as `aws route53
 * list-resource-record-sets` prints them in JSON.
 */
#ifndef RP_REGIONPROBE_ZONE_SETS_H
#define RP_REGIONPROBE_ZONE_SETS_H

#include <jansson.h>

#include "zonefile/zone_change.h"

/*
 * Read the list; the caller owns the array.
 *
 *  -EINVAL  it is not such a list, or only a part of one; `why` says where
 */
int zone_sets_read(const struct zone_text *text, json_t **out,
    char why[static WHY_TEXT]);

/* Return the list as aws prints it, which the caller frees, or NULL. */
char *zone_sets_print(json_t *sets);

/* Write "file: set NAME TYPE IDENTIFIER WHAT", and return -EINVAL. */
int zone_sets_fault(const struct zone_text *text, const json_t *set,
    char why[static WHY_TEXT], const char *what);

/* Return the string with that key, or "". */
const char *zone_sets_text(const json_t *set, const char *key);

/*
 * Is the set of that name and type? Route 53 writes most bytes but letters,
 * digits, "-" and "_" as "\052", in octal.
 */
bool zone_sets_is_for(const json_t *set, const char *name, const char *type);

/*
 * Add the set's addresses to `out`, which the caller clears.
 *
 *  -EINVAL  one is not an address
 */
int zone_sets_addrs(const json_t *set, struct set *out);

/*
 * Add the change's address to the set, or take it out. The others keep their
 * order. Return how many there are then.
 */
size_t zone_sets_change(json_t *set, const struct zone_change *change);

/* Insert a set behind the last one of its name. */
int zone_sets_insert(json_t *sets, json_t *set);

#endif
