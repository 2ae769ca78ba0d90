/*
 * registration: tell the switch where to wake us (PUT /push), and keep it
 * informed. The request is repeated if the switch could not be reached. It is
 * also repeated every few minutes, because a lost push may have made the switch
 * forget.
 */
#ifndef RP_DIAL_REGISTRATION_H
#define RP_DIAL_REGISTRATION_H

#include "call/outcome.h"

struct dial_context;
struct push_endpoint;
struct registration;

struct registration_handlers {
	/* The switch has accepted a registration; called each time. */
	void (*registered)(void *arg);
	/*
	 * The switch could not be reached; retried by itself. `why` is one
	 * line.
	 */
	void (*delayed)(const char *why, void *arg);
	/* The switch refuses us; nothing is tried any more. */
	void (*refused)(enum outcome outcome, const char *why, void *arg);
};

/*
 * Start to register the endpoint, which must outlive it. It is told the key of
 * the switch. Handlers are called from the loop only.
 */
int registration_new(struct registration **out,
    const struct dial_context *context, struct push_endpoint *endpoint,
    const struct registration_handlers *handlers, void *arg);

/*
 * Return where our switch has answered, whose certificate we trust, or NULL
 * before it has.
 */
const struct addr *registration_home(const struct registration *registration);

/*
 * Send DELETE /push. `done` is called when it is answered or after two seconds.
 * No other handler follows.
 */
void registration_end(struct registration *registration,
    void (*done)(void *arg));

/* Free it. NULL is allowed. Allowed within any handler. */
void registration_free(struct registration *registration);

#endif
