/*
 * Whether the switch and the other side are still there. Scripts of seconds say
 * what arrives in each, and what is concluded from it.
 */
#include <string.h>

#include "base/clock.h"
#include "call/presence.h"
#include "unit.h"

#define CALLER true
#define CALLEE false

static struct presence_signs
signs_at(unsigned s, uint64_t heard)
{
	return (struct presence_signs){
		.now_ns = (s + 1) * CLOCK_S, .heard = heard, .talking = true,
		.online = true
	};
}

/* Seconds of nothing to hear, after one of audio, until the switch is gone. */
static unsigned
gone_after(bool caller, bool online, bool away)
{
	struct presence_signs signs = signs_at(0, 50);
	struct presence p;
	unsigned s;

	presence_init(&p, caller);
	ck_assert(!presence_tick(&p, &signs));
	if (away)
		presence_away(&p, &signs);
	signs.online = online;
	for (s = 1; s < 100; s++) {
		signs.now_ns += CLOCK_S;
		if (presence_tick(&p, &signs))
			return s;
	}
	return 0;
}

START_TEST(misses_the_switch)
{
	ck_assert_uint_eq(gone_after(CALLER, true, true), 7);
	/* A callee is dialled again, so it need not be the first. */
	ck_assert_uint_eq(gone_after(CALLEE, true, true), 31);
	/* Without a network it is not the switch's fault. */
	ck_assert_uint_eq(gone_after(CALLER, false, true), 31);
	/* With signalling it is the other side that is silent. */
	ck_assert_uint_eq(gone_after(CALLER, true, false), 0);
}
END_TEST

/* A caller's network is back after ten seconds, and its switch has not died. */
START_TEST(begins_to_wait_with_a_network)
{
	struct presence_signs signs = signs_at(0, 50);
	struct presence p;
	unsigned s;

	presence_init(&p, CALLER);
	ck_assert(!presence_tick(&p, &signs));
	presence_away(&p, &signs);
	for (s = 1; s <= 16; s++) {
		signs = signs_at(s, 50);
		signs.online = s > 10;
		ck_assert(!presence_tick(&p, &signs));
	}
	ck_assert(presence_tick(&p, &signs));
}
END_TEST

/*
 * For ten seconds the switch answers that it cannot take us back yet, and then it
 * does not answer any more.
 */
START_TEST(waits_for_a_switch_that_answers)
{
	struct presence_signs signs = signs_at(0, 50);
	struct presence p;
	unsigned s;

	presence_init(&p, CALLER);
	ck_assert(!presence_tick(&p, &signs));
	presence_away(&p, &signs);
	for (s = 1; s <= 16; s++) {
		signs = signs_at(s, 50);
		presence_answered(&p, s <= 10);
		ck_assert(!presence_tick(&p, &signs));
	}
	ck_assert(presence_tick(&p, &signs));
}
END_TEST

/* It is not waited for longer than consent lasts, also while it rings. */
START_TEST(waits_for_it_half_a_minute)
{
	struct presence_signs signs = signs_at(0, 0);
	struct presence p;
	unsigned s, talking;

	for (talking = 0; talking <= 1; talking++) {
		presence_init(&p, CALLER);
		signs.talking = talking;
		presence_away(&p, &signs);
		presence_answered(&p, true);
		for (s = 1; s <= 30; s++)
			ck_assert(!presence_tick(&p, &signs));
		ck_assert(presence_tick(&p, &signs));
	}
	/* Another outage begins without an answer. */
	presence_away(&p, &signs);
	for (s = 1; s <= 6; s++)
		ck_assert(!presence_tick(&p, &signs));
	ck_assert(presence_tick(&p, &signs));
}
END_TEST

START_TEST(away_with_audio_is_no_absence)
{
	struct presence_signs signs = signs_at(0, 50);
	struct presence p;
	unsigned s;

	presence_init(&p, CALLER);
	presence_away(&p, &signs);
	for (s = 1; s < 100; s++) {
		signs = signs_at(s, 50 + s);
		ck_assert(!presence_tick(&p, &signs));
		ck_assert(presence_lost(&p));
	}
	presence_back(&p);
	ck_assert(!presence_lost(&p));
}
END_TEST

/* Before there is audio only the connection tells. */
START_TEST(away_while_it_rings)
{
	struct presence_signs signs = signs_at(0, 0);
	struct presence p;
	unsigned s, caller;

	signs.talking = signs.online = false;
	for (caller = 0; caller <= 1; caller++) {
		presence_init(&p, caller);
		for (s = 1; s < 50; s++)
			ck_assert(!presence_tick(&p, &signs));
		ck_assert(!presence_lost(&p));
		presence_away(&p, &signs);
		for (s = 1; s <= 6; s++)
			ck_assert(!presence_tick(&p, &signs));
		ck_assert(presence_tick(&p, &signs));
	}
}
END_TEST

