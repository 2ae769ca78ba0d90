/*
 * procstats: the process's own CPU time, memory, descriptors and threads as
 * metrics. They have the names that Prometheus' client libraries give them, so
 * that dashboards for any process fit.
 */
#ifndef RP_SWITCHD_PROCSTATS_H
#define RP_SWITCHD_PROCSTATS_H

struct metrics;
struct procstats;

/*
 * Export them. They are read from proc(5) at each scrape; what cannot be read
 * is left out. NULL if out of memory.
 */
struct procstats *procstats_new(struct metrics *metrics);

/* Free it once the metrics are read no more. NULL is fine. */
void procstats_free(struct procstats *stats);

#endif
