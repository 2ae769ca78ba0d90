/*
 * metrics: named counters and gauges, written in Prometheus text format. A
 * counter's owner keeps a pointer and adds to it. Modules with counters of
 * their own (the relay has one set per thread) are asked when somebody reads.
 */
#ifndef RP_SWITCHD_METRICS_H
#define RP_SWITCHD_METRICS_H

#include <stddef.h>
#include <stdint.h>

struct buffer;
struct metrics;

struct metrics *metrics_new(void);
void metrics_free(struct metrics *metrics);

/*
 * Return a counter for the loop's thread. `name` is like "rp_calls_total", and
 * `labels` is like "reason=\"busy\"" or "". The same pair gives the same
 * counter again. Never NULL: this is for start-up, where lack of memory is
 * fatal.
 */
uint64_t *metrics_counter(struct metrics *metrics, const char *name,
    const char *labels, const char *help);

/* The upper bounds of a histogram's buckets, which rise. */
struct metrics_bounds {
	const double *le;
	size_t n;
};

/*
 * Return a histogram for the loop's thread. `labels` are as for a counter, and
 * those of one name are written together. The texts and the bounds must stay
 * valid. Never NULL, like metrics_counter.
 */
struct metrics_histogram;
struct metrics_histogram *metrics_histogram(struct metrics *metrics,
    const char *name, const char *labels, const char *help,
    const struct metrics_bounds *bounds);
void metrics_observe(struct metrics_histogram *histogram, double value);

/* Add a collector, which is asked for a gauge, counter or sum at each read. */
typedef void metrics_collect(struct metrics *metrics, struct buffer *out,
    void *arg);
void metrics_collector(struct metrics *metrics, metrics_collect *collect,
    void *arg);

/* Write one value, from a collector. `type` is "counter" or "gauge". */
void metrics_emit(struct buffer *out, const char *type, const char *name,
    const char *labels, const char *help, uint64_t value);

/* The same for a value that is not whole, such as seconds. */
void metrics_emit_real(struct buffer *out, const char *type, const char *name,
    const char *labels, const char *help, double value);

/* Write everything in Prometheus text format. */
void metrics_write(struct metrics *metrics, struct buffer *out);

#endif
