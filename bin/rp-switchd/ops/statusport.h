/*
 * statusport: the HTTP port of an operator, for metrics and probes:
 *
 *   /metrics  everything in Prometheus' text format
 *   /health   200 while the event loop turns, during a drain too
 *   /ready    200 while new calls are taken, otherwise 503 and why not
 */
#ifndef RP_SWITCHD_STATUSPORT_H
#define RP_SWITCHD_STATUSPORT_H

struct addr;
struct event_base;
struct gate;
struct metrics;
struct statusport;

/*
 * Serve on `addr`, whose port may be 0 and is filled in. A `gate` of NULL is
 * always open. Return a negative errno such as -EADDRINUSE.
 */
int statusport_new(struct statusport **out, struct event_base *loop,
    struct addr *addr, struct metrics *metrics, const struct gate *gate);

/* Close and free it. NULL is fine. */
void statusport_free(struct statusport *port);

#endif
