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

#include "core/world.h"

#define TURN_US 10
#define STILL 64		/* turns at one time, at most */
#define PRIORITIES 4
#define LAZY_MOST SIM_S		/* the longest period of a tick */

TAILQ_HEAD(events, event);

struct event {
	struct event_base *base;
	evutil_socket_t fd;		/* or a signal's number */
	short what, results;
	int priority;
	bool added, active, checked;
	bool idle;			/* its handler had no effect */
	bool late;			/* it is in `late`, and due at: */
	uint64_t due;
	event_callback_fn callback;
	void *arg;
	struct sim_alarm timer;
	uint64_t period_ns;
	struct sim_watch watch;
	TAILQ_ENTRY(event) of_active, of_checks;
	LIST_ENTRY(event) of_signals;
	TAILQ_ENTRY(event) of_late;
	LIST_ENTRY(event) of_base;
};

struct event_base {
	struct sim_process *process;
	struct sim_task *waits;
	struct events active[PRIORITIES];
	struct events checks;		/* descriptors that may be ready */
	struct events late;		/* ticks of a lazy process */
	struct sim_alarm latest;	/* when they are run at last */
	struct event *running;
	LIST_HEAD(, event) signals, all;
	size_t n;			/* events that are waited for */
	int n_priorities;
	bool broken, leaves;
	uint64_t turned;		/* when its latest turn was */
	unsigned still;			/* turns before that, at that time */
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
activate_at(struct event *event, short results, bool first)
{
	struct events *active = &event->base->active[event->priority];

	event->results |= results;
	if (event->active)
		return;
	event->active = true;
	if (first)
		TAILQ_INSERT_HEAD(active, event, of_active);
	else
		TAILQ_INSERT_TAIL(active, event, of_active);
	wake(event->base);
}

static void
activate(struct event *event, short results)
{
	activate_at(event, results, false);
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

static bool
is_timed(const struct event *event)
{
	return event->late || sim_alarm_is_set(&event->timer);
}

static void
stop_timer(struct event *event)
{
	if (is_timed(event))
		event->base->n--;
	if (event->late)
		TAILQ_REMOVE(&event->base->late, event, of_late);
	event->late = false;
	sim_alarm_stop(&event->timer);
}

/* May it be late: a tick that sets itself again, without any effect? */
static bool
may_be_late(const struct event *event, uint64_t ns)
{
	return event->idle && event == event->base->running &&
	    ns <= LAZY_MOST && ns > 0 &&
	    sim_process_lazy_ns(event->base->process) > 0;
}

static void
set_timer(struct event *event, uint64_t ns)
{
	struct event_base *base = event->base;

	stop_timer(event);
	base->n++;
	event->due = sim_task_now() + ns;
	if (event != base->running)
		sim_effect();
	if (!may_be_late(event, ns)) {
		sim_alarm_set(&event->timer, event->due);
		return;
	}
	event->late = true;
	TAILQ_INSERT_TAIL(&base->late, event, of_late);
	if (!sim_alarm_is_set(&base->latest))
		sim_alarm_set(&base->latest, event->due +
		    sim_process_lazy_ns(base->process));
}

size_t
sim_process_timers(const struct sim_process *process)
{
	struct event_base *base;
	struct event *event;
	size_t n = 0;

	LIST_FOREACH(base, &bases, of_world)
		if (base->process == process)
			LIST_FOREACH(event, &base->all, of_base)
				n += is_timed(event);
	return n;
}

static void
be_punctual(struct event *event)
{
	if (!event->late)
		return;
	event->late = false;
	TAILQ_REMOVE(&event->base->late, event, of_late);
	sim_alarm_set(&event->timer, event->due);
}

static void
on_latest(void *arg)
{
	wake(arg);
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
	LIST_INSERT_HEAD(&base->all, event, of_base);
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
	if (event->base != NULL) {
		event_del(event);
		if (event->base->running == event)
			event->base->running = NULL;
		LIST_REMOVE(event, of_base);
	}
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
	if (is_timed(event))
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
	TAILQ_INIT(&base->late);
	sim_alarm_init(&base->latest, on_latest, base);
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
	struct event *event;

	while ((event = LIST_FIRST(&base->all)) != NULL) {
		event_del(event);
		LIST_REMOVE(event, of_base);
		event->base = NULL;
	}
	sim_alarm_stop(&base->exit);
	sim_alarm_stop(&base->latest);
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
			activate_at(event, is, !event->active &&
			    sim_machine_swaps(sim_process_machine(
			    base->process)));
			continue;
		}
		event->checked = false;
		TAILQ_REMOVE(&base->checks, event, of_checks);
	}
}

