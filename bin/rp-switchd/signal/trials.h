/*
 * trials: a subscriber tries the relay (GET /relay of rp-signal(7)): a call of
 * its own for a minute, in which nobody is rung. It must be no free tunnel, so
 * a subscriber has few at once and so many an hour, and when the minute is over
 * what was allocated is freed, whatever refreshes it.
 */
#ifndef RP_SWITCHD_TRIALS_H
#define RP_SWITCHD_TRIALS_H

#include <stdint.h>

#include "wire/sigmsg.h"

struct event_base;
struct gate;
struct metrics;
struct trials;

#define TRIALS_S 60		/* how long one lasts, its credentials too */
#define TRIALS_AT_ONCE 8	/* of a subscriber: all are there for others */
#define TRIALS_PER_HOUR 30	/* of a subscriber; monitors ask at times */

struct trials_options {
	struct event_base *loop;
	struct metrics *metrics;
	const struct gate *gate;
	uint32_t lifetime_ms;
	/* Free what the call has allocated, and let it allocate no more. */
	void (*end_media)(const char *session, void *arg);
	void *arg;
};

/* NULL if out of memory. */
struct trials *trials_new(const struct trials_options *options);
/* NULL is fine. What runs is the relay's to free. */
void trials_free(struct trials *trials);

/*
 * One more for the subscriber; its session in session. -EAGAIN: too many, one
 * more in *retry_ms or later. -EBUSY: the gate is closed. -ENOMEM, -EIO.
 */
int trials_begin(struct trials *trials, const char *number,
    char session[static SIGMSG_SESSION], uint32_t *retry_ms);

#endif
