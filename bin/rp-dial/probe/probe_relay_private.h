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
#include "probe/probe_target.h"
#include "probe/probe_way.h"

struct probe_relay_way {
	struct media_ice_server server;	/* its credentials are a switch's */
	uint16_t port;			/* of server.name, to be looked up, */
	bool resolved;			/* unless server.addr is known */
	bool tried;
	bool skipped;			/* there is no route to it from here */
	struct probe_way_result result;
};

struct probe_relay {
	const struct dial_context *context;
	struct addr reached;		/* none: there is no switch */
	bool has_clock;
	int64_t ahead_s;		/* the switch's clock, ahead of ours */
	const struct probe_target *target;	/* NULL: there is a switch */
	struct probe_target_credentials credentials;	/* for `target` */
	struct probe_relay_way ways[PROBE_RELAY_WAYS];
	size_t n, i;			/* all, and the current one */
	struct probe_lookup *lookup;
	struct probe_way *way;
	struct probe_clock *clock;
	struct loop_event *begin, *late;
	bool elsewhere;			/* tried at the switch's address */
	probe_relay_done *done;
	void *arg;
};

#define PROBE_RELAY_LIFETIME_S 600	/* of credentials that we make */

/* Take the relay that the options name. Return as probe_target_sign. */
int probe_relay_take_target(struct probe_relay *relay,
    const struct probe_target *target);
void probe_relay_take_switch(struct probe_relay *relay,
    const struct probe_relay_source *from);

#endif
