/*
 * callhist: what calls were like, as histograms: their length, and the loss
 * and jitter of each party's stream. Counted when a call ends.
 */
#ifndef RP_SWITCHD_CALLHIST_H
#define RP_SWITCHD_CALLHIST_H

struct callfsm;
struct callhist;
struct callstats;
struct metrics;

/* NULL if out of memory. */
struct callhist *callhist_new(struct metrics *metrics);
void callhist_free(struct callhist *hist);

/* A call has ended. Without an answer, or without media, it adds nothing. */
void callhist_observe(struct callhist *hist, const struct callfsm *call,
    const struct callstats *stats);

#endif
