/* A quota per key and time. A full table refuses nobody whom it never saw. */
#include <limits.h>
#include <string.h>

#include "base/quota.h"
#include "unit.h"

static uint64_t forgotten;

static const struct quota_options window = { 1000, 3, false, &forgotten };
static const struct quota_options bucket = { 1000, 3, true, &forgotten };

#define TAKE(key, ms) quota_take(quota, key, 1, 2, ms)
#define WAIT(key, ms) quota_wait(quota, key, 1, 2, ms)

START_TEST(counts_in_a_window)
{
	struct quota *quota = quota_new(&window);

	ck_assert_uint_eq(WAIT("a", 5000), 0);
	ck_assert_uint_eq(TAKE("a", 5000), 0);
	ck_assert_uint_eq(WAIT("a", 5050), 0);
	ck_assert_uint_eq(TAKE("a", 5100), 0);
	ck_assert_uint_eq(TAKE("a", 5200), 800);
	ck_assert_uint_eq(WAIT("a", 5200), 800);
	ck_assert_uint_eq(TAKE("b", 5200), 0);
	ck_assert_uint_eq(TAKE("a", 5999), 1);
	/* A window later, all of it is there again. */
	ck_assert_uint_eq(WAIT("a", 6000), 0);
	ck_assert_uint_eq(TAKE("a", 6000), 0);
	ck_assert_uint_eq(TAKE("a", 6000), 0);
	ck_assert_uint_eq(TAKE("a", 6001), 999);
	quota_free(quota);
	quota_free(NULL);
}
END_TEST

START_TEST(refills_evenly)
{
	struct quota *quota = quota_new(&bucket);

	ck_assert_uint_eq(TAKE("a", 5000), 0);
	ck_assert_uint_eq(TAKE("a", 5000), 0);
	ck_assert_uint_eq(TAKE("a", 5000), 500);
	ck_assert_uint_eq(WAIT("a", 5100), 400);
	ck_assert_uint_eq(TAKE("a", 5500), 0);
	ck_assert_uint_eq(TAKE("a", 5501), 499);
	quota_free(quota);
}
END_TEST

START_TEST(changes_with_a_reload)
{
	struct quota *quota = quota_new(&window);
	int i;

	for (i = 0; i < 5; i++)
		ck_assert_uint_eq(quota_take(quota, "a", 1, 5, 10), 0);
	ck_assert_uint_gt(quota_take(quota, "a", 1, 5, 20), 0);
	ck_assert_uint_eq(quota_take(quota, "a", 1, 6, 20), 0);
	ck_assert_uint_gt(quota_take(quota, "a", 1, 2, 20), 0);
	/* 0 is no limit, and what is taken meanwhile is not counted. */
	for (i = 0; i < 100; i++)
		ck_assert_uint_eq(quota_take(quota, "a", 1, 0, 30), 0);
	ck_assert_uint_eq(quota_wait(quota, "a", 1, 0, 30), 0);
	ck_assert_uint_eq(quota_take(quota, "a", 1, 7, 40), 0);
	quota_free(quota);
}
END_TEST

static void
is_full(const struct quota_options *options)
{
	struct quota *quota = quota_new(options);
	char big[QUOTA_KEY + 1] = { 0 };

	forgotten = 0;
	ck_assert_uint_eq(TAKE("a", 0), 0);
	ck_assert_uint_eq(TAKE("a", 0), 0);
	ck_assert_uint_eq(TAKE("b", 500), 0);
	ck_assert_uint_eq(TAKE("b", 500), 0);
	ck_assert_uint_eq(TAKE("c", 600), 0);
	/* A stranger comes in, and the oldest makes room. */
	ck_assert_uint_eq(TAKE("d", 610), 0);
	ck_assert_uint_eq(forgotten, 1);
	ck_assert_uint_gt(TAKE("b", 620), 0);
	ck_assert_uint_eq(TAKE("c", 620), 0);
	/* Those that are full again make room and count as no loss. */
	ck_assert_uint_eq(TAKE("e", 1700), 0);
	ck_assert_uint_eq(TAKE("f", 1700), 0);
	ck_assert_uint_eq(TAKE("g", 1700), 0);
	ck_assert_uint_eq(forgotten, 1);
	ck_assert_uint_eq(quota_take(quota, big, QUOTA_KEY + 1, 2, 9000),
	    1000);
	ck_assert_uint_eq(quota_take(quota, big, QUOTA_KEY, 2, 9000), 0);
	quota_free(quota);
}

START_TEST(is_bounded)
{
	is_full(&window);
	is_full(&bucket);
}
END_TEST

/* However many strangers come, the next one is served. */
START_TEST(refuses_no_stranger)
{
	struct quota_options options = { 3600000, 100, false, &forgotten };
	struct quota *quota = quota_new(&options);
	int i;

	forgotten = 0;
	for (i = 0; i < 100000; i++) {
		ck_assert_uint_eq(quota_take(quota, &i, sizeof(i), 1, 1000),
		    0);
		ck_assert_uint_gt(quota_take(quota, &i, sizeof(i), 1, 1000),
		    0);
	}
	ck_assert_uint_eq(forgotten, 100000 - 100);
	quota_free(quota);
}
END_TEST

/* What is left is told without being taken. */
START_TEST(tells_what_is_left)
{
	const struct quota_options kinds[] = { window, bucket };
	struct quota *quota;
	int i, k;

	for (k = 0; k < 2; k++) {
		quota = quota_new(&kinds[k]);
		ck_assert_int_eq(quota_left(quota, "a", 1, 0, 1000), LONG_MAX);
		for (i = 0; i < 3; i++) {
			ck_assert_int_eq(quota_left(quota, "a", 1, 3, 1000),
			    3 - i);
			ck_assert_uint_eq(quota_take(quota, "a", 1, 3, 1000),
			    0);
		}
		ck_assert_int_eq(quota_left(quota, "a", 1, 3, 1000), 0);
		ck_assert_uint_gt(quota_take(quota, "a", 1, 3, 1000), 0);
		ck_assert_int_eq(quota_left(quota, "b", 1, 3, 1000), 3);
		/* A reload has lowered the limit. */
		ck_assert_int_eq(quota_left(quota, "a", 1, 2, 1000), 0);
		ck_assert_int_eq(quota_left(quota, "a", 1, 3, 1000 +
		    kinds[k].window_ms), 3);
		quota_free(quota);
	}
}
END_TEST

UNIT_SUITE(quota, counts_in_a_window, refills_evenly, changes_with_a_reload,
    tells_what_is_left, is_bounded, refuses_no_stranger)
