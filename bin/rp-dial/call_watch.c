#include "call_private.h"

#include <errno.h>

#include <event2/event.h>

#include "base/clock.h"
#include "media/media.h"
#include "net/netwatch.h"

bool
call_online(const struct call *call)
{
	struct addr source;

	return netwatch_source(&source, &call->relay) == 0;
}

/* What is seen of the other side at the moment. */
static void
see(const struct call *call, struct presence_signs *out)
{
	struct media_stats stats;

	call_stats(call, &stats);
	out->now_ns = clock_ns();
	out->heard = stats.packets_received;
	out->talking = call->state == CALL_TALKING;
	out->online = call_online(call);
}

static void
switch_gone(struct call *call)
{
	call_end(call, OUTCOME_MOVED, SIGMSG_HANGUP, NULL,
	    "the switch is gone");
}

static void
on_watch(evutil_socket_t fd, short what, void *arg)
{
	struct call *call = arg;
	struct presence_signs signs;

	(void)fd;
	(void)what;
	if (call_over(call))
		return;
	see(call, &signs);
	if (presence_tick(&call->presence, &signs))
		switch_gone(call);
	else
		call_restart_tick(call);
}

int
call_watch(struct call *call)
{
	static const struct timeval tick = { 1, 0 };

	call->watch = event_new(call->options.loop, -1, EV_PERSIST, on_watch,
	    call);
	return call->watch != NULL && evtimer_add(call->watch, &tick) == 0 ?
	    0 : -ENOMEM;
}

void
call_judge(evutil_socket_t fd, short what, void *arg)
{
	struct call *call = arg;
	struct presence_signs signs;
	struct timeval wait;
	uint32_t ms;

	(void)fd;
	(void)what;
	if (call_over(call) || !call->presence.away)
		return;
	see(call, &signs);
	ms = presence_nobody(&call->presence, &signs);
	if (ms == 0) {
		switch_gone(call);
	} else if (ms != UINT32_MAX) {
		wait.tv_sec = ms / 1000;
		wait.tv_usec = ms % 1000 * 1000;
		evtimer_add(call->gone, &wait);
	}
}

void
call_quiet(struct call *call)
{
	struct presence_signs signs;

	see(call, &signs);
	presence_away(&call->presence, &signs);
}

bool
call_away(const struct call *call)
{
	return call->presence.away;
}

bool
call_lost(const struct call *call)
{
	return presence_lost(&call->presence);
}
