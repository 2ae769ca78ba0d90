/*
 * probe_clock: find out why a relay refuses credentials that we made with its
 * secret. Either the secret is wrong, or the relay's clock is ahead of ours, so
 * that they have expired there. Credentials for other times tell which, and how
 * far the clock is ahead.
 */
#ifndef RP_DIAL_PROBE_CLOCK_H
#define RP_DIAL_PROBE_CLOCK_H

#include <stdint.h>

#include "turn_client/turn_client.h"

struct event_base;
struct probe_clock;
struct probe_target;

/*
 * The search is over. probe_clock_free is allowed.
 *
 *  0        the relay's clock is `ahead_s` ahead of ours
 *  -EACCES  the secret is wrong at every time
 *  others   for example, the relay no longer answers
 */
typedef void probe_clock_done(int err, int64_t ahead_s, void *arg);

/*
 * Start the search at the relay of `options`, which refused credentials valid
 * until wall + lifetime_s. `target` has the secret and must outlive the search;
 * the credentials in `options` are not used. Return a negative errno if it was
 * not started.
 */
int probe_clock_new(struct probe_clock **out, struct event_base *loop,
    const struct turn_client_options *options,
    const struct probe_target *target, int64_t lifetime_s,
    probe_clock_done *done, void *arg);

/* Free the search. NULL is allowed. */
void probe_clock_free(struct probe_clock *clock);

#endif
