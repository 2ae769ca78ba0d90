/*
 * metrics: named counters and gauges, served in Prometheus text form. A
 * counter's owner keeps a pointer and adds; modules with counters of their own
 * (the relay's are one a thread) are asked when somebody reads.
 */
#ifndef RP_SWITCHD_METRICS_H
#define RP_SWITCHD_METRICS_H

#include <stddef.h>
#include <stdint.h>

struct buffer;
struct event_base;
struct metrics;
struct addr;

struct metrics *metrics_new(void);
void metrics_free(struct metrics *metrics);

/*
 * A counter on the loop's thread. name is "rp_calls_total", labels
 * "reason=\"busy\"" or "". The same pair again gives the same counter. Never
 * NULL (start-up; out of memory is fatal there).
 */
uint64_t *metrics_counter(struct metrics *metrics, const char *name,
    const char *labels, const char *help);

/*
 * A histogram on the loop's thread, without labels. Texts and bounds, which
 * rise, must stay. Never NULL, as metrics_counter.
 */
struct metrics_histogram;
struct metrics_histogram *metrics_histogram(struct metrics *metrics,
    const char *name, const char *help, const double bounds[], size_t n);
void metrics_observe(struct metrics_histogram *histogram, double value);

/* A gauge, counter or sum that is asked for when read. */
typedef void metrics_collect(struct metrics *metrics, struct buffer *out,
    void *arg);
void metrics_collector(struct metrics *metrics, metrics_collect *collect,
    void *arg);

/* From a collector: type is "counter" or "gauge". */
void metrics_emit(struct buffer *out, const char *type, const char *name,
    const char *labels, const char *help, uint64_t value);

/* Everything, as Prometheus wants it. */
void metrics_write(struct metrics *metrics, struct buffer *out);

/* Serve it over HTTP (GET /metrics) on addr, whose port may be 0. */
int metrics_serve(struct metrics *metrics, struct event_base *loop,
    struct addr *addr);

#endif
