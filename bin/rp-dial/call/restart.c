/*
 * restart: decide when to restart ICE, and which end does it. Pure;
 * call_restart carries it out. See restart.h.
 */
#include "call/restart.h"

#include <string.h>

/*
 * The first pause is what a restart takes on a bad path: credentials, an
 * allocation, the offer, the answer and the checks, some six round trips.
 */
#define PAUSE_FIRST_MS 2000
#define PAUSE_MOST_MS 16000
#define CALM_NS (20 * CLOCK_S) /* since our last restart: short pause again */
/* between two restarts of a host that keeps moving */
#define MOVES_NS (500 * CLOCK_MS)
/* A restart of ours for silence would cross the peer's, which is under way. */
#define PEER_NS (2 * CLOCK_S)
/*
 * Offers that arrived together were queued: the first could not be tried yet.
 */
#define TRIED_NS CLOCK_S
/* The same fault may have broken our path to the relay. */
#define HINT_NS (5 * CLOCK_S)
/* A peer that is there has answered an offer by then. */
#define ANSWER_NS (10 * CLOCK_S)
/* A restart of theirs so soon after ours may be in reaction to it. */
#define REACTION_NS (10 * CLOCK_S)

void
restart_init(struct restart *r)
{
	memset(r, 0, sizeof(*r));
	r->pause.first_ms = PAUSE_FIRST_MS;
	r->pause.most_ms = PAUSE_MOST_MS;
}

static bool
passed(uint64_t now_ns, uint64_t since_ns, uint64_t least_ns)
{
	return since_ns == 0 || now_ns - since_ns >= least_ns;
}

/*
 * Return whether the peer is silent and a restart may help. After a longer
 * silence restarts were useless, and the end of the call is near.
 */
static bool
is_silent(const struct restart *r, const struct restart_event *event)
{
	uint32_t least_ms = passed(event->now_ns, r->back_ns, HINT_NS) ?
	    RESTART_SILENT_MS : RESTART_HINT_MS;

	return event->silent_ms >= least_ms &&
	    event->silent_ms <= RESTART_GONE_MS;
}

bool
restart_offers(const struct restart *r, uint64_t now_ns)
{
	return r->state == RESTART_OFFERED &&
	    !passed(now_ns, r->own_ns, RESTART_OFFER_NS);
}

static bool
is_busy(const struct restart *r, uint64_t now_ns)
{
	return r->state == RESTART_ASKED || restart_offers(r, now_ns);
}

static bool
may_for_move(const struct restart *r, const struct restart_event *event)
{
	return event->moved && event->now_ns >= r->refused_ns &&
	    passed(event->now_ns, r->own_ns, MOVES_NS);
}

static bool
is_calm(const struct restart *r, uint64_t now_ns)
{
	return now_ns >= r->refused_ns && now_ns >= r->pause_ns &&
	    passed(now_ns, r->peer_ns, PEER_NS);
}

static bool
may_for_silence(const struct restart *r, const struct restart_event *event)
{
	return is_silent(r, event) && is_calm(r, event->now_ns);
}

static void
set_pause(struct restart *r, uint64_t now_ns, uint32_t ms)
{
	if (now_ns + ms * CLOCK_MS > r->pause_ns)
		r->pause_ns = now_ns + ms * CLOCK_MS;
}

static enum restart_action
ask(struct restart *r, bool for_peer)
{
	r->state = RESTART_ASKED;
	r->for_peer = for_peer;
	return RESTART_ASK;
}

static enum restart_action
offer(struct restart *r, const struct restart_event *event)
{
	r->state = RESTART_OFFERED;
	if (!r->unanswered)
		r->asked_ns = event->now_ns;
	r->unanswered = true;
	r->own_ns = event->now_ns;
	set_pause(r, event->now_ns, event->moved ? PAUSE_FIRST_MS :
	    backoff_next_ms(&r->pause));
	return RESTART_OFFER;
}

/*
 * The peer has said nothing for long. If we move all the time, each of our
 * offers is young, and so is the silence since then.
 */
