/* The limits of a monitor, in the form of check_ping. */
#include <errno.h>

#include "conf/threshold.h"
#include "unit.h"

START_TEST(parses)
{
	struct threshold t;

	ck_assert_int_eq(threshold_parse(&t, "100"), 0);
	ck_assert(t.given && !t.has_loss);
	ck_assert_double_eq(t.rtt_ms, 100);
	ck_assert_int_eq(threshold_parse(&t, "0.5,2.5%"), 0);
	ck_assert(t.has_loss);
	ck_assert_double_eq(t.rtt_ms, 0.5);
	ck_assert_double_eq(t.loss_pct, 2.5);
}
END_TEST

START_TEST(refuses)
{
	static const char *const bad[] = {
		"", "x", "-1", " 1", "1x", "1,", "1,2", "1,2%x", "1,%", "inf",
		"nan", "0x10", "1e3", "1,101%", "1,2%%", "1,2%,3%", "%"
	};
	struct threshold t;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(threshold_parse(&t, bad[i]) == -EINVAL, "%s",
		    bad[i]);
}
END_TEST

START_TEST(compares)
{
	struct threshold t = { .given = false };

	ck_assert(!threshold_exceeded(&t, 1e6, 100));
	ck_assert_int_eq(threshold_parse(&t, "100"), 0);
	ck_assert(!threshold_exceeded(&t, 100, 100));
	ck_assert(threshold_exceeded(&t, 100.1, 0));
	ck_assert_int_eq(threshold_parse(&t, "100,2%"), 0);
	ck_assert(!threshold_exceeded(&t, 100, 2));
	ck_assert(threshold_exceeded(&t, 1, 2.1));
}
END_TEST

UNIT_SUITE(threshold, parses, refuses, compares)
