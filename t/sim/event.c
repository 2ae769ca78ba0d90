/*
 * event: libevent's loop under its own names, over simulated descriptors and
 * time. evbuffer's functions stay libevent's, because they are memory only.
 *
 * A turn of a loop takes TURN_US, so that a loop that always has something to
 * do lets others have their turn, and time passes.
 */
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "core/private.h"

#define TURN_US 10
#define PRIORITIES 4

TAILQ_HEAD(events, event);

struct event {
	struct event_base *base;
	evutil_socket_t fd;		/* or a signal's number */
	short what, results;
	int priority;
	bool added, active, checked;
	event_callback_fn callback;
	void *arg;
	struct sim_alarm timer;
	uint64_t period_ns;
	struct sim_watch watch;
	TAILQ_ENTRY(event) of_active, of_checks;
	LIST_ENTRY(event) of_signals;
};

struct event_base {
	struct sim_process *process;
	struct sim_task *waits;
	struct events active[PRIORITIES];
	struct events checks;		/* descriptors that may be ready */
	LIST_HEAD(, event) signals;
	size_t n;			/* events that are waited for */
	int n_priorities;
	bool broken, leaves;
	struct sim_alarm exit;
	LIST_ENTRY(event_base) of_world;
};

static LIST_HEAD(, event_base) bases;

static void
wake(struct event_base *base)
{
	if (base->waits != NULL)
		sim_task_wake(base->waits);
}

static void
activate(struct event *event, short results)
{
	event->results |= results;
	if (event->active)
		return;
	event->active = true;
	TAILQ_INSERT_TAIL(&event->base->active[event->priority], event,
	    of_active);
	wake(event->base);
}

static void
on_timer(void *arg)
{
	struct event *event = arg;

	event->base->n--;
	activate(event, EV_TIMEOUT);
}

static void
on_changed(void *arg)
{
	struct event *event = arg;

	if (event->checked)
		return;
	event->checked = true;
	TAILQ_INSERT_TAIL(&event->base->checks, event, of_checks);
	wake(event->base);
}

static uint64_t
ns_of(const struct timeval *tv)
{
	return (uint64_t)tv->tv_sec * SIM_S + (uint64_t)tv->tv_usec * 1000;
}

static bool
has_fd(const struct event *event)
{
	return (event->what & (EV_READ | EV_WRITE)) != 0;
}

static void
set_timer(struct event *event, uint64_t ns)
{
	if (!sim_alarm_is_set(&event->timer))
		event->base->n++;
	sim_alarm_set(&event->timer, sim_now() + ns);
}

static void
stop_timer(struct event *event)
{
	if (sim_alarm_is_set(&event->timer))
		event->base->n--;
	sim_alarm_stop(&event->timer);
}

struct event *
event_new(struct event_base *base, evutil_socket_t fd, short what,
    event_callback_fn callback, void *arg)
{
	struct event *event = calloc(1, sizeof(*event));

	if (event == NULL)
		return NULL;
	event->base = base;
	event->fd = fd;
	event->what = what;
	event->callback = callback;
	event->arg = arg;
	event->priority = base->n_priorities / 2;
	sim_alarm_init(&event->timer, on_timer, event);
	return event;
}

static void
add_waiting(struct event *event)
{
	struct sim_file *file = NULL;

	if (event->added || (event->what & (EV_READ | EV_WRITE |
	    EV_SIGNAL)) == 0)
		return;
	event->added = true;
	event->base->n++;
	if (has_fd(event))
		file = sim_file_get(event->fd);
	else
		LIST_INSERT_HEAD(&event->base->signals, event, of_signals);
	if (file == NULL)
		return;
	sim_file_watch(file, &event->watch, on_changed, event);
	on_changed(event);
}

static void
drop_waiting(struct event *event)
{
	if (event->checked)
		TAILQ_REMOVE(&event->base->checks, event, of_checks);
	event->checked = false;
	if (!event->added)
		return;
	event->added = false;
	event->base->n--;
	if (has_fd(event))
		sim_file_unwatch(&event->watch);
	else
		LIST_REMOVE(event, of_signals);
}

int
event_add(struct event *event, const struct timeval *timeout)
{
	add_waiting(event);
	if (timeout == NULL)
		return 0;
	event->period_ns = ns_of(timeout);
	set_timer(event, event->period_ns);
	return 0;
}

int
event_del(struct event *event)
{
	drop_waiting(event);
	stop_timer(event);
	if (event->active)
		TAILQ_REMOVE(&event->base->active[event->priority], event,
		    of_active);
	event->active = false;
	event->results = 0;
	return 0;
}

void
event_free(struct event *event)
{
	event_del(event);
	free(event);
}

void
event_active(struct event *event, int results, short n)
{
	(void)n;
	activate(event, (short)results);
}

int
event_pending(const struct event *event, short what, struct timeval *tv)
{
	short is = event->active ? event->results : 0;

	(void)tv;
	if (event->added)
		is |= event->what & (EV_READ | EV_WRITE | EV_SIGNAL);
	if (sim_alarm_is_set(&event->timer))
		is |= EV_TIMEOUT;
	return is & what & (EV_TIMEOUT | EV_READ | EV_WRITE | EV_SIGNAL);
}

int
event_priority_set(struct event *event, int priority)
{
	if (event->active || priority < 0 ||
	    priority >= event->base->n_priorities)
		return -1;
	event->priority = priority;
	return 0;
}

