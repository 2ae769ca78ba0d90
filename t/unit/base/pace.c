/*
 * A number of events per window: used at once or one by one, and when it is
 * granted again.
 */
#include "base/pace.h"
#include "unit.h"

#define START_MS 1000000ULL

/* The window of most tests. */
static long
take(struct pace *pace, long most, uint64_t now_ms, uint32_t *wait_ms)
{
	return pace_take(pace, most, PACE_WINDOW_MS, now_ms, wait_ms);
}

START_TEST(all_at_once_and_then_one_by_one)
{
	struct pace pace = { 0 };
	uint32_t wait_ms = 0;
	long i;

	for (i = 9; i >= 0; i--)
		ck_assert_int_eq(take(&pace, 10, START_MS, &wait_ms), i);
	ck_assert_int_eq(take(&pace, 10, START_MS, &wait_ms), -1);
	ck_assert_uint_eq(wait_ms, 1000);
	/* In vain is not counted. */
	ck_assert_int_eq(take(&pace, 10, START_MS + 400, &wait_ms), -1);
	ck_assert_uint_eq(wait_ms, 600);
	ck_assert_int_eq(take(&pace, 10, START_MS + 1000, &wait_ms), 0);
	ck_assert_int_eq(take(&pace, 10, START_MS + 1001, &wait_ms), -1);
	ck_assert_int_eq(take(&pace, 10, START_MS + 4000, &wait_ms), 2);
	/* Never more than all. */
	ck_assert_int_eq(take(&pace, 10, START_MS + 99000, &wait_ms), 9);
}
END_TEST

START_TEST(one_a_window)
{
	struct pace pace = { 0 };
	uint32_t wait_ms = 0;

	ck_assert_int_eq(take(&pace, 1, START_MS, &wait_ms), 0);
	ck_assert_int_eq(take(&pace, 1, START_MS + 1, &wait_ms), -1);
	ck_assert_uint_eq(wait_ms, PACE_WINDOW_MS - 1);
	ck_assert_int_eq(take(&pace, 1, START_MS + PACE_WINDOW_MS,
	    &wait_ms), 0);
}
END_TEST

/* A sustained load gets what it may have, and no more. */
START_TEST(over_a_minute)
{
	static const long most[] = { 1, 3, 7, 10, 250, PACE_WINDOW_MS };
	uint32_t wait_ms;
	uint64_t ms;
	size_t i;

	for (i = 0; i < sizeof(most) / sizeof(most[0]); i++) {
		struct pace pace = { 0 };
		long taken = 0;

		for (ms = 0; ms < 60000; ms++) {
			taken += take(&pace, most[i], START_MS + ms,
			    &wait_ms) >= 0;
			taken += take(&pace, most[i], START_MS + ms,
			    &wait_ms) >= 0;
		}
		/* The first window's at once, and six windows'. */
		ck_assert_int_ge(taken, 6 * most[i]);
		ck_assert_int_le(taken, 7 * most[i] + 7);
	}
}
END_TEST

/* A reload lowers the limit: whoever had more does not wait the longer. */
START_TEST(another_limit)
{
	struct pace pace = { 0 };
	uint32_t wait_ms = 0;
	int i;

	for (i = 0; i < 3; i++)
		take(&pace, 3, START_MS, &wait_ms);
	ck_assert_int_eq(take(&pace, 1000, START_MS, &wait_ms), -1);
	ck_assert_uint_le(wait_ms, 10);
	ck_assert_int_ge(take(&pace, 1000, START_MS + 10, &wait_ms), 0);
}
END_TEST

/* Three an hour, with a wait that is more than the short window. */
START_TEST(another_window)
{
	struct pace pace = { 0 };
	uint32_t wait_ms = 0;
	long i;

	for (i = 2; i >= 0; i--)
		ck_assert_int_eq(pace_take(&pace, 3, 3600000, START_MS,
		    &wait_ms), i);
	ck_assert_int_eq(pace_take(&pace, 3, 3600000, START_MS, &wait_ms), -1);
	ck_assert_uint_eq(wait_ms, 1200000);
	ck_assert_int_eq(pace_take(&pace, 3, 3600000, START_MS + 1200000,
	    &wait_ms), 0);
}
END_TEST

UNIT_SUITE(pace, all_at_once_and_then_one_by_one, one_a_window, over_a_minute,
    another_limit, another_window)
