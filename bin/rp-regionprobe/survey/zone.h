/*
 * zone: which zone a name is in, and who serves it.
 */
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
 * The zone of name, as a resolver (recurse) or one of its own servers knows it;
 * "" if it does not. Where name is an alias, the zone that the alias is in.
 */
void zone_name(char zone[static ASK_NAME], const char *name,
    const struct addr *server, bool recurse);

/* Through a resolver: the zone of name, and all addresses of its servers. */
void zone_find(struct zone *out, const char *name,
    const struct addr *resolver);

/* Is name in that zone, or in one below it? With or without their last dots. */
bool zone_holds(const char *zone, const char *name);

#endif
