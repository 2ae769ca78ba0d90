/*
 * When the next attempt may go to a push service, and who is held by whose
 * failure. Pure arithmetic of time.
 */
#include "queue/health.h"
#include "unit.h"

#define PROVEN ENDPOINT_PROVEN
#define FRESH ENDPOINT_FRESH
#define FAILED ENDPOINT_FAILED

/* The endpoints of a test, by number. */
static struct endpoint endpoints[256];

static void
begin(struct health *s, unsigned limit, unsigned rate)
{
	size_t i;

	memset(endpoints, 0, sizeof(endpoints));
	for (i = 0; i < 256; i++)
		endpoints[i].key = i + 1;
	health_init(s, limit, rate);
}

static void
ends(struct health *s, int who, enum endpoint_lane lane,
    enum health_verdict verdict, uint64_t started_ms, uint64_t hold_ms,
    uint64_t now_ms)
{
	struct endpoint *e = &endpoints[who];
	struct health_end end = { verdict, lane, started_ms, hold_ms, e };

	if (verdict == HEALTH_UNWELL || verdict == HEALTH_SLOW)
		endpoint_failed(e, s->epoch);
	if (verdict == HEALTH_WELL)
		endpoint_worked(e);
	health_ended(s, &end, now_ms);
}

/* An attempt of 5 ms, in the lane in which the endpoint is. */
static void
tries(struct health *s, int who, enum health_verdict verdict, uint64_t at)
{
	enum endpoint_lane lane = endpoint_lane(&endpoints[who]);

	health_started(s, lane, at);
	ends(s, who, lane, verdict, at, 0, at + 5);
}

static void
many_start(struct health *s, int n, enum endpoint_lane lane, uint64_t at)
{
	while (n-- > 0)
		health_started(s, lane, at);
}

START_TEST(bounds_what_is_under_way)
{
	struct health s;
	int i;

	begin(&s, 3, 0);
	for (i = 0; i < 3; i++) {
		ck_assert_uint_eq(health_gate(&s, FRESH, 1000), 0);
		health_started(&s, FRESH, 1000);
	}
	ck_assert(health_gate(&s, FRESH, 1000) == HEALTH_FULL);
	ends(&s, 0, FRESH, HEALTH_WELL, 1000, 0, 1001);
	ck_assert_uint_eq(health_gate(&s, FRESH, 1001), 0);
}
END_TEST

/* Ten a second: after a burst of a tenth of a second's, one each 100 ms. */
START_TEST(keeps_a_rate)
{
	struct health s;
	unsigned started = 0;
	uint64_t now;

	begin(&s, 1000, 10);
	for (now = 5000; now < 7000; now++)
		while (health_gate(&s, FRESH, now) == 0) {
			health_started(&s, FRESH, now);
			started++;
		}
	ck_assert_uint_ge(started, 20);
	ck_assert_uint_le(started, 23);
	ck_assert_uint_le(health_gate(&s, FRESH, 7000), 100);
}
END_TEST

START_TEST(breaker_opens_and_closes)
{
	uint64_t now = 1000, waits[8];
	struct health s;
	int i;

	begin(&s, 100, 0);
	for (i = 0; i < HEALTH_ILL - 1; i++, now += 10)
		tries(&s, i, HEALTH_UNWELL, now);
	ck_assert_uint_eq(health_gate(&s, FRESH, now), 0);
	for (i = 0; i < 8; i++) {
		tries(&s, 10 + i, HEALTH_UNWELL, now);
		waits[i] = health_gate(&s, FRESH, now + 5);
		now += 5 + waits[i];
		ck_assert_uint_eq(health_gate(&s, FRESH, now), 0);
	}
	ck_assert_uint_eq(waits[0], 200);
	ck_assert_uint_eq(waits[1], 400);
	ck_assert_uint_eq(waits[7], 10000);
	/* One at a time, until one is answered. */
	health_started(&s, FRESH, now);
	ck_assert(health_gate(&s, FRESH, now) == HEALTH_FULL);
	ends(&s, 30, FRESH, HEALTH_WELL, now, 0, now + 5);
	health_started(&s, FRESH, now + 6);
	ck_assert_uint_eq(health_gate(&s, FRESH, now + 6), 0);
}
END_TEST

START_TEST(one_endpoint_counts_once)
{
	struct health s;
	int i;

	begin(&s, 100, 0);
	for (i = 0; i < 100; i++)
		tries(&s, i % (HEALTH_ILL - 1), HEALTH_UNWELL,
		    1000 + 10 * (uint64_t)i);
	ck_assert_uint_eq(s.failures, HEALTH_ILL - 1);
	ck_assert_uint_eq(health_gate(&s, FAILED, 3000), 0);
}
END_TEST

