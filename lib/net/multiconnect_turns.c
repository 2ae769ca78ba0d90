/*
 * multiconnect_turns: which attempts may run now, for how long, and which must
 * make room. Called by multiconnect.
 */
#include "net/multiconnect_private.h"

#include <errno.h>

#include <event2/event.h>

#include "base/clock.h"
#include "net/loop_private.h"

/*
 * How long an attempt may hold its place while others wait for one. A
 * satellite's round trip fits. If more wait than fit into the deadline, the
 * time shrinks.
 */
#define PATIENCE_MS 1000

static size_t
count_waiting(const struct multiconnect *mc)
{
	size_t i, waiting = 0;

	for (i = 0; i < mc->n; i++)
		if (mc->entries[i].outcome == MULTICONNECT_WAITING)
			waiting++;
	return waiting;
}

/*
 * Return how long an attempt may race while others wait, so that all get their
 * turn.
 */
static uint32_t
patience_ms(const struct multiconnect *mc, size_t waiting)
{
	size_t turns = waiting / MULTICONNECT_AT_ONCE + 2;
	uint32_t share = multiconnect_left_ms(mc) / (uint32_t)turns;

	return share < PATIENCE_MS ? share : PATIENCE_MS;
}

/*
 * Return when this one is connected to once more, UINT64_MAX if never. While
 * others wait for their first try, no place goes to a second one.
 */
static uint64_t
second_ns(const struct multiconnect *mc, const struct attempt *a,
    size_t waiting)
{
	if (a->fd < 0 || a->repeated || waiting > 0 ||
	    mc->racing + mc->seconds >= MULTICONNECT_AT_ONCE)
		return UINT64_MAX;
	return a->start_ns + MULTICONNECT_SECOND_MS * CLOCK_MS;
}

static void
start_seconds(struct multiconnect *mc)
{
	size_t i, waiting = count_waiting(mc);
	uint64_t now = clock_ns();

	for (i = 0; i < mc->n; i++)
		if (second_ns(mc, mc->attempts[i], waiting) <= now)
			multiconnect_attempt_repeat(mc->attempts[i],
			    multiconnect_ready);
}

/* Close the second tries if first ones need their places. */
static void
end_seconds(struct multiconnect *mc)
{
	size_t i, waiting = count_waiting(mc);

	if (waiting == 0 ||
	    mc->racing + mc->seconds + waiting <= MULTICONNECT_AT_ONCE)
		return;
	for (i = 0; i < mc->n; i++)
		multiconnect_attempt_unrepeat(mc->attempts[i]);
}

/*
 * Set the timer to the deadline, to when the oldest must make room for others,
 * or to a second try.
 */
static void
set_timer(struct multiconnect *mc)
{
	uint64_t now = clock_ns(), due = mc->deadline_ns, oldest = UINT64_MAX;
	size_t i, waiting = count_waiting(mc);
	struct timeval tv;

	for (i = 0; i < mc->n; i++)
		if (multiconnect_attempt_is_racing(mc->attempts[i]) &&
		    mc->attempts[i]->start_ns < oldest)
			oldest = mc->attempts[i]->start_ns;
	if (waiting > 0 && oldest != UINT64_MAX) {
		oldest += patience_ms(mc, waiting) * CLOCK_MS;
		due = oldest < due ? oldest : due;
	}
	for (i = 0; i < mc->n; i++) {
		uint64_t second = second_ns(mc, mc->attempts[i], waiting);

		due = second < due ? second : due;
	}
	due = due > now ? due - now : 0;
	tv.tv_sec = (time_t)(due / CLOCK_S);
	tv.tv_usec = (suseconds_t)(due % CLOCK_S / 1000) + 1;
	event_add(mc->timer, &tv);
}

/*
 * Start those that wait for their first turn, or those that made room for them.
 */
static void
start_waiting(struct multiconnect *mc, bool again)
{
	size_t i;

	for (i = 0; i < mc->n && mc->racing < MULTICONNECT_AT_ONCE; i++) {
		bool waits = mc->entries[i].outcome == MULTICONNECT_WAITING;

		if ((again ? mc->attempts[i]->again : waits) &&
		    multiconnect_attempt_start(mc->attempts[i],
		    multiconnect_ready) < 0)
			return;
	}
}

/* With nobody else left, those that were only too slow may try once more. */
static void
start_slow(struct multiconnect *mc)
{
	size_t i;

	for (i = 0; i < mc->n; i++)
		if (mc->attempts[i]->slow)
			mc->entries[i].outcome = MULTICONNECT_WAITING;
	start_waiting(mc, false);
}

void
multiconnect_turns_fill(struct multiconnect *mc)
{
	event_del(mc->nobody);
	end_seconds(mc);
	start_waiting(mc, false);
	start_waiting(mc, true);
	if (mc->racing == 0)
		start_slow(mc);
	start_seconds(mc);
	multiconnect_routes_watch(mc);
	if (mc->racing > 0 || mc->more || multiconnect_routes_awaited(mc)) {
		set_timer(mc);
		return;
	}
	multiconnect_routes_leave(mc);
	event_del(mc->timer);
	loop_next(mc->nobody);
}

/*
 * Remove up to `wanted` attempts that have raced for `patience`. They return
 * when there is room. Return how many could not be removed.
 */
static size_t
make_room(struct multiconnect *mc, size_t wanted, double patience,
    bool proving)
{
	size_t i;

	for (i = 0; i < mc->n && wanted > 0; i++) {
		struct attempt *a = mc->attempts[i];

		if (!multiconnect_attempt_is_racing(a) ||
		    a->proving != proving ||
		    multiconnect_attempt_ms(a) < patience)
			continue;
		multiconnect_attempt_drop(a, MULTICONNECT_FAILED, -ETIMEDOUT);
		a->again = true;
		wanted--;
	}
	return wanted;
}

static void
end_race(struct multiconnect *mc)
{
	bool unrouted = mc->racing == 0 && multiconnect_routes_awaited(mc);
	size_t i;

	for (i = 0; i < mc->n; i++)
		if (multiconnect_attempt_is_racing(mc->attempts[i]))
			multiconnect_attempt_drop(mc->attempts[i],
			    MULTICONNECT_FAILED, -ETIMEDOUT);
	multiconnect_routes_leave(mc);
	mc->on = false;
	mc->done(unrouted ? multiconnect_why_nobody(mc) : -ETIMEDOUT, -1, 0,
	    mc->arg);
}

void
multiconnect_turns_timer(evutil_socket_t fd, short what, void *arg)
{
	struct multiconnect *mc = arg;
	size_t waiting = count_waiting(mc);
	double patience = patience_ms(mc, waiting);

	(void)fd;
	(void)what;
	if (multiconnect_left_ms(mc) == 0) {
		end_race(mc);
		return;
	}
	/*
	 * Remove black holes first, because a connected attempt may still prove
	 * itself.
	 */
	waiting = make_room(mc, waiting, patience, false);
	(void)make_room(mc, waiting, patience, true);
	multiconnect_turns_fill(mc);
}
