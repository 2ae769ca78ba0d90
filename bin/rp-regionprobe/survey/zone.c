/* zone: find the zone that holds a name, and its servers. See zone.h. */
#include "survey/zone.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "wire/why.h"

void
zone_name(char zone[static ASK_NAME], const char *name,
    const struct addr *server, bool recurse)
{
	struct ask_question q = {
		.server = server, .name = name, .type = ASK_SOA,
		.recurse = recurse
	};
	struct ask_answer soa;
	char why[WHY_TEXT];
	bool is_alias;

	*zone = '\0';
	if (ask(&soa, &q, why) < 0) {
		ask_clear(&soa);
		return;
	}
	is_alias = soa.alias_of[0] != '\0';
	if (!is_alias && soa.n_names > 0)
		snprintf(zone, ASK_NAME, "%s", soa.names[0]);
	ask_clear(&soa);
	/* An alias is never a zone's apex, so the name above is in its zone. */
	name = strchr(name, '.');
	if (is_alias && name != NULL && name[1] != '\0')
		zone_name(zone, name + 1, server, recurse);
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

void
zone_find(struct zone *out, const char *name, const struct addr *resolver)
{
	struct ask_question q = {
		.server = resolver, .name = out->name, .type = ASK_NS,
		.recurse = true
	};
	struct ask_answer ns, addrs;
	char why[WHY_TEXT];
	size_t i, k, type;

	out->n = 0;
	zone_name(out->name, name, resolver, true);
	if (out->name[0] == '\0')
		return;
	if (ask(&ns, &q, why) < 0)
		ns.n_names = 0;
	for (i = 0; i < ns.n_names; i++)
		for (type = ASK_A; type <= ASK_AAAA; type++) {
			q.name = ns.names[i];
			q.type = (enum ask_type)type;
			if (ask(&addrs, &q, why) < 0)
				addrs.addrs.n = 0;
			for (k = 0; k < addrs.addrs.n; k++)
				add_server(out, &addrs.addrs.item[k],
				    ns.names[i]);
			ask_clear(&addrs);
		}
	ask_clear(&ns);
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
