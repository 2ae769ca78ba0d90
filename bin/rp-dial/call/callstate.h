/*
 * callstate: the states of a call, how long each may last, and the call's end.
 * It knows nothing of media and signalling. Its deadlines can end the call by
 * themselves.
 *
 * The end has two steps. callstate_end takes the reason. Then the handler
 * `ending` is called from the loop, so that no caller of callstate_end has the
 * call freed under it. The handler says goodbye and calls callstate_finish.
 */
#ifndef RP_DIAL_CALLSTATE_H
#define RP_DIAL_CALLSTATE_H

#include <stdbool.h>
#include <stdint.h>

#include "call/outcome.h"
#include "wire/sigmsg.h"
#include "wire/why.h"

struct event_base;
struct loop_event;

enum call_state {
	CALL_CALLING, /* connecting to a switch, then waking the callee */
	CALL_RINGING,
	CALL_ANSWERED,		/* audio starts once media is secure */
	CALL_TALKING,
	CALL_ENDING,		/* saying goodbye */
	CALL_ENDED
};

/* Called from the loop only, but `ended` within callstate_finish too. */
struct callstate_handlers {
	/*
	 * The call is to end. Call callstate_finish now or once the goodbye was
	 * said, or callstate_await_session.
	 */
	void (*ending)(void *arg);
	/* The call is over. callstate_clear is allowed within. */
	void (*ended)(void *arg);
};

/* Embedded in a call, and written by callstate.c only. */
struct callstate {
	enum call_state now;
	struct loop_event *deadline;	/* of the state */
	struct loop_event *ending;	/* activated by callstate_end */
	const struct callstate_handlers *handlers;
	void *arg;
	char lost[WHY_TEXT];	/* why media was lost; "": it was not */
	/* Of the end: */
	enum outcome outcome;
	enum sigmsg_method goodbye;
	char reason[SIGMSG_REASON];	/* "": say no goodbye */
	char why[WHY_TEXT];
};

/*
 * Return whether the call is over or about to be. Further events then do not
 * count.
 */
static inline bool
callstate_over(const struct callstate *state)
{
	return state->now >= CALL_ENDING;
}

/*
 * Start with CALL_CALLING. `handlers` must outlive the state. Call
 * callstate_clear on an error too.
 *
 *  -ENOMEM  out of memory
 */
int callstate_init(struct callstate *state, struct event_base *loop,
    const struct callstate_handlers *handlers, void *arg);

/* Note that the callee rings, or that either side has answered the call. */
void callstate_ringing(struct callstate *state);
void callstate_answered(struct callstate *state);

/* Note that audio runs, for at most `duration_ms` unless it is 0. */
void callstate_talking(struct callstate *state, uint32_t duration_ms);

/*
 * Note that there is no more to say: end the call after the echo of the last
 * audio, which takes a round trip of `rtt_ms`.
 */
void callstate_said_all(struct callstate *state, uint32_t rtt_ms);

/*
 * Note that media is lost. The call ends soon, and the other side may say why
 * before.
 */
void callstate_lost(struct callstate *state, const char *why);

/*
 * End the call. Only the first call of this counts. `reason` goes to the other
 * side with `method`; NULL if it knows already.
 */
void callstate_end(struct callstate *state, enum outcome outcome,
    enum sigmsg_method method, const char *reason, const char *why);

/*
 * Within `ending`: replace the outcome and the reason, because the call's
 * figures say otherwise.
 */
void callstate_overrule(struct callstate *state, enum outcome outcome,
    const char *why);

/*
 * Within `ending`: wait for the session to which the goodbye goes. It is called
 * again after callstate_has_session; without one the call ends all the same.
 */
void callstate_await_session(struct callstate *state);

/* Note that a session exists. */
void callstate_has_session(struct callstate *state);

/* Enter CALL_ENDED and call `ended`. */
void callstate_finish(struct callstate *state);

/* Stop and free the timers. A zeroed state is allowed. */
void callstate_clear(struct callstate *state);

#endif
