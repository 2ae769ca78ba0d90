/* When the next attempt may go to a push service. Pure arithmetic of time. */
#include "queue/health.h"
#include "unit.h"

START_TEST(bounds_what_is_under_way)
{
	struct health s;
	int i;

	health_init(&s, 3, 0);
	for (i = 0; i < 3; i++) {
		ck_assert_uint_eq(health_gate(&s, 1000), 0);
		health_started(&s, 1000);
	}
	ck_assert(health_gate(&s, 1000) == HEALTH_FULL);
	health_ended(&s, HEALTH_WELL, 1000, 0, 1001);
	ck_assert_uint_eq(health_gate(&s, 1001), 0);
}
END_TEST

/* Ten a second: after a burst of a tenth of a second's, one each 100 ms. */
START_TEST(keeps_a_rate)
{
	struct health s;
	unsigned started = 0;
	uint64_t now;

	health_init(&s, 1000, 10);
	for (now = 5000; now < 7000; now++)
		while (health_gate(&s, now) == 0) {
			health_started(&s, now);
			started++;
		}
	ck_assert_uint_ge(started, 20);
	ck_assert_uint_le(started, 23);
	ck_assert_uint_le(health_gate(&s, 7000), 100);
}
END_TEST

static void
goes_wrong(struct health *s, uint64_t at)
{
	health_started(s, at);
	health_ended(s, HEALTH_UNWELL, at, 0, at + 5);
}

START_TEST(breaker_opens_and_closes)
{
	uint64_t now = 1000, waits[8];
	struct health s;
	int i;

	health_init(&s, 100, 0);
	for (i = 0; i < HEALTH_ILL - 1; i++, now += 10)
		goes_wrong(&s, now);
	ck_assert_uint_eq(health_gate(&s, now), 0);
	for (i = 0; i < 8; i++) {
		goes_wrong(&s, now);
		waits[i] = health_gate(&s, now + 5);
		now += 5 + waits[i];
		ck_assert_uint_eq(health_gate(&s, now), 0);
	}
	ck_assert_uint_eq(waits[0], 200);
	ck_assert_uint_eq(waits[1], 400);
	ck_assert_uint_eq(waits[7], 10000);
	/* One at a time, until one is answered. */
	health_started(&s, now);
	ck_assert(health_gate(&s, now) == HEALTH_FULL);
	health_ended(&s, HEALTH_WELL, now, 0, now + 5);
	health_started(&s, now + 6);
	ck_assert_uint_eq(health_gate(&s, now + 6), 0);
}
END_TEST

/* A connection that breaks fails all attempts on it; that is one failure. */
START_TEST(together_is_once)
{
	struct health s;
	int i;

	health_init(&s, 100, 0);
	for (i = 0; i < 100; i++)
		health_started(&s, 1000);
	for (i = 0; i < 100; i++)
		health_ended(&s, HEALTH_UNWELL, 1000, 0, 1010);
	ck_assert_uint_eq(s.failures, 1);
	ck_assert_uint_eq(health_gate(&s, 1010), 0);
}
END_TEST

START_TEST(asks_to_wait)
{
	struct health s;

	health_init(&s, 100, 0);
	health_started(&s, 1000);
	health_ended(&s, HEALTH_UNWELL, 1000, 3000, 1010);
	ck_assert_uint_eq(health_gate(&s, 1010), 3000);
	ck_assert_uint_eq(health_gate(&s, 4010), 0);
	ck_assert(!health_idle(&s, 1010));
	ck_assert(health_idle(&s, 4010));
}
END_TEST

START_TEST(slow_is_asked_less)
{
	struct health s;
	int i;

	health_init(&s, 64, 0);
	for (i = 0; i < 64; i++)
		health_started(&s, 1000);
	for (i = 0; i < 64; i++)
		health_ended(&s, HEALTH_SLOW, 1000, 0, 6000);
	ck_assert_uint_eq(s.window, 32);
	for (i = 0; i < 10; i++) {
		health_started(&s, 7000 + 1000 * (uint64_t)i);
		health_ended(&s, HEALTH_SLOW, 7000 + 1000 * (uint64_t)i, 0,
		    7500 + 1000 * (uint64_t)i);
	}
	ck_assert_uint_eq(s.window, 8);
	for (i = 0; i < 4 * 56; i++) {
		health_started(&s, 30000);
		health_ended(&s, HEALTH_WELL, 30000, 0, 30001);
	}
	ck_assert_uint_eq(s.window, 64);
}
END_TEST

START_TEST(given_up_says_nothing)
{
	struct health s;
	int i;

	health_init(&s, 4, 0);
	for (i = 0; i < 100; i++) {
		health_started(&s, 1000 + (uint64_t)i);
		health_ended(&s, HEALTH_UNKNOWN, 1000, 0, 2000);
	}
	ck_assert_uint_eq(health_gate(&s, 2000), 0);
	ck_assert_uint_eq(s.window, 4);
}
END_TEST

UNIT_SUITE(health, bounds_what_is_under_way, keeps_a_rate,
    breaker_opens_and_closes, together_is_once, asks_to_wait,
    slow_is_asked_less, given_up_says_nothing)