static bool
is_gone(const struct restart *r, const struct restart_event *event)
{
	return r->unanswered && (event->silent_ms > RESTART_GONE_MS ||
	    (event->unheard_ms > RESTART_GONE_MS &&
	    passed(event->now_ns, r->asked_ns, ANSWER_NS)));
}

static enum restart_action
on_tick(struct restart *r, const struct restart_event *event)
{
	if (is_gone(r, event))
		return RESTART_GIVE_UP;
	if (event->silent_ms == 0 && passed(event->now_ns, r->own_ns,
	    CALM_NS) && event->now_ns >= r->refused_ns + CALM_NS)
		backoff_reset(&r->pause);
	if (!event->ready || r->away || is_busy(r, event->now_ns))
		return RESTART_NOTHING;
	return may_for_move(r, event) || may_for_silence(r, event) ?
	    ask(r, false) : RESTART_NOTHING;
}

/*
 * Take fresh credentials. The reason for them may be over by now, as a rule
 * after an outage. The credentials after a reconnection were not asked for at
 * all.
 */
static enum restart_action
on_granted(struct restart *r, const struct restart_event *event)
{
	bool for_peer = r->for_peer;

	if (r->away)
		r->back_ns = event->now_ns;
	r->away = r->for_peer = false;
	if (r->state == RESTART_ASKED)
		r->state = RESTART_IDLE;
	if (!event->ready || is_busy(r, event->now_ns))
		return RESTART_NOTHING;
	if (for_peer || may_for_move(r, event) || may_for_silence(r, event))
		return offer(r, event);
	return RESTART_NOTHING;
}

/* Keep the present path, because the switch or the relay has no capacity. */
static enum restart_action
on_refused(struct restart *r, const struct restart_event *event)
{
	uint32_t ms = backoff_next_ms(&r->pause);

	if (ms < event->wait_ms)
		ms = event->wait_ms;
	r->state = RESTART_IDLE;
	r->away = r->for_peer = false;
	r->refused_ns = event->now_ns + ms * CLOCK_MS;
	return RESTART_NOTHING;
}

static enum restart_action
on_away(struct restart *r)
{
	if (r->state == RESTART_ASKED)
		r->state = RESTART_IDLE;
	r->for_peer = false;
	r->away = true;
	return RESTART_NOTHING;
}

static bool
must_react(const struct restart *r, const struct restart_event *event)
{
	uint64_t now_ns = event->now_ns;

	return event->stuck && !r->away && r->state == RESTART_IDLE &&
	    r->peer_ns != 0 && passed(now_ns, r->peer_ns, TRIED_NS) &&
	    passed(now_ns, r->own_ns, REACTION_NS) &&
	    now_ns >= r->refused_ns && now_ns >= r->pause_ns;
}

/* If both sides had restarted, this answer serves both. */
static enum restart_action
on_peer(struct restart *r, const struct restart_event *event)
{
	bool react = must_react(r, event);

	if (r->state == RESTART_OFFERED)
		r->state = RESTART_IDLE;
	r->unanswered = false;
	r->peer_ns = event->now_ns;
	if (!react)
		return RESTART_ANSWER;
	ask(r, true);
	return RESTART_ANSWER_ASK;
}

static enum restart_action
on_answer(struct restart *r, const struct restart_event *event)
{
	r->unanswered = false;
	if (r->state != RESTART_OFFERED)
		return RESTART_NOTHING;
	r->state = RESTART_IDLE;
	return !r->away && may_for_move(r, event) ? ask(r, false) :
	    RESTART_NOTHING;
}

enum restart_action
restart_event(struct restart *r, const struct restart_event *event)
{
	switch (event->type) {
	case RESTART_ON_TICK:
		return on_tick(r, event);
	case RESTART_ON_GRANTED:
		return on_granted(r, event);
	case RESTART_ON_REFUSED:
		return on_refused(r, event);
	case RESTART_ON_AWAY:
		return on_away(r);
	case RESTART_ON_PEER:
		return on_peer(r, event);
	case RESTART_ON_ANSWER:
		return on_answer(r, event);
	}
	return RESTART_NOTHING;
}