/*
 * Call its handler. The event may be freed by that, so that only `running`
 * tells whether it is still there.
 */
static void
call(struct event *event, short results)
{
	struct event_base *base = event->base;
	uint64_t effects = sim_world.effects;

	base->running = event;
	if ((event->what & EV_PERSIST) == 0) {
		drop_waiting(event);
		stop_timer(event);
	} else if (event->period_ns > 0 && (results & EV_TIMEOUT) != 0) {
		set_timer(event, event->period_ns);
	}
	event->callback(event->fd, results, event->arg);
	if (base->running != NULL) {
		event->idle = sim_world.effects == effects;
		if (!event->idle)
			be_punctual(event);
	}
	base->running = NULL;
}

static void
run_one(struct event *event)
{
	short results = event->results;

	TAILQ_REMOVE(&event->base->active[event->priority], event,
	    of_active);
	event->active = false;
	event->results = 0;
	call(event, results);
}

/* Return the one of the ticks that is due first, if it is. */
static struct event *
first_late(struct event_base *base, uint64_t now)
{
	struct event *event, *first = NULL;

	TAILQ_FOREACH(event, &base->late, of_late)
		if (event->due <= now &&
		    (first == NULL || event->due < first->due))
			first = event;
	return first;
}

/* Run the ticks that are late, each as of its own time. */
static void
make_up(struct event_base *base)
{
	struct event *event;

	sim_alarm_stop(&base->latest);
	while (!base->broken &&
	    (event = first_late(base, sim_now())) != NULL) {
		sim_task_as_of(event->due);
		stop_timer(event);
		call(event, EV_TIMEOUT);
	}
	sim_task_as_of(SIM_NEVER);
	event = first_late(base, SIM_NEVER);
	if (event != NULL)
		sim_alarm_set(&base->latest, event->due +
		    sim_process_lazy_ns(base->process));
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

/*
 * Does the time stand still? Whoever asks at once for the next turn, as a timer
 * may that is due within a microsecond, has it at once, but not for ever.
 */
static bool
stands_still(struct event_base *base)
{
	if (base->turned != sim_now())
		base->still = 0;
	base->turned = sim_now();
	return ++base->still > STILL;
}

/* Let the time pass that a turn took. One that had no effect costs nothing. */
static void
spend(struct event_base *base, bool worked)
{
	uint64_t until = sim_now() + TURN_US * 1000, cost = worked ?
	    sim_machine_cost(sim_process_machine(base->process)) : 0;

	if (cost == 0 && !stands_still(base)) {
		rest(base, until);
		return;
	}
	for (until += cost; sim_now() < until;)
		sim_task_wait(until);
}

int
event_base_loop(struct event_base *base, int flags)
{
	uint64_t effects;
	bool ran = false;

	base->broken = base->leaves = false;
	while (!base->broken && !base->leaves) {
		if (!TAILQ_EMPTY(&base->late))
			make_up(base);
		look(base);
		effects = sim_world.effects;
		if (run_active(base)) {
			sim_process_turned(base->process);
			ran = true;
			if ((flags & (EVLOOP_ONCE | EVLOOP_NONBLOCK)) != 0)
				break;
			spend(base, sim_world.effects != effects);
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

void
sim_event_punctual(const struct sim_process *process)
{
	struct event_base *base;
	struct event *event;

	LIST_FOREACH(base, &bases, of_world) {
		if (base->process != process)
			continue;
		while ((event = TAILQ_FIRST(&base->late)) != NULL)
			be_punctual(event);
		sim_alarm_stop(&base->latest);
	}
}

void
sim_event_forget(const struct sim_process *process)
{
	struct event_base *base, *next;
	struct event *event;

	for (base = LIST_FIRST(&bases); base != NULL; base = next) {
		next = LIST_NEXT(base, of_world);
		if (base->process != process)
			continue;
		while ((event = LIST_FIRST(&base->all)) != NULL)
			event_free(event);
		event_base_free(base);
	}
}
