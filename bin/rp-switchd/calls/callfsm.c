/*
 * callfsm: the transitions of a call, one function per event. Pure: actions
 * come out as a list for call_record. See callfsm.h.
 */
#include "calls/callfsm.h"

#include <string.h>

static uint32_t
bit(int party)
{
	return 1u << (party + 1);
}

static bool
is_linked(const struct callfsm *call, int party)
{
	return (call->linked & bit(party)) != 0;
}

/* Is the caller, or the device that answered, connected? */
static bool
is_attended(const struct callfsm *call)
{
	return is_linked(call, CALL_CALLER) ||
	    (call->winner != CALL_NOBODY && is_linked(call, call->winner));
}

static bool
is_live(enum call_leg leg)
{
	return leg == CALL_LEG_WAKING || leg == CALL_LEG_UP ||
	    leg == CALL_LEG_READY;
}

/* Might a push have made the device ring, or still make it ring? */
static bool
is_pushed(const struct callfsm *call, int party)
{
	return call->legs[party] == CALL_LEG_WAKING ||
	    !is_linked(call, party);
}

static bool
any_live(const struct callfsm *call)
{
	int i;

	for (i = 0; i < call->n_legs; i++)
		if (is_live(call->legs[i]))
			return true;
	return false;
}

static void
act(struct callfsm_result *result, enum call_action_type type, int party)
{
	if (result->n < CALL_ACTIONS)
		result->actions[result->n++] =
		    (struct callfsm_action){ type, party };
}

void
callfsm_init(struct callfsm *call, const struct callfsm_timing *timing,
    const bool wakeable[], int n_legs, uint64_t now_ms)
{
	int i;

	memset(call, 0, sizeof(*call));
	call->timing = *timing;
	call->n_legs = n_legs;
	call->shown = CALL_NOBODY;
	call->winner = CALL_NOBODY;
	call->started_ms = now_ms;
	call->offered = timing->offer_ms == 0;
	for (i = 0; i < n_legs; i++)
		call->legs[i] = wakeable[i] ? CALL_LEG_WAKING :
		    CALL_LEG_ABSENT;
}

/*
 * End the call. Everybody but `from` is told: by the current request (`pass`)
 * or by our HANGUP. A device that is not connected and might ring gets a cancel
 * push.
 */
static void
end_call(struct callfsm *call, enum call_end why, int from, bool pass,
    const struct callfsm_event *event, struct callfsm_result *result)
{
	enum call_action_type tell = pass ? CALL_DO_PASS : CALL_DO_HANGUP;
	bool answered = call->state == CALL_ANSWERED;
	int i;

	call->state = CALL_ENDED;
	call->end = why;
	call->ended_ms = event->now_ms;
	if (from != CALL_CALLER)
		act(result, tell, CALL_CALLER);
	for (i = 0; i < call->n_legs; i++) {
		if (!is_live(call->legs[i]))
			continue;
		if (i == from) {
			act(result, CALL_DO_STOP_PUSH, i);
			continue;
		}
		if (is_linked(call, i))
			act(result, tell, i);
		if (!answered && is_pushed(call, i))
			act(result, CALL_DO_CANCEL_PUSH, i);
	}
	act(result, CALL_DO_END, CALL_NOBODY);
}

/* End the call if no device is left that could answer. */
static void
end_if_alone(struct callfsm *call, const struct callfsm_event *event,
    struct callfsm_result *result)
{
	if (!any_live(call))
		end_call(call, call->was_busy ? CALL_BUSY : CALL_UNREACHABLE,
		    CALL_NOBODY, false, event, result);
}

static void
show(struct callfsm *call, int device, struct callfsm_result *result)
{
	call->shown = device;
	act(result, CALL_DO_SHOW, device);
}

/* Show another device's answer, because the one that the caller has is out. */
static void
show_next(struct callfsm *call, struct callfsm_result *result)
{
	int i;

	call->shown = CALL_NOBODY;
	for (i = 0; i < call->n_legs; i++)
		if (call->legs[i] == CALL_LEG_READY) {
			show(call, i, result);
			return;
		}
}

static int
on_ring(struct callfsm *call, const struct callfsm_event *event,
    struct callfsm_result *result)
{
	enum call_leg *leg;

	if (event->party == CALL_CALLER)
		return 409;
	leg = &call->legs[event->party];
	if (*leg == CALL_LEG_OUT)
		return 409;
	if (event->body && *leg == CALL_LEG_READY)
		return 409;	/* it has given its answer */
	if (event->body && !call->offered)
		return 409;	/* there is nothing to answer */
	if (call->state == CALL_ANSWERED)
		return event->body ? 409 : 200;
	if (*leg < CALL_LEG_UP)
		act(result, CALL_DO_STOP_PUSH, event->party);
	if (!event->body) {
		if (call->state < CALL_RINGING)
			act(result, CALL_DO_PASS, CALL_CALLER);
		if (*leg < CALL_LEG_UP)
			*leg = CALL_LEG_UP;
	} else {
		*leg = CALL_LEG_READY;
		if (call->shown == CALL_NOBODY)
			show(call, event->party, result);
	}
	call->state = CALL_RINGING;
	return 200;
}

