/*
 * probe_relay_ways: collect the paths to try, from the command line or from the
 * switch's reply. Called by probe_relay.
 */
#include <string.h>

#include "base/clock.h"
#include "net/netwatch.h"
#include "probe/probe_relay_private.h"
#include "wire/turncred.h"

static void
take_url(struct probe_relay *relay, const struct turnurl *url)
{
	struct probe_relay_way *way = &relay->ways[relay->n++];
	struct addr source;

	way->server.via = reply_via(url->transport);
	strcpy(way->server.name, url->at.name);
	way->port = url->at.port;
	/* Without a route, resolve may know another form of it (NAT64). */
	way->resolved = addr_parse(&way->server.addr, url->at.name,
	    url->at.port) == 0 &&
	    netwatch_source(&source, &way->server.addr) == 0;
}

int
probe_relay_take_target(struct probe_relay *relay,
    const struct probe_target *target)
{
	size_t i;

	relay->target = target;
	for (i = 0; i < target->n; i++)
		take_url(relay, &target->urls[i]);
	return probe_target_sign(target, PROBE_RELAY_LIFETIME_S,
	    &relay->credentials);
}

/*
 * Take the switch's servers. It made the credentials just now, so they reveal
 * its clock.
 */
void
probe_relay_take_switch(struct probe_relay *relay,
    const struct probe_relay_source *from)
{
	struct turncred cred;
	size_t i;

	relay->reached = from->reached;
	for (i = 0; i < from->n; i++) {
		relay->ways[i].server = from->servers[i];
		relay->ways[i].resolved = true;
	}
	relay->n = from->n;
	if (from->n == 0 || from->ttl_s == 0 ||
	    turncred_parse(&cred, from->servers[0].username,
	    strlen(from->servers[0].username)) < 0)
		return;
	relay->has_clock = true;
	relay->ahead_s = cred.expiry_s - from->ttl_s - clock_wall_s();
}
