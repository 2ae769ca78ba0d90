/*
 * phone: what a person at a terminal has for a call besides its status line:
 * keys, ring tones, and news of devices. Enter answers; q declines or hangs up;
 * m mutes; c confirms the words.
 */
#ifndef RP_DIAL_PHONE_H
#define RP_DIAL_PHONE_H

#include <stdbool.h>

#include "wire/why.h"

struct call;
struct event_base;
struct handset;
struct live;
struct phone;

/* Called from the loop. */
struct phone_handlers {
	void (*answer)(void *arg);	/* may be NULL */
	void (*quit)(void *arg);
};

/* `handset` and `live` may be NULL; both must outlive the phone. */
struct phone_options {
	struct handset *handset;
	struct live *live;
};

/*
 * Create a phone, without keys where there is no terminal.
 *
 *  -ENOMEM  out of memory
 */
int phone_new(struct phone **out, struct event_base *loop,
    const struct phone_options *options,
    const struct phone_handlers *handlers, void *arg);

/* Give the terminal back. NULL is allowed, here and in the following. */
void phone_free(struct phone *phone);

/* Return whether somebody can press a key. */
bool phone_has_keys(const struct phone *phone);

/* Use the keys for this call (NULL: none, and pause the devices). */
void phone_watch(struct phone *phone, struct call *call);

/* Ring: we are called, or it rings at the other side. phone_quiet ends it. */
void phone_ring(struct phone *phone);
void phone_quiet(struct phone *phone);

#endif