/* Ten that were dead while another worked: they never open the breaker. */
START_TEST(dead_ones_do_not_count)
{
	uint64_t now = 1000;
	struct health s;
	int i, j;

	begin(&s, 100, 0);
	for (i = 0; i < 10; i++, now += 10) {
		tries(&s, i, HEALTH_UNWELL, now);
		tries(&s, 99, HEALTH_WELL, now + 5);
	}
	for (j = 0; j < 10; j++)
		for (i = 0; i < 10; i++, now += 10)
			tries(&s, i, HEALTH_UNWELL, now);
	ck_assert_uint_eq(s.failures, 0);
	ck_assert_uint_eq(health_gate(&s, FAILED, now), 0);
}
END_TEST

/* A failure holds its own lane and those of worse endpoints. */
START_TEST(better_ones_are_not_held)
{
	uint64_t now = 1000;
	struct health s;
	int i;

	begin(&s, 100, 0);
	tries(&s, 99, HEALTH_WELL, now);
	for (i = 0; i < HEALTH_ILL + 3; i++)
		tries(&s, i, HEALTH_UNWELL, now += 10);
	now += 5;
	ck_assert_uint_gt(health_gate(&s, FRESH, now), 0);
	ck_assert_uint_gt(health_gate(&s, FAILED, now), 0);
	ck_assert_uint_eq(health_gate(&s, PROVEN, now), 0);
	now += health_gate(&s, FAILED, now);
	tries(&s, 0, HEALTH_UNWELL, now);
	ck_assert_uint_gt(health_gate(&s, FAILED, now + 5), 0);
	ck_assert_uint_eq(health_gate(&s, FRESH, now + 5), 0);
	tries(&s, 99, HEALTH_UNWELL, now + 10);
	ck_assert_uint_gt(health_gate(&s, PROVEN, now + 15), 0);
	ck_assert_uint_gt(health_gate(&s, FRESH, now + 15), 0);
	/* Any valid answer ends it for all. */
	tries(&s, 1, HEALTH_WELL, now + 20);
	for (i = 0; i < ENDPOINT_LANES; i++)
		ck_assert_uint_eq(health_gate(&s, i, now + 25), 0);
}
END_TEST

/* A connection that breaks fails all attempts on it; that is one failure. */
START_TEST(together_is_once)
{
	struct health s;
	int i;

	begin(&s, 100, 0);
	many_start(&s, 100, FRESH, 1000);
	for (i = 0; i < 100; i++)
		ends(&s, i, FRESH, HEALTH_UNWELL, 1000, 0, 1010);
	ck_assert_uint_eq(s.failures, 1);
	ck_assert_uint_eq(health_gate(&s, FRESH, 1010), 0);
	/* In their repeats they count, one by one. */
	for (i = 0; i < HEALTH_ILL; i++)
		tries(&s, i, HEALTH_UNWELL, 1100 + 10 * (uint64_t)i);
	ck_assert_uint_gt(health_gate(&s, FAILED, 1146), 0);
}
END_TEST

START_TEST(asks_to_wait)
{
	struct health s;

	begin(&s, 100, 0);
	health_started(&s, FRESH, 1000);
	ends(&s, 0, FRESH, HEALTH_UNWELL, 1000, 3000, 1010);
	ck_assert_uint_eq(health_gate(&s, FRESH, 1010), 3000);
	ck_assert_uint_eq(health_gate(&s, PROVEN, 1010), 0);
	ck_assert_uint_eq(health_gate(&s, FRESH, 4010), 0);
	ck_assert(!health_idle(&s, 1010));
	ck_assert(health_idle(&s, 4010));
}
END_TEST

/* One endpoint's word holds others for ten seconds; that of many, longer. */
START_TEST(one_word_is_short)
{
	uint64_t now = 1000;
	struct health s;
	int i;

	begin(&s, 100, 0);
	for (i = 0; i < HEALTH_ILL - 1; i++, now += 10005) {
		health_started(&s, FRESH, now);
		ends(&s, i, FRESH, HEALTH_UNWELL, now, 3600000, now + 5);
		ck_assert_uint_eq(health_gate(&s, FRESH, now + 5), 10000);
		ck_assert_uint_eq(health_asked_until(&s, FRESH), 0);
	}
	health_started(&s, FRESH, now);
	ends(&s, i, FRESH, HEALTH_UNWELL, now, 3600000, now + 5);
	ck_assert_uint_eq(health_gate(&s, FRESH, now + 5), 3600000);
	ck_assert_uint_eq(health_asked_until(&s, FRESH), now + 3600005);
	ck_assert_uint_eq(health_asked_until(&s, PROVEN), 0);
	/* What was under way before says nothing of it; later answers do. */
	health_started(&s, PROVEN, now);
	ends(&s, 99, PROVEN, HEALTH_WELL, now, 0, now + 10);
	ck_assert_uint_gt(health_gate(&s, FRESH, now + 10), 3000000);
	tries(&s, 99, HEALTH_WELL, now + 20);
	ck_assert_uint_eq(health_gate(&s, FRESH, now + 25), 0);
	ck_assert_uint_eq(health_asked_until(&s, FRESH), 0);
}
END_TEST

