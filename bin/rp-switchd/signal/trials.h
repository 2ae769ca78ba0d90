/*
 * trials: trials of the relay by subscribers (GET /relay of rp-signal(7)). A
 * trial is a call of its own for a minute, in which nobody is rung. It must not
 * become a free tunnel. A subscriber therefore has few at once and a limited
 * number per hour. After the minute its allocations are freed, even if they
 * were refreshed.
 */
#ifndef RP_SWITCHD_TRIALS_H
#define RP_SWITCHD_TRIALS_H

#include <stdint.h>

#include "base/crypto.h"
#include "wire/sigmsg.h"

struct event_base;
struct gate;
struct metrics;
struct quotas;
struct trials;

#define TRIALS_S 60		/* lifetime of a trial and its credentials */
#define TRIALS_AT_ONCE 8	/* per subscriber, to leave some for others */

struct trials_options {
	struct event_base *loop;
	struct metrics *metrics;
	const struct gate *gate;
	struct quotas *quotas;	/* relay.trials_per_hour */
	uint32_t lifetime_ms;
	/* Free the call's allocations, and let it make no more. */
	void (*end_media)(const char *session, void *arg);
	void *arg;
};

/* Make one. NULL if out of memory. */
struct trials *trials_new(const struct trials_options *options);
/* Free it. The relay frees what still runs. NULL is fine. */
void trials_free(struct trials *trials);

/*
 * Begin a trial for a subscriber's device, and write its session id into
 * `session`.
 *
 *   -EAGAIN  too many; one more after `*retry_ms` or later
 *   -EBUSY   the gate is closed
 *   -ENOMEM, -EIO
 */
int trials_begin(struct trials *trials, const char *number,
    const uint8_t token_hash[static CRYPTO_SHA256],
    char session[static SIGMSG_SESSION], uint32_t *retry_ms);

/* End the trials of a device that may not go on. */
void trials_end(struct trials *trials,
    const uint8_t token_hash[static CRYPTO_SHA256]);

#endif
