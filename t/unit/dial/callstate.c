/*
 * A call's states and its end. The end comes from the loop and only once, the
 * first reason counts, and a goodbye waits for the session that it goes to, but
 * not for long.
 */
#include <string.h>

#include "call/callstate.h"
#include "net/loop.h"
#include "unit.h"

struct world {
	struct event_base *loop;
	struct callstate state;
	bool has_session;	/* to which a goodbye could go */
	char events[64];
};

static void
on_ending(void *arg)
{
	struct world *w = arg;

	strcat(w->events, " ending");
	if (w->has_session)
		callstate_finish(&w->state);
	else
		callstate_await_session(&w->state);
}

static void
on_ended(void *arg)
{
	struct world *w = arg;

	strcat(w->events, " ended");
	callstate_clear(&w->state);
}

static void
world_init(struct world *w)
{
	static const struct callstate_handlers handlers = {
		.ending = on_ending,
		.ended = on_ended
	};

	memset(w, 0, sizeof(*w));
	w->has_session = true;
	w->loop = loop_new();
	ck_assert_ptr_nonnull(w->loop);
	ck_assert_int_eq(callstate_init(&w->state, w->loop, &handlers, w), 0);
	ck_assert_int_eq(w->state.now, CALL_CALLING);
}

/* Run the call to its end, which must be this one. */
static void
expect_end(struct world *w, enum outcome outcome, const char *reason,
    const char *why, const char *events)
{
	loop_run(w->loop);
	ck_assert_str_eq(w->events, events);
	ck_assert_int_eq(w->state.now, CALL_ENDED);
	ck_assert_int_eq(w->state.outcome, outcome);
	ck_assert_str_eq(w->state.reason, reason);
	ck_assert_str_eq(w->state.why, why);
	loop_free(w->loop);
}

START_TEST(goes_through_its_states)
{
	struct world w;

	world_init(&w);
	callstate_ringing(&w.state);
	ck_assert_int_eq(w.state.now, CALL_RINGING);
	callstate_answered(&w.state);
	ck_assert_int_eq(w.state.now, CALL_ANSWERED);
	/* A second device that rings does not take the answer back. */
	callstate_ringing(&w.state);
	ck_assert_int_eq(w.state.now, CALL_ANSWERED);
	callstate_talking(&w.state, 1);
	ck_assert_int_eq(w.state.now, CALL_TALKING);
	ck_assert(!callstate_over(&w.state));
	expect_end(&w, OUTCOME_COMPLETED, "hung-up", "", " ending ended");
}
END_TEST

START_TEST(ends_once_and_from_the_loop)
{
	struct world w;

	world_init(&w);
	callstate_end(&w.state, OUTCOME_BUSY, SIGMSG_HANGUP, NULL, "first");
	callstate_end(&w.state, OUTCOME_ERROR, SIGMSG_BUSY, "late", "second");
	ck_assert(callstate_over(&w.state));
	ck_assert_str_eq(w.events, "");
	expect_end(&w, OUTCOME_BUSY, "", "first", " ending ended");
}
END_TEST

START_TEST(waits_for_a_session)
{
	struct world w;

	world_init(&w);
	w.has_session = false;
	callstate_has_session(&w.state);	/* of a call that goes on */
	callstate_end(&w.state, OUTCOME_CANCELLED, SIGMSG_HANGUP, "cancelled",
	    "");
	while (*w.events == '\0')
		loop_run_once(w.loop);
	ck_assert_int_eq(w.state.now, CALL_ENDING);
	w.has_session = true;
	callstate_has_session(&w.state);
	expect_end(&w, OUTCOME_CANCELLED, "cancelled", "",
	    " ending ending ended");
}
END_TEST

START_TEST(ends_without_a_session)
{
	struct world w;

	world_init(&w);
	w.has_session = false;
	callstate_end(&w.state, OUTCOME_CANCELLED, SIGMSG_HANGUP, "cancelled",
	    "");
	expect_end(&w, OUTCOME_CANCELLED, "cancelled", "", " ending ended");
}
END_TEST

START_TEST(lets_the_other_side_say_why)
{
	struct world w;

	/* Nobody says why: media's own reason counts. */
	world_init(&w);
	callstate_answered(&w.state);
	callstate_lost(&w.state, "media: no consent");
	ck_assert(!callstate_over(&w.state));
	expect_end(&w, OUTCOME_DROPPED, "failed", "media: no consent",
	    " ending ended");

	world_init(&w);
	callstate_answered(&w.state);
	callstate_lost(&w.state, "media: no consent");
	callstate_end(&w.state, OUTCOME_COMPLETED, SIGMSG_HANGUP, NULL, "");
	expect_end(&w, OUTCOME_COMPLETED, "", "", " ending ended");
}
END_TEST

static void
on_poor_ending(void *arg)
{
	struct world *w = arg;

	callstate_overrule(&w->state, OUTCOME_QUALITY, "MOS 1.00");
	on_ending(w);
}

START_TEST(figures_overrule_the_outcome)
{
	static const struct callstate_handlers handlers = {
		.ending = on_poor_ending,
		.ended = on_ended
	};
	struct world w;

	world_init(&w);
	w.state.handlers = &handlers;
	callstate_end(&w.state, OUTCOME_COMPLETED, SIGMSG_HANGUP, "hung-up",
	    "");
	expect_end(&w, OUTCOME_QUALITY, "hung-up", "MOS 1.00",
	    " ending ended");
}
END_TEST

UNIT_SUITE(callstate, goes_through_its_states, ends_once_and_from_the_loop,
    waits_for_a_session, ends_without_a_session, lets_the_other_side_say_why,
    figures_overrule_the_outcome)
