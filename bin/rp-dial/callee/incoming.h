/*
 * incoming: the callee's side of a call, from a push to the report. Allocation,
 * ICE and DTLS run while it rings; if the push said enough, while we connect, and
 * RING has our answer. ANSWER waits for the ringing time, for the user if one
 * must accept, and a moment for media. Without a user and a ringing time it goes
 * right behind such a RING.
 */
#ifndef RP_DIAL_INCOMING_H
#define RP_DIAL_INCOMING_H

#include <stdbool.h>

#include "call/reply_push.h"
#include "wire/why.h"

struct call;
struct dial_context;
struct incoming;

struct incoming_handlers {
	/* The call rings here: ask the user now, if one must accept. */
	void (*ringing)(struct call *call, void *arg);
	/* The call is over and the report is complete. Free it. */
	void (*ended)(struct call *call, void *arg);
};

/*
 * Start to take the call of `push`, which is copied, without its `early`: that
 * is taken over. With `ask`, ANSWER waits for incoming_accept. Return 0 or a
 * negative errno.
 */
int incoming_new(struct incoming **out, const struct dial_context *context,
    struct reply_push *push, bool ask,
    const struct incoming_handlers *handlers, void *arg,
    char why[static WHY_TEXT]);

/* Note that the user accepted or declined the call. */
void incoming_accept(struct incoming *incoming);
void incoming_decline(struct incoming *incoming);

/*
 * End the call, because a push says that the caller gave up. Does nothing if it
 * was answered.
 */
void incoming_cancelled(struct incoming *incoming);

/*
 * Take a push for another call. Return true if this call is lost and its caller
 * dials again; it then ends now, as one that moved.
 */
bool incoming_give_way(struct incoming *incoming,
    const struct reply_push *push);

/* Hang up, because the program stops. */
void incoming_stop(struct incoming *incoming);

const char *incoming_session(const struct incoming *incoming);

/* Free it. NULL is allowed. Allowed within `ended`. */
void incoming_free(struct incoming *incoming);

#endif