/* An account that has sent too much waits with all that it has. */
START_TEST(throttled_holds_all)
{
	struct health s;

	begin(&s, 100, 0);
	health_started(&s, FAILED, 1000);
	ends(&s, 0, FAILED, HEALTH_THROTTLED, 1000, 60000, 1005);
	ck_assert_uint_eq(health_gate(&s, PROVEN, 1005), 10000);
	ck_assert_uint_eq(health_asked_until(&s, PROVEN), 0);
	health_started(&s, FRESH, 11005);
	ends(&s, 1, FRESH, HEALTH_THROTTLED, 11005, 60000, 11010);
	ck_assert_uint_eq(health_gate(&s, PROVEN, 11010), 60000);
	ck_assert_uint_eq(health_asked_until(&s, PROVEN), 71010);
	ck_assert_uint_eq(s.failures, 0);
}
END_TEST

START_TEST(slow_is_asked_less)
{
	struct health s;
	int i;

	begin(&s, 64, 0);
	many_start(&s, 64, FRESH, 1000);
	for (i = 0; i < 64; i++)
		ends(&s, i, FRESH, HEALTH_SLOW, 1000, 0, 6000);
	ck_assert_uint_eq(s.window, 32);
	for (i = 0; i < 10; i++) {
		uint64_t at = 7000 + 1000 * (uint64_t)i;

		health_started(&s, FRESH, at);
		ends(&s, 100 + i, FRESH, HEALTH_SLOW, at, 0, at + 500);
	}
	ck_assert_uint_eq(s.window, 8);
	for (i = 0; i < 4 * 56; i++) {
		health_started(&s, FRESH, 30000);
		ends(&s, 200, FRESH, HEALTH_WELL, 30000, 0, 30001);
	}
	ck_assert_uint_eq(s.window, 64);
}
END_TEST

/* A few that never answer are not a service that is too slow. */
START_TEST(few_stalled_are_not_slow)
{
	uint64_t now = 1000;
	struct health s;
	int i, j;

	begin(&s, 64, 0);
	for (i = 0; i < 10; i++) {
		for (j = 0; j < 9; j++)
			tries(&s, 100 + j, HEALTH_WELL, now += 10);
		tries(&s, i, HEALTH_SLOW, now += 10);
		tries(&s, i, HEALTH_SLOW, now += 10);
	}
	ck_assert_uint_eq(s.window, 64);
	for (i = 0; i < 30; i++)
		tries(&s, 20 + i, HEALTH_SLOW, now += 10);
	ck_assert_uint_lt(s.window, 64);
}
END_TEST

/* Stalled repeats have their part; the rest is for others. */
START_TEST(lanes_have_parts)
{
	struct health s;
	int n;

	begin(&s, 64, 0);
	for (n = 0; health_gate(&s, FAILED, 1000) == 0; n++)
		health_started(&s, FAILED, 1000);
	ck_assert_int_eq(n, 16);
	for (; health_gate(&s, FRESH, 1000) == 0; n++)
		health_started(&s, FRESH, 1000);
	ck_assert_int_eq(n, 64);
	/* Once any has worked, some are kept for those. */
	for (; n > 47; n--)
		ends(&s, n, FRESH, HEALTH_WELL, 1000, 0, 1005);
	ck_assert_uint_eq(health_gate(&s, FRESH, 1005), 0);
	health_started(&s, FRESH, 1005);
	ck_assert(health_gate(&s, FRESH, 1005) == HEALTH_FULL);
	ck_assert_uint_eq(health_gate(&s, PROVEN, 1005), 0);
	/* The smallest limits let each lane through. */
	for (n = 1; n < 8; n++) {
		begin(&s, (unsigned)n, 0);
		tries(&s, 0, HEALTH_WELL, 1000);
		ck_assert_uint_eq(health_gate(&s, FAILED, 1005), 0);
		ck_assert_uint_eq(health_gate(&s, FRESH, 1005), 0);
	}
}
END_TEST

START_TEST(given_up_says_nothing)
{
	struct health s;
	int i;

	begin(&s, 4, 0);
	for (i = 0; i < 100; i++) {
		health_started(&s, FRESH, 1000 + (uint64_t)i);
		ends(&s, i, FRESH, HEALTH_UNKNOWN, 1000, 0, 2000);
	}
	ck_assert_uint_eq(health_gate(&s, FRESH, 2000), 0);
	ck_assert_uint_eq(s.window, 4);
}
END_TEST

UNIT_SUITE(health, bounds_what_is_under_way, keeps_a_rate,
    breaker_opens_and_closes, one_endpoint_counts_once,
    dead_ones_do_not_count, better_ones_are_not_held, together_is_once,
    asks_to_wait, one_word_is_short, throttled_holds_all,
    slow_is_asked_less, few_stalled_are_not_slow, lanes_have_parts,
    given_up_says_nothing)
