/*
 * callhist: histograms of calls: their duration, and the loss and jitter of
 * each party's stream. A call is counted when it ends.
 */
#ifndef RP_SWITCHD_CALLHIST_H
#define RP_SWITCHD_CALLHIST_H

struct callfsm;
struct callhist;
struct callstats;
struct metrics;

/* Make the histograms. NULL if out of memory. */
struct callhist *callhist_new(struct metrics *metrics);
void callhist_free(struct callhist *hist);

/*
 * Count a call that has ended. Without an answer, or without media, it adds
 * nothing.
 */
void callhist_observe(struct callhist *hist, const struct callfsm *call,
    const struct callstats *stats);

#endif
