/* loop: timers, descriptors and signals on libevent. See loop.h. */
#include "net/loop.h"

#include <errno.h>
#include <stdlib.h>

#include <event2/event.h>

#include "net/loop_private.h"

#define PRIORITIES 2		/* 0 goes first; events have 1 unless told */
/*
 * Many times the run time of one handler, but a fraction of a timer's tolerable
 * delay.
 */
#define TURN_MS 50
#define MS_PER_S 1000
#define NS_PER_US 1000
#define US_PER_S 1000000

struct loop_event {
	struct event *event;
	loop_handler *handler;
	loop_watch_handler *watch;	/* replaces it in loop_watch_new's */
	void *arg;
};

static void
on_event(evutil_socket_t fd, short what, void *arg)
{
	struct loop_event *event = arg;

	(void)fd;
	(void)what;
	event->handler(event->arg);
}

static void
on_ready(evutil_socket_t fd, short what, void *arg)
{
	struct loop_event *event = arg;

	event->watch(fd, ((what & EV_READ) != 0 ? LOOP_READ : 0) |
	    ((what & EV_WRITE) != 0 ? LOOP_WRITE : 0), event->arg);
}

static struct loop_event *
make_event(struct event_base *loop, int fd, short what,
    event_callback_fn callback, void *arg)
{
	struct loop_event *event = calloc(1, sizeof(*event));

	if (event == NULL)
		return NULL;
	event->arg = arg;
	event->event = event_new(loop, fd, what, callback, event);
	if (event->event == NULL) {
		free(event);
		return NULL;
	}
	return event;
}

static struct loop_event *
new_event(struct event_base *loop, int fd, short what, loop_handler *handler,
    void *arg)
{
	struct loop_event *event = make_event(loop, fd, what, on_event, arg);

	if (event != NULL)
		event->handler = handler;
	return event;
}

struct loop_event *
loop_watch_new(struct event_base *loop, int fd, unsigned what,
    loop_watch_handler *handler, void *arg)
{
	struct loop_event *event = make_event(loop, fd, EV_PERSIST |
	    ((what & LOOP_READ) != 0 ? EV_READ : 0) |
	    ((what & LOOP_WRITE) != 0 ? EV_WRITE : 0), on_ready, arg);

	if (event != NULL)
		event->watch = handler;
	return event;
}

struct event_base *
loop_new(void)
{
	static const struct timeval turn = { 0, TURN_MS * 1000 };
	struct event_config *config = event_config_new();
	struct event_base *loop = NULL;

	if (config != NULL &&
	    event_config_set_max_dispatch_interval(config, &turn, -1, 1) == 0)
		loop = event_base_new_with_config(config);
	if (config != NULL)
		event_config_free(config);
	if (loop != NULL && event_base_priority_init(loop, PRIORITIES) < 0) {
		event_base_free(loop);
		return NULL;
	}
	return loop;
}

void
loop_free(struct event_base *loop)
{
	if (loop != NULL)
		event_base_free(loop);
}

void
loop_run(struct event_base *loop)
{
	event_base_dispatch(loop);
}

void
loop_run_idle(struct event_base *loop)
{
	event_base_loop(loop, EVLOOP_NO_EXIT_ON_EMPTY);
}

void
loop_run_once(struct event_base *loop)
{
	event_base_loop(loop, EVLOOP_ONCE);
}

void
loop_stop(struct event_base *loop)
{
	event_base_loopbreak(loop);
}

void
loop_stop_in(struct event_base *loop, uint64_t ms)
{
	struct timeval after = {
		(time_t)(ms / MS_PER_S), (suseconds_t)(ms % MS_PER_S * 1000)
	};

	event_base_loopexit(loop, &after);
}

struct loop_event *
loop_timer_new(struct event_base *loop, loop_handler *handler, void *arg)
{
	return new_event(loop, -1, 0, handler, arg);
}

struct loop_event *
loop_ticker_new(struct event_base *loop, loop_handler *handler, void *arg)
{
	return new_event(loop, -1, EV_PERSIST, handler, arg);
}

struct loop_event *
loop_reader_new(struct event_base *loop, int fd, loop_handler *handler,
    void *arg)
{
	return new_event(loop, fd, EV_READ | EV_PERSIST, handler, arg);
}

struct loop_event *
loop_writer_new(struct event_base *loop, int fd, loop_handler *handler,
    void *arg)
{
	return new_event(loop, fd, EV_WRITE, handler, arg);
}

struct loop_event *
loop_signal_new(struct event_base *loop, int number, loop_handler *handler,
    void *arg)
{
	return new_event(loop, number, EV_SIGNAL | EV_PERSIST, handler, arg);
}

void
loop_event_free(struct loop_event *event)
{
	if (event == NULL)
		return;
	event_free(event->event);
	free(event);
}

int
loop_event_start(struct loop_event *event)
{
	return event_add(event->event, NULL) < 0 ? -ENOMEM : 0;
}

void
loop_event_stop(struct loop_event *event)
{
	event_del(event->event);
}

bool
loop_event_is_set(const struct loop_event *event)
{
	return event_pending(event->event, EV_TIMEOUT | EV_READ | EV_WRITE |
	    EV_SIGNAL, NULL) != 0;
}

int
loop_timer_set_ns(struct loop_event *timer, uint64_t ns)
{
	uint64_t us = (ns + NS_PER_US - 1) / NS_PER_US;
	struct timeval after = {
		(time_t)(us / US_PER_S), (suseconds_t)(us % US_PER_S)
	};

	return event_add(timer->event, &after) < 0 ? -ENOMEM : 0;
}

int
loop_timer_set_ms(struct loop_event *timer, uint64_t ms)
{
	struct timeval after = {
		(time_t)(ms / MS_PER_S), (suseconds_t)(ms % MS_PER_S * 1000)
	};

	return event_add(timer->event, &after) < 0 ? -ENOMEM : 0;
}

void
loop_event_first(struct loop_event *event)
{
	(void)event_priority_set(event->event, 0);
}

void
loop_event_soon(struct loop_event *event)
{
	loop_next(event->event);
}

/*
 * A timer that expires at once is handled in the next turn. If it were set
 * again before it has run, it would wait for yet another turn, and for ever if
 * its peer is quick enough.
 */
void
loop_next(struct event *event)
{
	static const struct timeval now = { 0, 0 };

	if (loop_is_next(event))
		return;
	/* Without memory, this turn is better than never. */
	if (event_add(event, &now) < 0)
		event_active(event, EV_TIMEOUT, 0);
}

bool
loop_is_next(const struct event *event)
{
	return event_pending(event, EV_TIMEOUT, NULL) != 0;
}
