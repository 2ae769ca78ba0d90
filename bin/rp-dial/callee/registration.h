/*
 * registration: the switch knows where to wake us (PUT /push), and goes on
 * knowing: it is told again when it could not be reached, and every few
 * minutes, since a push that was lost may have made it forget.
 */
#ifndef RP_DIAL_REGISTRATION_H
#define RP_DIAL_REGISTRATION_H

#include "call/outcome.h"

struct dial_context;
struct registration;

struct registration_handlers {
	/* The switch knows; called each time. */
	void (*registered)(void *arg);
	/* It could not be told; tried again by itself. why is one line. */
	void (*delayed)(const char *why, void *arg);
	/* It will not have us: nothing is tried any more. */
	void (*refused)(enum outcome outcome, const char *why, void *arg);
};

/* body must outlive it. Handlers are called from the loop only. */
int registration_new(struct registration **out,
    const struct dial_context *context, const char *body,
    const struct registration_handlers *handlers, void *arg);

/*
 * DELETE /push: done is called when it is answered or after two seconds. No
 * other handler follows.
 */
void registration_end(struct registration *registration,
    void (*done)(void *arg));

/* NULL is fine; allowed within any handler. */
void registration_free(struct registration *registration);

#endif
