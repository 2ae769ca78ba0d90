/*
 * reloads: how many reloads of the configuration there were, and whether and
 * when the last one was good, as metrics.
 */
#ifndef RP_SWITCHD_RELOADS_H
#define RP_SWITCHD_RELOADS_H

#include <stdbool.h>

struct metrics;
struct reloads;

/* Begin with the start, which counts as good. NULL if out of memory. */
struct reloads *reloads_new(struct metrics *metrics);

/* Free it once the metrics are read no more. NULL is fine. */
void reloads_free(struct reloads *reloads);

/* Note a reload that has ended. */
void reloads_note(struct reloads *reloads, bool good);

#endif
