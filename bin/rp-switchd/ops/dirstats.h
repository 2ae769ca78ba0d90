/*
 * dirstats: how soon the directory answers, and how often it does not, as
 * metrics.
 */
#ifndef RP_SWITCHD_DIRSTATS_H
#define RP_SWITCHD_DIRSTATS_H

struct directory;
struct dirstats;
struct metrics;

/* Make the metrics. NULL if out of memory. */
struct dirstats *dirstats_new(struct metrics *metrics);

/* Free it after the directories that it watches. NULL is fine. */
void dirstats_free(struct dirstats *stats);

/* Count the requests to this directory, too. */
void dirstats_watch(struct dirstats *stats, struct directory *directory);

#endif
