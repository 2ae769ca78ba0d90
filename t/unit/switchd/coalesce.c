/* When a relay thread waits for a fuller batch, and for how long. */
#include "relay/coalesce.h"

#include "base/clock.h"
#include "unit.h"

#define MAX 64

static struct coalesce c;
static uint64_t now_ns;

static void
start(unsigned most_us)
{
	coalesce_init(&c, most_us);
	now_ns = CLOCK_S;
}

/* Packets one at a time for so long; what the last waited for the next. */
static uint64_t
run(unsigned pps, unsigned ms)
{
	uint64_t until = 0, end_ns = now_ns + ms * CLOCK_MS;

	while (now_ns < end_ns) {
		now_ns += CLOCK_S / pps;
		until = coalesce_until(&c, 1, MAX, now_ns);
	}
	return until == 0 ? 0 : until - now_ns;
}

START_TEST(nothing_waits_at_a_low_rate)
{
	unsigned i;

	start(400);
	for (i = 0; i < 100; i++)
		ck_assert_uint_eq(run(9500, 11), 0);
}
END_TEST

START_TEST(a_busy_relay_waits_a_bounded_time)
{
	start(400);
	(void)run(20000, 30);
	ck_assert_uint_eq(run(20000, 11), 400000);
}
END_TEST

START_TEST(a_busier_one_waits_until_a_batch_has_gathered)
{
	uint64_t wait_ns;

	start(400);
	(void)run(100000, 30);
	wait_ns = run(100000, 11);
	ck_assert_uint_ge(wait_ns, 230000);
	ck_assert_uint_le(wait_ns, 250000);
}
END_TEST

START_TEST(calm_ends_it_within_two_windows)
{
	start(400);
	(void)run(50000, 30);
	ck_assert_uint_gt(run(50000, 11), 0);
	ck_assert_uint_eq(run(1000, 2 * COALESCE_WINDOW_MS + 1), 0);
}
END_TEST

/* The packet after a silence is not made to wait for what was before. */
START_TEST(silence_ends_it_at_once)
{
	start(400);
	(void)run(50000, 30);
	now_ns += CLOCK_S;
	ck_assert_uint_eq(coalesce_until(&c, 1, MAX, now_ns), 0);
}
END_TEST

START_TEST(after_a_full_batch_more_wait_already)
{
	start(400);
	(void)run(50000, 30);
	ck_assert_uint_eq(coalesce_until(&c, MAX, MAX, now_ns + 1), 0);
	ck_assert_uint_ne(coalesce_until(&c, MAX - 1, MAX, now_ns + 2), 0);
}
END_TEST

START_TEST(zero_is_never)
{
	start(0);
	(void)run(50000, 30);
	ck_assert_uint_eq(run(50000, 11), 0);
}
END_TEST

UNIT_SUITE(coalesce, nothing_waits_at_a_low_rate,
    a_busy_relay_waits_a_bounded_time,
    a_busier_one_waits_until_a_batch_has_gathered,
    calm_ends_it_within_two_windows, silence_ends_it_at_once,
    after_a_full_batch_more_wait_already, zero_is_never)
