/*
 * call_watch: feed presence and restart once per second, and carry out what
 * they decide about silence. Calls up to call.
 */
#include "call/call_private.h"

#include <errno.h>

#include "base/clock.h"
#include "media/media.h"
#include "net/loop.h"
#include "net/netwatch.h"

#define TICK_MS 1000		/* one look per second is enough for people */

bool
call_online(const struct call *call)
{
	struct addr source;

	return netwatch_source(&source, &call->relay) == 0;
}

/* Collect the present observations of the other side. */
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
on_watch(void *arg)
{
	struct call *call = arg;
	struct presence_signs signs;

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
	call->watch = loop_ticker_new(call->options.loop, on_watch, call);
	return call->watch != NULL &&
	    loop_timer_set_ms(call->watch, TICK_MS) == 0 ? 0 : -ENOMEM;
}

void
call_judge(void *arg)
{
	struct call *call = arg;
	struct presence_signs signs;
	uint32_t ms;

	if (call_over(call) || !call->presence.away)
		return;
	see(call, &signs);
	ms = presence_nobody(&call->presence, &signs);
	if (ms == 0)
		switch_gone(call);
	else if (ms != UINT32_MAX)
		loop_timer_set_ms(call->gone, ms);
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
