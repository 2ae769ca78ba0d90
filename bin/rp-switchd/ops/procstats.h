/*
 * procstats: the switch's own CPU time, memory, descriptors and threads as
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

/*
 * Add the CPU time, memory and threads of another process to ours, from its open
 * /proc/PID/stat, which stays the caller's; -1 adds nothing. Descriptors have a
 * limit of their own in each, so that these are not added.
 */
void procstats_add(struct procstats *stats, int fd);

/* Free it once the metrics are read no more. NULL is fine. */
void procstats_free(struct procstats *stats);

#endif
