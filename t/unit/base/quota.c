/* A quota per key and time, and a bound on the number of keys. */
#include <string.h>

#include "base/quota.h"
#include "unit.h"

static const struct quota_options options = { 2, 1000, 3 };

START_TEST(counts)
{
	struct quota *quota = quota_new(&options);

	ck_assert_uint_eq(quota_take(quota, "a", 1, 5000), 0);
	ck_assert_uint_eq(quota_take(quota, "a", 1, 5100), 0);
	ck_assert_uint_eq(quota_take(quota, "a", 1, 5200), 800);
	ck_assert_uint_eq(quota_take(quota, "b", 1, 5200), 0);
	ck_assert_uint_eq(quota_take(quota, "a", 1, 5999), 1);
	/* Another window; what was refused counted for nothing. */
	ck_assert_uint_eq(quota_take(quota, "a", 1, 6000), 0);
	ck_assert_uint_eq(quota_take(quota, "a", 1, 6000), 0);
	ck_assert_uint_eq(quota_take(quota, "a", 1, 6001), 999);
	quota_free(quota);
	quota_free(NULL);
}
END_TEST

START_TEST(is_bounded)
{
	struct quota *quota = quota_new(&options);
	char big[QUOTA_KEY + 1] = "";

	ck_assert_uint_eq(quota_take(quota, "a", 1, 0), 0);
	ck_assert_uint_eq(quota_take(quota, "b", 1, 500), 0);
	ck_assert_uint_eq(quota_take(quota, "c", 1, 500), 0);
	ck_assert_uint_eq(quota_take(quota, "d", 1, 999), 1000);
	ck_assert_uint_eq(quota_take(quota, "a", 1, 999), 0);
	/* a's window is over, so there is room for another. */
	ck_assert_uint_eq(quota_take(quota, "d", 1, 1000), 0);
	ck_assert_uint_eq(quota_take(quota, "e", 1, 1000), 1000);
	ck_assert_uint_eq(quota_take(quota, big, QUOTA_KEY + 1, 9000), 1000);
	ck_assert_uint_eq(quota_take(quota, big, QUOTA_KEY, 9000), 0);
	quota_free(quota);
}
END_TEST

UNIT_SUITE(quota, counts, is_bounded)
