/* Timestamps that wrap, leap, stand still and come in any order. */
#include <string.h>

#include "media/audio/timeline.h"
#include "unit.h"

#define STEP 960
#define SECOND 48000
#define REFUSED INT64_MIN

static struct timeline timeline;

static void
setup(void)
{
	memset(&timeline, 0, sizeof(timeline));
}

/* The time of a packet of 20 ms; none so far was faster than 0. */
static int64_t
place(uint32_t timestamp, uint16_t sequence, int64_t now)
{
	struct rtp rtp = { .timestamp = timestamp, .sequence = sequence };
	int64_t time;

	return timeline_place(&timeline, &rtp, STEP, now, 0, &time) ?
	    time : REFUSED;
}

START_TEST(wraps)
{
	unsigned n;

	setup();
	for (n = 0; n < 10; n++) {
		ck_assert_int_eq(place(0xfffff000 + n * STEP,
		    (uint16_t)(65530 + n), 5000 + n * STEP), 5000 + n * STEP);
		ck_assert_int_eq(timeline_end(&timeline),
		    5000 + (n + 1) * STEP);
	}
}
END_TEST

START_TEST(any_order)
{
	setup();
	ck_assert_int_eq(place(4 * STEP, 4, 4 * STEP), 4 * STEP);
	ck_assert_int_eq(place(2 * STEP, 2, 4 * STEP), 2 * STEP);
	ck_assert_int_eq(place(7 * STEP, 7, 7 * STEP), 7 * STEP);
	ck_assert_int_eq(place(6 * STEP, 6, 8 * STEP), 6 * STEP);
	/* Again, each of them. */
	ck_assert_int_eq(place(7 * STEP, 7, 8 * STEP), REFUSED);
	ck_assert_int_eq(place(6 * STEP, 6, 8 * STEP), REFUSED);
	ck_assert_int_eq(place(4 * STEP, 4, 8 * STEP), REFUSED);
	ck_assert_int_eq(place(2 * STEP, 2, 8 * STEP), REFUSED);
	/* Sent before, and to be heard later? */
	ck_assert_int_eq(place(9 * STEP, 5, 8 * STEP), REFUSED);
	ck_assert_int_eq(timeline_end(&timeline), 8 * STEP);
}
END_TEST

/* It was silent, or its packets were lost: that takes its time. */
START_TEST(gaps)
{
	setup();
	place(0, 0, 0);
	ck_assert_int_eq(place(60 * SECOND, 1, 60 * SECOND), 60 * SECOND);
	/* A stall, after which the first packets are missing. */
	ck_assert_int_eq(place(62 * SECOND, 101, 63 * SECOND), 62 * SECOND);
}
END_TEST

START_TEST(leaps)
{
	setup();
	place(0, 0, 0);
	/* Ahead of time, at once and after a second; a little is believed. */
	ck_assert_int_eq(place(5 * SECOND, 1, STEP), STEP);
	ck_assert_int_eq(place(20 * SECOND, 2, SECOND), SECOND);
	ck_assert_int_eq(place(20 * SECOND + SECOND / 4, 3, SECOND + STEP),
	    SECOND + SECOND / 4);
	/* Back, and not on. */
	ck_assert_int_eq(place(7, 4, 2 * SECOND),
	    SECOND + SECOND / 4 + SECOND - STEP);
	ck_assert_int_eq(place(7, 5, 2 * SECOND),
	    timeline_end(&timeline) - STEP);
	/* As far as they can. */
	ck_assert_int_gt(place(0x80000007, 6, 2 * SECOND), 2 * SECOND);
	ck_assert_int_gt(place(0x7fffffff, 7, 2 * SECOND), 2 * SECOND);
	ck_assert_int_lt(timeline_end(&timeline), 4 * SECOND);
}
END_TEST

UNIT_SUITE(timeline, wraps, any_order, gaps, leaps)
