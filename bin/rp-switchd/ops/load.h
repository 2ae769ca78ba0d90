/*
 * load: overload detection. It closes the gate while work waits too long to be
 * done in time, or while the kernel drops datagrams because the relay is late.
 * After a while without either it opens the gate again. Time decides, and not a
 * number of ticks, which come the later the more overloaded the loop is.
 *
 * The age of the oldest work is measured: by a mark that takes its turn on the
 * loop as all other work does, and in the queues that other parts tell of. Before
 * the gate is closed, strangers are shed: see load_on_pressure.
 */
#ifndef RP_SWITCHD_LOAD_H
#define RP_SWITCHD_LOAD_H

#include <stdbool.h>
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

/*
 * Ask `age_ms`, ten times per second, for how long the oldest work in a queue
 * has waited; 0 if none waits. There may be LOAD_QUEUES of them.
 */
#define LOAD_QUEUES 4
void load_watch_queue(struct load *load, uint64_t (*age_ms)(void *arg),
    void *arg);

/*
 * Tell `press`, ten times per second, whether work waits too long now. This
 * comes a second before the gate is closed for it, and may be what mends it.
 */
void load_on_pressure(struct load *load, void (*press)(bool pressed, void *arg),
    void *arg);

#endif
