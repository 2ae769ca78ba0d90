/*
 * load: can the switch keep up? While its loop turns too slowly to answer in
 * time, or the kernel must drop datagrams because the relay is late, it closes
 * the gate; after a while without either it opens it again.
 */
#ifndef RP_SWITCHD_LOAD_H
#define RP_SWITCHD_LOAD_H

#include <stdint.h>

struct event_base;
struct gate;
struct load;
struct metrics;

/* NULL if out of memory. */
struct load *load_new(struct event_base *loop, struct gate *gate,
    struct metrics *metrics);
void load_free(struct load *load);

/* Ask, ten times a second, how many datagrams were dropped so far. */
void load_watch_relay(struct load *load, uint64_t (*dropped)(void *arg),
    void *arg);

#endif
