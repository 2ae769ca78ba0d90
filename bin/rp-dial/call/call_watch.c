/*
 * call_watch: feed presence once per second with what media hears and where the
 * relay is; called by call and call_restart. See call_watch.h.
 */
#include "call/call_watch.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "call/call_media.h"
#include "net/loop.h"
#include "net/netwatch.h"

#define TICK_MS 1000		/* one look per second is enough for people */

static uint64_t
heard_packets(const struct call_watch *w)
{
	struct media_stats stats;

	call_media_stats(w->media, &stats);
	return stats.packets_received;
}

/* Collect the present observations of the other side. */
static void
collect_signs(const struct call_watch *w, struct presence_signs *out)
{
	out->now_ns = clock_ns();
	out->heard = heard_packets(w);
	out->talking = w->talking;
	out->held = call_media_held(w->media);
	out->unanswered_ms = call_media_unanswered_ms(w->media);
	out->online = call_watch_online(w);
}

static void
on_tick(void *arg)
{
	struct call_watch *w = arg;
	struct presence_signs signs;

	collect_signs(w, &signs);
	if (presence_tick(&w->presence, &signs))
		w->handlers->gone(w->arg);
	else
		w->handlers->tick(w->arg);
}

/* Judge by media whether the switch is gone, as its address refuses us. */
static void
judge(struct call_watch *w)
{
	struct presence_signs signs;
	uint32_t ms;

	if (!w->presence.away)
		return;
	collect_signs(w, &signs);
	ms = presence_nobody(&w->presence, &signs);
	w->refused = ms == 0;
	if (ms == 0)
		w->handlers->gone(w->arg);
	else if (ms != UINT32_MAX)
		loop_timer_set_ms(w->judge, ms);
}

static void
on_judge(void *arg)
{
	judge(arg);
}

int
call_watch_init(struct call_watch *w, const struct call_options *options,
    const struct call_media *media, const struct call_watch_handlers *handlers,
    void *arg)
{
	memset(w, 0, sizeof(*w));
	w->options = options;
	w->media = media;
	w->handlers = handlers;
	w->arg = arg;
	presence_init(&w->presence, options->caller);
	w->judge = loop_timer_new(options->loop, on_judge, w);
	return w->judge != NULL ? 0 : -ENOMEM;
}

int
call_watch_start(struct call_watch *w)
{
	if (w->ticker != NULL)
		return 0;
	w->ticker = loop_ticker_new(w->options->loop, on_tick, w);
	return w->ticker != NULL &&
	    loop_timer_set_ms(w->ticker, TICK_MS) == 0 ? 0 : -ENOMEM;
}

void
call_watch_relay(struct call_watch *w, const struct addr *relay)
{
	w->relay = *relay;
	if (netwatch_source(&w->source, relay) < 0)
		memset(&w->source, 0, sizeof(w->source));
}

void
call_watch_talking(struct call_watch *w)
{
	w->talking = true;
}

void
call_watch_away(struct call_watch *w)
{
	struct presence_signs signs;

	collect_signs(w, &signs);
	presence_away(&w->presence, &signs);
}

void
call_watch_back(struct call_watch *w)
{
	presence_back(&w->presence);
}

void
call_watch_missed(struct call_watch *w, int err)
{
	presence_answered(&w->presence, err == -EBUSY);
	if (err == -ECONNREFUSED)
		judge(w);
}

const char *
call_watch_why(const struct call_watch *w)
{
	if (w->refused)
		return "";
	if (!call_watch_online(w))
		return "this host has no network";
	return w->presence.answered ? "the switch does not take the call up "
	    "again (503)" : "neither the switch nor its relay answers";
}

bool
call_watch_is_away(const struct call_watch *w)
{
	return w->presence.away;
}

bool
call_watch_lost(const struct call_watch *w)
{
	return presence_lost(&w->presence);
}

uint32_t
call_watch_silent_ms(const struct call_watch *w)
{
	struct presence_signs signs;

	collect_signs(w, &signs);
	return presence_silent_ms(&w->presence, &signs);
}

uint32_t
call_watch_unheard_ms(const struct call_watch *w)
{
	struct presence_signs signs;

	collect_signs(w, &signs);
	return presence_unheard_ms(&w->presence, &signs);
}

bool
call_watch_online(const struct call_watch *w)
{
	struct addr source;

	return netwatch_source(&source, &w->relay) == 0;
}

bool
call_watch_moved(const struct call_watch *w)
{
	struct addr source;

	return netwatch_source(&source, &w->relay) == 0 &&
	    !addr_equal_ip(&source, &w->source);
}

void
call_watch_stop(struct call_watch *w)
{
	loop_event_stop(w->judge);
	if (w->ticker != NULL)
		loop_event_stop(w->ticker);
}

void
call_watch_clear(struct call_watch *w)
{
	loop_event_free(w->ticker);
	loop_event_free(w->judge);
	w->ticker = NULL;
	w->judge = NULL;
}
