/*
 * load: overload detection. It closes the gate while the loop turns too slowly
 * to answer in time, or while the kernel drops datagrams because the relay is
 * late. After a while without either it opens the gate again.
 */
#ifndef RP_SWITCHD_LOAD_H
#define RP_SWITCHD_LOAD_H

#include <stdint.h>

struct event_base;
struct gate;
struct load;
struct metrics;

/* Make one. NULL if out of memory. */
struct load *load_new(struct event_base *loop, struct gate *gate,
    struct metrics *metrics);
void load_free(struct load *load);

/*
 * Ask `dropped`, ten times per second, how many datagrams were dropped so far.
 */
void load_watch_relay(struct load *load, uint64_t (*dropped)(void *arg),
    void *arg);

#endif
