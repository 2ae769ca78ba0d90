/*
 * reply_early: what a push says of its call beforehand, so that the callee's
 * media need not wait for RING's answer (rp-push(7), "early"). Nobody has
 * proven any of it yet: DESIGN, "Media", says what it is good for. Pure, but
 * for the routes of this host.
 */
#ifndef RP_DIAL_REPLY_EARLY_H
#define RP_DIAL_REPLY_EARLY_H

#include <stdbool.h>
#include <stddef.h>

#include "call/reply.h"
#include "wire/addr.h"

#define REPLY_ADDRESSES 8	/* a switch has one or two */

struct json_t;

struct reply_early {
	struct reply reply;	/* its servers, and its offer unless left out */
	bool has_relayed;
	struct addr relayed;	/* where the caller's first allocation will be */
	struct addr addresses[REPLY_ADDRESSES];	/* of the switch, to connect */
	size_t n_addresses;
};

/*
 * Read the object. Return NULL if there is none, or one that is malformed. The
 * caller frees it.
 */
struct reply_early *reply_early_new(const struct json_t *object);

/*
 * Place the servers where this host reaches them, as reply_reach does, if the
 * switch is at one of `addresses`. None of these may be nearer than `home`, where
 * our own switch was reached: a push sends nobody into his own network. Return
 * false if nothing of it may be used.
 */
bool reply_early_place(struct reply_early *early, const struct addr *home);

/* Return whether this is the offer that was pushed, whatever ends its lines. */
bool reply_early_is_offer(const struct reply_early *early, const char *offer);

/* NULL is allowed. */
void reply_early_free(struct reply_early *early);

#endif
