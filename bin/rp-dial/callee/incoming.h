/*
 * incoming: the callee's side of a call, from a push to the report. Everything
 * that can be done while it rings is: allocation, ICE, DTLS; ANSWER waits for
 * the ringing time, for the person, if one is asked, and a moment for media.
 */
#ifndef RP_DIAL_INCOMING_H
#define RP_DIAL_INCOMING_H

#include <stdbool.h>

#include "call/reply.h"

struct call;
struct dial_context;
struct incoming;

struct incoming_handlers {
	/* It rings here: ask the person now, if one is asked. */
	void (*ringing)(struct call *call, void *arg);
	/* All over; the report is complete. Free it. */
	void (*ended)(struct call *call, void *arg);
};

/* ask: ANSWER waits for incoming_accept. Copies push. A negative errno. */
#define INCOMING_WHY MEDIA_WHY
int incoming_new(struct incoming **out, const struct dial_context *context,
    const struct reply_push *push, bool ask,
    const struct incoming_handlers *handlers, void *arg,
    char why[static INCOMING_WHY]);

/* The person picked up, or would not. */
void incoming_accept(struct incoming *incoming);
void incoming_decline(struct incoming *incoming);

/* The caller gave up, as a push says. Nothing if it was answered. */
void incoming_cancelled(struct incoming *incoming);

/*
 * A push for another call came. True if this one is lost and its caller dials
 * again, so that it ends now, as one that moved.
 */
bool incoming_give_way(struct incoming *incoming,
    const struct reply_push *push);

/* We stop: hang up. */
void incoming_stop(struct incoming *incoming);

const char *incoming_session(const struct incoming *incoming);

/* NULL is fine; allowed within ended. */
void incoming_free(struct incoming *incoming);

#endif
