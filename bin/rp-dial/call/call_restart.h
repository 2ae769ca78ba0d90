/*
 * call_restart: carry out what restart decides: RESUME, a new description, the
 * answer to one. It acts on the call's media, session and watch.
 */
#ifndef RP_DIAL_CALL_RESTART_H
#define RP_DIAL_CALL_RESTART_H

#include <stdbool.h>

#include "call/restart.h"
#include "wire/sigmsg.h"

struct call_media;
struct call_signal;
struct call_watch;

/* The type of the INFO that has a description in mid-call. */
#define CALL_RESTART_CONTENT_TYPE "application/sdp"

/* The type of the INFO that refuses such an offer; its body says why. */
#define CALL_RESTART_REFUSAL_TYPE "application/rp-refusal"

/* Embedded in a call, and written by call_restart.c only. */
struct call_restart {
	struct restart restart;
	struct call_media *media;
	struct call_signal *signal;
	struct call_watch *watch;
	bool had_moved;			/* at the last tick */
};

/* Initialise. All parameters must outlive the restarts. */
void call_restart_init(struct call_restart *r, struct call_media *media,
    struct call_signal *signal, struct call_watch *watch);

/*
 * Note that a second has passed, or that the network has changed.
 *
 *  -ETIMEDOUT  the other side is gone: end the call
 */
int call_restart_tick(struct call_restart *r);
int call_restart_moved(struct call_restart *r);

/* Take the answer to RESUME, or to an INFO that failed. */
void call_restart_answered(struct call_restart *r, const struct sigmsg *msg);

/* Note that our signalling connection broke. */
void call_restart_away(struct call_restart *r);

/* Take the other side's refusal of our offer. The path stays as it is. */
void call_restart_refused(struct call_restart *r, const struct sigmsg *msg);

/*
 * Take a description: an offer of the other side's, or the answer to ours. One
 * that we cannot use is refused.
 *
 *  -EACCES     its certificate is not the one that DTLS has shown: end the call
 *  -ETIMEDOUT  the other side is gone: end the call
 */
int call_restart_described(struct call_restart *r, const struct sigmsg *msg);

#endif
