/*
 * callhist: histograms of calls: how soon each step of a call came, its
 * duration, and the loss and jitter of each party's stream. A step is counted
 * when it comes, and the rest when the call ends.
 */
#ifndef RP_SWITCHD_CALLHIST_H
#define RP_SWITCHD_CALLHIST_H

#include <stdint.h>

#include "calls/callfsm.h"

struct callhist;
struct callstats;
struct metrics;

/* Make the histograms. NULL if out of memory. */
struct callhist *callhist_new(struct metrics *metrics);
void callhist_free(struct callhist *hist);

/*
 * Count that a call has come to a state, for the first time, so long after its
 * INITIATE. Other states than pushed, ringing and answered add nothing.
 */
void callhist_reached(struct callhist *hist, enum call_state state,
    uint64_t after_ns);

/*
 * Count a call that has ended. Without an answer, or without media, it adds
 * nothing.
 */
void callhist_observe(struct callhist *hist, const struct callfsm *call,
    const struct callstats *stats);

#endif