START_TEST(measures_silence)
{
	struct presence_signs signs = signs_at(0, 0);
	struct presence p;

	presence_init(&p, CALLER);
	/* Who never spoke is not silent. */
	ck_assert(!presence_tick(&p, &signs));
	ck_assert(!presence_tick(&p, &signs));
	ck_assert_uint_eq(presence_silent_ms(&p, &signs), 0);
	signs.heard = 50;
	ck_assert(!presence_tick(&p, &signs));
	ck_assert_uint_eq(presence_silent_ms(&p, &signs), 0);
	ck_assert(!presence_lost(&p));
	ck_assert(!presence_tick(&p, &signs));
	ck_assert_uint_eq(presence_silent_ms(&p, &signs), 1000);
	ck_assert(!presence_lost(&p));
	ck_assert(!presence_tick(&p, &signs));
	ck_assert_uint_eq(presence_silent_ms(&p, &signs), 2000);
	ck_assert(presence_lost(&p));
	/* Heard since the last tick. */
	signs.heard++;
	ck_assert_uint_eq(presence_silent_ms(&p, &signs), 0);
}
END_TEST

/* The path broke while it rang, and nobody could hear that. */
START_TEST(misses_a_path_that_was_never_heard)
{
	struct presence_signs signs = signs_at(0, 0);
	struct presence p;

	presence_init(&p, CALLER);
	signs.unanswered_ms = 13000;
	signs.talking = false;
	ck_assert(!presence_tick(&p, &signs));
	ck_assert_uint_eq(presence_silent_ms(&p, &signs), 0);
	signs.talking = true;
	ck_assert_uint_eq(presence_silent_ms(&p, &signs), 13000);
	signs.unanswered_ms = 12999;
	ck_assert_uint_eq(presence_silent_ms(&p, &signs), 0);
	/* Audio says it sooner, and otherwise. */
	signs.unanswered_ms = 13000;
	signs.heard = 50;
	ck_assert_uint_eq(presence_silent_ms(&p, &signs), 0);
	ck_assert(!presence_tick(&p, &signs));
	ck_assert(!presence_tick(&p, &signs));
	ck_assert_uint_eq(presence_silent_ms(&p, &signs), 1000);
}
END_TEST

START_TEST(judges_a_switch_that_refuses)
{
	struct presence_signs signs = signs_at(0, 50);
	struct presence p;

	presence_init(&p, CALLER);
	presence_away(&p, &signs);
	/* Three packets' time of silence is asked for. */
	signs.now_ns += 20 * CLOCK_MS;
	ck_assert_uint_eq(presence_nobody(&p, &signs), 41);
	signs.now_ns += 41 * CLOCK_MS;
	ck_assert_uint_eq(presence_nobody(&p, &signs), 0);
	/* The relay lives: only our way to the switch is closed. */
	signs.heard++;
	ck_assert_uint_eq(presence_nobody(&p, &signs), UINT32_MAX);
	signs.now_ns += CLOCK_S;
	ck_assert_uint_eq(presence_nobody(&p, &signs), 0);
	/* While it rings there is nothing to wait for. */
	presence_away(&p, &signs);
	signs.talking = false;
	ck_assert_uint_eq(presence_nobody(&p, &signs), 0);
}
END_TEST

/* A held call is silent for ever, and its switch is given time to return. */
START_TEST(waits_on_hold)
{
	struct presence_signs signs = signs_at(0, 50);
	struct presence p;
	int i;

	presence_init(&p, CALLER);
	signs.talking = signs.online = signs.held = true;
	for (i = 0; i < 1000; i++) {
		ck_assert(!presence_tick(&p, &signs));
		ck_assert(!presence_lost(&p));
		ck_assert_uint_eq(presence_silent_ms(&p, &signs), 0);
	}
	presence_away(&p, &signs);
	for (i = 0; i < 30; i++)
		ck_assert(!presence_tick(&p, &signs));
	ck_assert(presence_tick(&p, &signs));
}
END_TEST

/* Only the checks of the path tell whether the holding side is there. */
START_TEST(checks_on_hold)
{
	struct presence_signs signs = signs_at(0, 50);
	struct presence p;

	presence_init(&p, CALLER);
	signs.held = true;
	/* A check comes each six seconds at most, and one of two may be lost. */
	signs.unanswered_ms = 12000;
	ck_assert(!presence_tick(&p, &signs));
	ck_assert_uint_eq(presence_silent_ms(&p, &signs), 0);
	ck_assert(!presence_lost(&p));
	signs.unanswered_ms = 13000;
	ck_assert(!presence_tick(&p, &signs));
	ck_assert_uint_eq(presence_silent_ms(&p, &signs), 13000);
	signs.unanswered_ms = 14000;
	ck_assert(!presence_tick(&p, &signs));
	ck_assert(presence_lost(&p));
	/* They are answered again, over another path or the same. */
	signs.unanswered_ms = 0;
	ck_assert_uint_eq(presence_silent_ms(&p, &signs), 0);
	ck_assert(!presence_tick(&p, &signs));
	ck_assert(!presence_lost(&p));
}
END_TEST

UNIT_SUITE(presence, waits_on_hold, checks_on_hold, misses_the_switch,
    begins_to_wait_with_a_network, waits_for_a_switch_that_answers,
    waits_for_it_half_a_minute, away_with_audio_is_no_absence,
    away_while_it_rings, measures_silence,
    misses_a_path_that_was_never_heard, judges_a_switch_that_refuses)
