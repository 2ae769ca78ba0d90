/*
 * booking: what the start and the end of an attempt mean, for its endpoint and
 * for its push service. Called by engine.
 */
#ifndef RP_PUSHSEND_BOOKING_H
#define RP_PUSHSEND_BOOKING_H

#include <stdbool.h>
#include <stdint.h>

#include "providers/provider.h"
#include "queue/endpoints.h"

struct job;

/*
 * Return until when the job's endpoint is not to be tried, or 0. Put into
 * `lane` where its job belongs now.
 */
uint64_t booking_hold(struct endpoints *endpoints, const struct job *job,
    enum endpoint_lane *lane, uint64_t now_ms);

/* Book the start of the job's attempt, in its lane. */
void booking_start(struct endpoints *endpoints, struct job *job,
    uint64_t now_ms);

/*
 * Book the end of the attempt, and set `again_ms` for a repeat. `outcome` is
 * NULL if the attempt was cancelled. `started` is false if it ended within its
 * start, so that nothing was sent.
 */
void booking_end(struct endpoints *endpoints, struct job *job,
    const struct provider_outcome *outcome, bool started, uint64_t now_ms);

#endif