static void
on_exit_time(void *arg)
{
	struct event_base *base = arg;

	base->leaves = true;
	wake(base);
}

struct event_base *
event_base_new_with_config(const struct event_config *config)
{
	struct event_base *base = calloc(1, sizeof(*base));
	int i;

	(void)config;
	if (base == NULL)
		return NULL;
	base->process = sim_process_self();
	base->n_priorities = 1;
	for (i = 0; i < PRIORITIES; i++)
		TAILQ_INIT(&base->active[i]);
	TAILQ_INIT(&base->checks);
	sim_alarm_init(&base->exit, on_exit_time, base);
	LIST_INSERT_HEAD(&bases, base, of_world);
	return base;
}

struct event_base *
event_base_new(void)
{
	return event_base_new_with_config(NULL);
}

struct event_config *
event_config_new(void)
{
	return malloc(1);
}

void
event_config_free(struct event_config *config)
{
	free(config);
}

int
event_config_set_max_dispatch_interval(struct event_config *config,
    const struct timeval *most, int callbacks, int priority)
{
	(void)config;
	(void)most;
	(void)callbacks;
	(void)priority;
	return 0;
}

int
event_base_priority_init(struct event_base *base, int n)
{
	if (n < 1 || n > PRIORITIES)
		return -1;
	base->n_priorities = n;
	return 0;
}

void
event_base_free(struct event_base *base)
{
	sim_alarm_stop(&base->exit);
	LIST_REMOVE(base, of_world);
	free(base);
}

/* Find out which descriptors are ready. */
static void
look(struct event_base *base)
{
	struct event *event, *next;

	for (event = TAILQ_FIRST(&base->checks); event != NULL; event = next) {
		struct sim_file *file = sim_file_get(event->fd);
		unsigned ready = file == NULL ? 0 : file->type->ready(file);
		short is = 0;

		next = TAILQ_NEXT(event, of_checks);
		if ((ready & (SIM_IN | SIM_HUP)) != 0)
			is |= event->what & EV_READ;
		if ((ready & (SIM_OUT | SIM_HUP)) != 0)
			is |= event->what & EV_WRITE;
		if (is != 0) {
			activate(event, is);
			continue;
		}
		event->checked = false;
		TAILQ_REMOVE(&base->checks, event, of_checks);
	}
}

static void
run_one(struct event *event)
{
	short results = event->results;

	TAILQ_REMOVE(&event->base->active[event->priority], event,
	    of_active);
	event->active = false;
	event->results = 0;
	if ((event->what & EV_PERSIST) == 0) {
		drop_waiting(event);
		stop_timer(event);
	} else if (event->period_ns > 0 && (results & EV_TIMEOUT) != 0) {
		set_timer(event, event->period_ns);
	}
	event->callback(event->fd, results, event->arg);
}

/* Run those of the first priority that has any. Return whether it has. */
static bool
run_active(struct event_base *base)
{
	struct event *event, *last;
	int i = 0;

	while (i < base->n_priorities && TAILQ_EMPTY(&base->active[i]))
		i++;
	if (i == base->n_priorities)
		return false;
	/* Those that become active meanwhile have the next turn. */
	last = TAILQ_LAST(&base->active[i], events);
	do {
		event = TAILQ_FIRST(&base->active[i]);
		if (event == NULL)
			break;
		run_one(event);
	} while (event != last && !base->broken);
	return true;
}

static void
rest(struct event_base *base, uint64_t until)
{
	base->waits = sim_task_self();
	sim_task_wait(until);
	base->waits = NULL;
}

int
event_base_loop(struct event_base *base, int flags)
{
	bool ran = false;

	base->broken = base->leaves = false;
	while (!base->broken && !base->leaves) {
		look(base);
		if (run_active(base)) {
			ran = true;
			if ((flags & (EVLOOP_ONCE | EVLOOP_NONBLOCK)) != 0)
				break;
			rest(base, sim_now() + TURN_US * 1000);
			continue;
		}
		if ((flags & EVLOOP_NONBLOCK) != 0)
			break;
		if (base->n == 0 && (flags & EVLOOP_NO_EXIT_ON_EMPTY) == 0 &&
		    !sim_alarm_is_set(&base->exit))
			return ran ? 0 : 1;
		rest(base, SIM_NEVER);
	}
	/* Those that are due at this time have their turn. */
	while (base->leaves && !base->broken && run_active(base))
		;
	base->broken = base->leaves = false;
	return 0;
}

int
event_base_dispatch(struct event_base *base)
{
	return event_base_loop(base, 0);
}

int
event_base_loopbreak(struct event_base *base)
{
	base->broken = true;
	return 0;
}

int
event_base_loopexit(struct event_base *base, const struct timeval *after)
{
	sim_alarm_set(&base->exit, sim_now() +
	    (after != NULL ? ns_of(after) : 0));
	return 0;
}

void
event_set_log_callback(event_log_cb callback)
{
	(void)callback;
}

void
event_set_fatal_callback(event_fatal_cb callback)
{
	(void)callback;
}

bool
sim_event_signal(struct sim_process *process, int number)
{
	struct event_base *base;
	struct event *event;
	bool found = false;

	LIST_FOREACH(base, &bases, of_world) {
		if (base->process != process)
			continue;
		LIST_FOREACH(event, &base->signals, of_signals)
			if (event->fd == number) {
				activate(event, EV_SIGNAL);
				found = true;
			}
	}
	return found;
}
