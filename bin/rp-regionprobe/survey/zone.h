/* zone: find the zone of a name and its name servers. */
#ifndef RP_REGIONPROBE_ZONE_H
#define RP_REGIONPROBE_ZONE_H

#include <stdbool.h>
#include <stddef.h>

#include "survey/ask.h"

#define ZONE_SERVERS 32

struct zone {
	char name[ASK_NAME];	/* with its last dot; "": not found */
	struct {
		struct addr addr;
		char name[ASK_NAME];
	} servers[ZONE_SERVERS];
	size_t n;
};

/*
 * Write the zone of `name`, as known by a resolver (`recurse`) or by one of its
 * own servers; "" if unknown. If `name` is an alias, it is the zone of the
 * alias. SOA and NS are asked at the name and at each name above it.
 */
void zone_name(char zone[static ASK_NAME], const char *name,
    const struct addr *server, bool recurse);

/*
 * Find through a resolver the zone of `name`, and all addresses of its servers.
 */
void zone_find(struct zone *out, const char *name,
    const struct addr *resolver);

/*
 * Return whether `name` is in that zone, or in one below it, with or without
 * their last dots.
 */
bool zone_holds(const char *zone, const char *name);

#endif