/* Dismiss the other devices, which now ring in vain. */
static void
dismiss(struct callfsm *call, int winner, struct callfsm_result *result)
{
	int i;

	for (i = 0; i < call->n_legs; i++) {
		if (i == winner)
			continue;
		if (is_live(call->legs[i]) && is_linked(call, i))
			act(result, CALL_DO_HANGUP, i);
		if (is_live(call->legs[i]) && is_pushed(call, i))
			act(result, CALL_DO_CANCEL_PUSH, i);
		call->legs[i] = CALL_LEG_OUT;
	}
}

static int
on_answer(struct callfsm *call, const struct callfsm_event *event,
    struct callfsm_result *result)
{
	if (event->party == CALL_CALLER)
		return 409;
	if (call->winner == event->party)
		return 200;	/* a repetition */
	if (call->legs[event->party] != CALL_LEG_READY)
		return 409;
	if (call->shown != event->party)
		show(call, event->party, result);
	act(result, CALL_DO_PASS, CALL_CALLER);
	call->state = CALL_ANSWERED;
	call->winner = event->party;
	call->answered_ms = event->now_ms;
	call->quiet_ms = event->now_ms;
	dismiss(call, event->party, result);
	return 200;
}

static int
on_info(struct callfsm *call, const struct callfsm_event *event,
    struct callfsm_result *result)
{
	int i;

	if (event->party == CALL_CALLER && event->offer && !call->offered) {
		call->offered = true;
		act(result, CALL_DO_OFFER, CALL_NOBODY);
		return 200;
	}
	if (event->party == CALL_CALLER) {
		for (i = 0; i < call->n_legs; i++)
			if (call->legs[i] != CALL_LEG_OUT)
				act(result, CALL_DO_PASS, i);
		return 200;
	}
	if (call->legs[event->party] != CALL_LEG_UP &&
	    call->legs[event->party] != CALL_LEG_READY)
		return 409;
	if (event->party == call->shown)
		act(result, CALL_DO_PASS, CALL_CALLER);
	else
		act(result, CALL_DO_KEEP, event->party);
	return 200;
}

/* The device does not answer this call any more. */
static void
take_out(struct callfsm *call, int device, struct callfsm_result *result)
{
	call->legs[device] = CALL_LEG_OUT;
	act(result, CALL_DO_STOP_PUSH, device);
	if (call->shown == device)
		show_next(call, result);
}

static int
on_busy(struct callfsm *call, const struct callfsm_event *event,
    struct callfsm_result *result)
{
	if (event->party == CALL_CALLER || call->state == CALL_ANSWERED)
		return 409;
	if (call->legs[event->party] == CALL_LEG_OUT)
		return 200;
	call->was_busy = true;
	take_out(call, event->party, result);
	if (!any_live(call))
		end_call(call, CALL_BUSY, event->party, true, event, result);
	return 200;
}

static int
on_hangup(struct callfsm *call, const struct callfsm_event *event,
    struct callfsm_result *result)
{
	enum call_end why = CALL_HUNG_UP;

	if (event->party != CALL_CALLER &&
	    call->legs[event->party] == CALL_LEG_OUT)
		return 200;	/* it had left already */
	if (event->failed && event->party != CALL_CALLER &&
	    call->state != CALL_ANSWERED) {
		take_out(call, event->party, result);
		if (any_live(call))
			return 200;
	}
	if (call->state != CALL_ANSWERED)
		why = event->party == CALL_CALLER ? CALL_CANCELLED :
		    CALL_DECLINED;
	end_call(call, why, event->party, true, event, result);
	return 200;
}

static int
on_resume(const struct callfsm *call, const struct callfsm_event *event)
{
	if (event->party == CALL_CALLER)
		return 200;
	/* RING must come first. */
	return call->legs[event->party] == CALL_LEG_UP ||
	    call->legs[event->party] == CALL_LEG_READY ? 200 : 409;
}

static int
on_request(struct callfsm *call, const struct callfsm_event *event,
    struct callfsm_result *result)
{
	if (call->state == CALL_ENDED)
		return 410;
	if (call->state == CALL_ANSWERED && event->party != CALL_CALLER &&
	    event->party != call->winner)
		return 410;
	switch (event->type) {
	case CALL_ON_RING:
		return on_ring(call, event, result);
	case CALL_ON_ANSWER:
		return on_answer(call, event, result);
	case CALL_ON_INFO:
		return on_info(call, event, result);
	case CALL_ON_BUSY:
		return on_busy(call, event, result);
	case CALL_ON_HANGUP:
		return on_hangup(call, event, result);
	default:
		return on_resume(call, event);
	}
}

static void
on_unreachable(struct callfsm *call, const struct callfsm_event *event,
    struct callfsm_result *result)
{
	if (call->legs[event->party] != CALL_LEG_WAKING)
		return;
	call->legs[event->party] = CALL_LEG_ABSENT;
	end_if_alone(call, event, result);
}

/*
 * A caller who may not go on ends the call. A device no longer rings, and ends
 * the call only if it was in it.
 */
