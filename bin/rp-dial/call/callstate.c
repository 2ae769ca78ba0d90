/*
 * callstate: states, deadlines and the end of a call; called by call. See
 * callstate.h.
 */
#include "call/callstate.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "net/loop.h"

#define PATIENCE_MS 180000	/* the switch stops ringing before that */
#define MEDIA_MS 15000		/* ANSWER to secure media */
#define LINGER_MS 1000 /* for the echo of the last audio, and a round trip */
#define GOODBYE_MS 1000		/* for the side that ended it to say why */
#define CANCEL_MS 1500 /* wait for the session id of a cancelled call */

/* Let the state expire in `ms`, in place of the deadline set before. */
static void
set_deadline(struct callstate *s, uint32_t ms)
{
	loop_timer_set_ms(s->deadline, ms);
}

static void
end_of_patience(struct callstate *s)
{
	switch (s->now) {
	case CALL_CALLING:
	case CALL_RINGING:
		callstate_end(s, OUTCOME_NO_ANSWER, SIGMSG_HANGUP, "cancelled",
		    "");
		break;
	case CALL_ANSWERED:
		callstate_end(s, OUTCOME_DROPPED, SIGMSG_HANGUP, "failed",
		    "answered, but no media came through in time");
		break;
	case CALL_TALKING:
		callstate_end(s, OUTCOME_COMPLETED, SIGMSG_HANGUP, "hung-up",
		    "");
		break;
	case CALL_ENDING:
		callstate_finish(s);
		break;
	case CALL_ENDED:
		break;
	}
}

static void
on_deadline(void *arg)
{
	struct callstate *s = arg;

	if (!callstate_over(s) && *s->lost != '\0')
		callstate_end(s, OUTCOME_DROPPED, SIGMSG_HANGUP, "failed",
		    s->lost);
	else
		end_of_patience(s);
}

static void
on_ending(void *arg)
{
	struct callstate *s = arg;

	loop_event_stop(s->deadline);
	s->handlers->ending(s->arg);
}

int
callstate_init(struct callstate *s, struct event_base *loop,
    const struct callstate_handlers *handlers, void *arg)
{
	memset(s, 0, sizeof(*s));
	s->handlers = handlers;
	s->arg = arg;
	s->deadline = loop_timer_new(loop, on_deadline, s);
	s->ending = loop_timer_new(loop, on_ending, s);
	if (s->deadline == NULL || s->ending == NULL)
		return -ENOMEM;
	set_deadline(s, PATIENCE_MS);
	return 0;
}

void
callstate_ringing(struct callstate *s)
{
	if (s->now == CALL_CALLING)
		s->now = CALL_RINGING;
}

void
callstate_answered(struct callstate *s)
{
	s->now = CALL_ANSWERED;
	set_deadline(s, MEDIA_MS);
}

void
callstate_talking(struct callstate *s, uint32_t duration_ms)
{
	s->now = CALL_TALKING;
	loop_event_stop(s->deadline);
	if (duration_ms != 0)
		set_deadline(s, duration_ms);
}

void
callstate_said_all(struct callstate *s, uint32_t rtt_ms)
{
	set_deadline(s, LINGER_MS + rtt_ms);
}

void
callstate_lost(struct callstate *s, const char *why)
{
	snprintf(s->lost, sizeof(s->lost), "%s", why);
	set_deadline(s, GOODBYE_MS);
}

void
callstate_end(struct callstate *s, enum outcome outcome,
    enum sigmsg_method method, const char *reason, const char *why)
{
	if (callstate_over(s))
		return;
	s->now = CALL_ENDING;
	s->outcome = outcome;
	s->goodbye = method;
	snprintf(s->reason, sizeof(s->reason), "%s",
	    reason != NULL ? reason : "");
	why_set(s->why, "%s", why);
	loop_event_stop(s->deadline);
	loop_event_soon(s->ending);
}

void
callstate_overrule(struct callstate *s, enum outcome outcome, const char *why)
{
	s->outcome = outcome;
	why_set(s->why, "%s", why);
}

void
callstate_await_session(struct callstate *s)
{
	set_deadline(s, CANCEL_MS);
}

void
callstate_has_session(struct callstate *s)
{
	if (s->now == CALL_ENDING)
		loop_event_soon(s->ending);
}

void
callstate_finish(struct callstate *s)
{
	s->now = CALL_ENDED;
	loop_event_stop(s->deadline);
	s->handlers->ended(s->arg);
}

void
callstate_clear(struct callstate *s)
{
	loop_event_free(s->deadline);
	loop_event_free(s->ending);
	s->deadline = NULL;
	s->ending = NULL;
}
