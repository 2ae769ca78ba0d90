/*
 * loop: the event loop, and what happens on it: timers, descriptors that are
 * ready, signals. Nothing outside lib/net and lib/base knows which library is
 * below (libevent), so that a program can be linked with another loop.
 *
 * A loop and its events belong to one thread. Handlers run from loop_run and
 * loop_run_once only, never from within another function of this header. A
 * handler may free its own event. After loop_event_stop or loop_event_free
 * returns, the handler is not called any more.
 */
#ifndef RP_NET_LOOP_H
#define RP_NET_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct event_base;
struct loop_event;

typedef void loop_handler(void *arg);

#define LOOP_READ 1u
#define LOOP_WRITE 2u

/* `ready` has LOOP_READ, LOOP_WRITE or both. */
typedef void loop_watch_handler(int fd, unsigned ready, void *arg);

/*
 * Make a loop that polls its descriptors and timers again after at most 50 ms
 * of handlers. Those that had no turn by then keep their place. NULL if memory
 * or descriptors have run out.
 */
struct event_base *loop_new(void);

/* Free the loop. All its events must have been freed. NULL is fine. */
void loop_free(struct event_base *loop);

/* Run until loop_stop is called, or until nothing is left to wait for. */
void loop_run(struct event_base *loop);

/* Run until loop_stop is called, even while there is nothing to wait for. */
void loop_run_idle(struct event_base *loop);

/* Wait for one turn of events and handle them. */
void loop_run_once(struct event_base *loop);

/* Leave loop_run as soon as the handler that runs now returns. */
void loop_stop(struct event_base *loop);

/* Leave loop_run in `ms`, after the handlers that are due by then. */
void loop_stop_in(struct event_base *loop, uint64_t ms);

/*
 * Make an event that does not wait yet. NULL if out of memory.
 *
 *   loop_timer_new   call `handler` once, after loop_timer_set
 *   loop_ticker_new  call it periodically, after loop_timer_set
 *   loop_reader_new  call it while `fd` is readable, after loop_event_start
 *   loop_writer_new  call it once, when `fd` is writable
 *   loop_signal_new  call it for each signal `number`, after loop_event_start
 */
struct loop_event *loop_timer_new(struct event_base *loop,
    loop_handler *handler, void *arg);
struct loop_event *loop_ticker_new(struct event_base *loop,
    loop_handler *handler, void *arg);
struct loop_event *loop_reader_new(struct event_base *loop, int fd,
    loop_handler *handler, void *arg);
struct loop_event *loop_writer_new(struct event_base *loop, int fd,
    loop_handler *handler, void *arg);
struct loop_event *loop_signal_new(struct event_base *loop, int number,
    loop_handler *handler, void *arg);

/*
 * Make an event for a descriptor that is watched for reading, writing or both
 * (`what`). `handler` is called while it is ready, after loop_event_start.
 */
struct loop_event *loop_watch_new(struct event_base *loop, int fd,
    unsigned what, loop_watch_handler *handler, void *arg);

/*
 * Stop the event and free it. NULL is fine. The descriptor stays the caller's.
 */
void loop_event_free(struct loop_event *event);

/*
 * Start to wait for a reader's, writer's or signal's event. Return 0 or
 * -ENOMEM.
 */
int loop_event_start(struct loop_event *event);

/* Stop waiting for the event. It may be started or set again. */
void loop_event_stop(struct loop_event *event);

/* Is the event waited for? For a timer: is it set? */
bool loop_event_is_set(const struct loop_event *event);

/*
 * Set a timer, or a ticker's period, and replace the previous setting. A time
 * that has passed is due in the next turn. Return 0 or -ENOMEM.
 */
int loop_timer_set_ms(struct loop_event *timer, uint64_t ms);
int loop_timer_set_ns(struct loop_event *timer, uint64_t ns);

/*
 * Call a timer's handler in the next turn of the loop, after descriptors and
 * timers. A handler that calls this for itself therefore starves nobody. If the
 * timer is set already, it stays as it is.
 */
void loop_event_soon(struct loop_event *event);

/*
 * Give this event priority over all others of its loop, before it is started or
 * set. For rare and short events, such as the watchdog.
 */
void loop_event_first(struct loop_event *event);

#endif