static void
on_revoked(struct callfsm *call, const struct callfsm_event *event,
    struct callfsm_result *result)
{
	int party = event->party;

	if (call->state == CALL_ANSWERED) {
		if (party == CALL_CALLER || party == call->winner)
			end_call(call, CALL_HUNG_UP, CALL_NOBODY, false, event,
			    result);
		return;
	}
	if (party == CALL_CALLER) {
		end_call(call, CALL_CANCELLED, party, false, event, result);
		return;
	}
	if (call->legs[party] == CALL_LEG_OUT)
		return;
	act(result, CALL_DO_CANCEL_PUSH, party);
	call->legs[party] = CALL_LEG_OUT;
	if (call->shown == party)
		show_next(call, result);
	end_if_alone(call, event, result);
}

static void
on_link(struct callfsm *call, const struct callfsm_event *event)
{
	if (event->type == CALL_ON_LINKED) {
		call->linked |= bit(event->party);
		return;
	}
	call->linked &= ~bit(event->party);
	if (!is_attended(call))
		call->quiet_ms = event->now_ms;
}

static void
on_tick(struct callfsm *call, const struct callfsm_event *event,
    struct callfsm_result *result)
{
	uint64_t due;

	if (call->state == CALL_ANSWERED && event->media_ms > call->quiet_ms)
		call->quiet_ms = event->media_ms;
	due = callfsm_deadline_ms(call);
	if (due == 0 || event->now_ms < due)
		return;
	if (call->state == CALL_ENDED)
		act(result, CALL_DO_FORGET, CALL_NOBODY);
	else if (call->state == CALL_ANSWERED)
		end_call(call, CALL_DROPPED, CALL_NOBODY, false, event, result);
	else if (!call->offered && event->now_ms >= call->started_ms +
	    call->timing.offer_ms)
		end_call(call, CALL_NO_OFFER, CALL_NOBODY, false, event,
		    result);
	else
		end_call(call, CALL_EXPIRED, CALL_NOBODY, false, event, result);
}

static void
on_switch(struct callfsm *call, const struct callfsm_event *event,
    struct callfsm_result *result)
{
	switch (event->type) {
	case CALL_ON_PUSHED:
		if (call->state == CALL_INITIATED)
			call->state = CALL_PUSHED;
		break;
	case CALL_ON_UNREACHABLE:
		on_unreachable(call, event, result);
		break;
	case CALL_ON_REVOKED:
		on_revoked(call, event, result);
		break;
	case CALL_ON_GLARE:
		end_call(call, CALL_GLARE, CALL_NOBODY, false, event, result);
		break;
	default:
		end_call(call, CALL_MOVED, CALL_NOBODY, false, event, result);
		break;
	}
}

void
callfsm_event(struct callfsm *call, const struct callfsm_event *event,
    struct callfsm_result *result)
{
	result->status = 0;
	result->n = 0;
	if (event->type <= CALL_ON_RESUME)
		result->status = on_request(call, event, result);
	else if (event->type == CALL_ON_TICK)
		on_tick(call, event, result);
	else if (event->type == CALL_ON_LINKED ||
	    event->type == CALL_ON_UNLINKED)
		on_link(call, event);
	else if (call->state != CALL_ENDED)
		on_switch(call, event, result);
}

/* Return how long after INITIATE a call may be in the state that it is in. */
static uint64_t
patience_ms(const struct callfsm *call)
{
	const struct callfsm_timing *timing = &call->timing;
	uint64_t ms = timing->ring_ms;

	if (call->state != CALL_RINGING && timing->push_ms < ms)
		ms = timing->push_ms;
	if (!call->offered && timing->offer_ms < ms)
		ms = timing->offer_ms;
	return ms;
}

uint64_t
callfsm_deadline_ms(const struct callfsm *call)
{
	switch (call->state) {
	case CALL_INITIATED:
	case CALL_PUSHED:
	case CALL_RINGING:
		return call->started_ms + patience_ms(call);
	case CALL_ANSWERED:
		return is_attended(call) ? 0 :
		    call->quiet_ms + call->timing.silence_ms;
	default:
		return call->ended_ms + call->timing.over_ms;
	}
}

const char *
callfsm_reason(const struct callfsm *call, int party)
{
	static const char *const reasons[] = {
		[CALL_CANCELLED] = "cancelled",
		[CALL_DECLINED] = "declined",
		[CALL_BUSY] = "busy",
		[CALL_UNREACHABLE] = "unreachable",
		[CALL_EXPIRED] = "expired",
		[CALL_HUNG_UP] = "hung-up",
		[CALL_DROPPED] = "dropped",
		[CALL_GLARE] = "glare",
		[CALL_NO_OFFER] = "no-offer",
		[CALL_MOVED] = "moved"
	};

	if (party >= 0 && call->winner != CALL_NOBODY && party != call->winner)
		return "answered-elsewhere";
	return reasons[call->end];
}

const char *
callfsm_state_text(enum call_state state)
{
	static const char *const texts[] = {
		"initiated", "pushed", "ringing", "answered", "ended"
	};

	return texts[state];
}
