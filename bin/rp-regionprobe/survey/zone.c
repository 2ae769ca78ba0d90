/* zone: find the zone that holds a name, and its servers. See zone.h. */
#include "survey/zone.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "wire/why.h"

#define SILENT_MAX 2		/* each costs four seconds */

/*
 * Ask for the records of a zone's top at that name. Write the zone that it is
 * in, or is the top of, if the answer tells.
 */
static int
ask_top(char zone[static ASK_NAME], const char *name, enum ask_type type,
    const struct addr *server, bool recurse)
{
	struct ask_question q = {
		.server = server, .name = name, .type = type,
		.recurse = recurse
	};
	struct ask_answer top;
	char why[WHY_TEXT];
	int err = ask(&top, &q, why);
	bool dotted = *name != '\0' && name[strlen(name) - 1] == '.';

	/* An alias is never a zone's top, so the zone is one above it. */
	if (err == 0 && top.alias_of[0] == '\0' && top.n_names > 0)
		snprintf(zone, ASK_NAME, "%.250s%s", type == ASK_SOA ?
		    top.names[0] : name, type == ASK_SOA || dotted ? "" : ".");
	/* The root has no switches; its SOA says that a zone is unknown. */
	if (strcmp(zone, ".") == 0)
		*zone = '\0';
	ask_clear(&top);
	return err;
}

/*
 * Walk up the labels, as nsupdate(1) does. The authority section would tell the
 * zone at once, but some resolvers remove that, or refuse SOA or NS.
 */
void
zone_name(char zone[static ASK_NAME], const char *name,
    const struct addr *server, bool recurse)
{
	const char *at = name;
	unsigned silent = 0;

	*zone = '\0';
	while (*at != '\0' && silent < SILENT_MAX) {
		silent += ask_top(zone, at, ASK_SOA, server, recurse) ==
		    -ETIMEDOUT;
		if (*zone == '\0' && silent < SILENT_MAX)
			silent += ask_top(zone, at, ASK_NS, server, recurse) ==
			    -ETIMEDOUT;
		/* An answer about another place does not help. */
		if (*zone != '\0' && zone_holds(zone, name))
			return;
		*zone = '\0';
		at = strchr(at, '.');
		at = at != NULL ? at + 1 : "";
	}
}

static void
add_server(struct zone *zone, const struct addr *addr, const char *name)
{
	if (zone->n == ZONE_SERVERS)
		return;
	zone->servers[zone->n].addr = *addr;
	snprintf(zone->servers[zone->n].name,
	    sizeof(zone->servers[zone->n].name), "%s", name);
	zone->n++;
}

/* Add all addresses of a name server. Return how many questions were lost. */
static unsigned
add_addresses(struct zone *zone, const char *name, const struct addr *resolver)
{
	static const enum ask_type families[] = { ASK_A, ASK_AAAA };
	unsigned silent = 0;
	char why[WHY_TEXT];
	size_t i, k;

	for (i = 0; i < 2; i++) {
		struct ask_question q = {
			.server = resolver, .name = name,
			.type = families[i], .recurse = true
		};
		struct ask_answer addrs;

		silent += ask(&addrs, &q, why) == -ETIMEDOUT;
		for (k = 0; k < addrs.addrs.n; k++)
			add_server(zone, &addrs.addrs.item[k], name);
		ask_clear(&addrs);
	}
	return silent;
}

void
zone_find(struct zone *out, const char *name, const struct addr *resolver)
{
	struct ask_question q = {
		.server = resolver, .name = out->name, .type = ASK_NS,
		.recurse = true
	};
	struct ask_answer top;
	unsigned silent = 0;
	char why[WHY_TEXT];
	size_t i, first = 0;

	out->n = 0;
	zone_name(out->name, name, resolver, true);
	if (out->name[0] == '\0')
		return;
	if (ask(&top, &q, why) < 0 || top.n_names == 0) {
		/* The SOA names the primary, behind its own name. */
		ask_clear(&top);
		q.type = ASK_SOA;
		(void)ask(&top, &q, why);
		first = 1;
	}
	for (i = first; i < top.n_names && silent < SILENT_MAX; i++)
		silent += add_addresses(out, top.names[i], resolver);
	ask_clear(&top);
}

/* Return the length without the last dot. */
static size_t
name_len(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && name[len - 1] == '.' ? len - 1 : len;
}

bool
zone_holds(const char *zone, const char *name)
{
	size_t top = name_len(zone), len = name_len(name);

	if (*zone == '\0' || len < top ||
	    strncasecmp(name + len - top, zone, top) != 0)
		return false;
	return top == 0 || len == top || name[len - top - 1] == '.';
}
