/*
 * probe_relay_private: the state that probe_relay's files share: the run
 * itself, the list of paths (probe_relay_ways.c), and the output
 * (probe_relay_show.c).
 */
#ifndef RP_DIAL_PROBE_RELAY_PRIVATE_H
#define RP_DIAL_PROBE_RELAY_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include "call/reply.h"
#include "conf/options.h"
#include "media/media.h"
#include "probe/probe_relay.h"
#include "probe/probe_way.h"

#define PROBE_RELAY_WAYS \
	(REPLY_SERVERS > OPTIONS_RELAYS ? REPLY_SERVERS : OPTIONS_RELAYS)

struct probe_relay_way {
	struct media_ice_server server;
	uint16_t port;			/* of server.name, to be resolved, */
	bool resolved;			/* unless server.addr is known */
	bool tried;
	struct probe_way_result result;
};

struct probe_relay {
	const struct dial_context *context;
	struct addr reached;		/* none: there is no switch */
	bool has_clock;
	int64_t ahead_s;		/* the switch's clock, ahead of ours */
	bool has_secret; /* `password` is that, to make credentials */
	char *password;			/* of the options, or NULL */
	struct probe_relay_way ways[PROBE_RELAY_WAYS];
	size_t n, i;			/* all, and the current one */
	struct resolve *resolve;
	struct probe_way *way;
	struct probe_clock *clock;
	struct loop_event *begin;
	bool elsewhere;			/* tried at the switch's address */
	probe_relay_done *done;
	void *arg;
};

#define PROBE_RELAY_LIFETIME_S 600	/* of credentials that we make */

/* Take the relay from the options. On a fault, print it and return -errno. */
int probe_relay_take_options(struct probe_relay *relay);
void probe_relay_take_switch(struct probe_relay *relay,
    const struct probe_relay_switch *from);

#endif
