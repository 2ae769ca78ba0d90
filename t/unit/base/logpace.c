/*
 * Lines that strangers cause: each kind has its own allowance, and how many
 * lines were left out is told once its window is over.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/logpace.h"
#include "unit.h"

static struct logpace pace;

/* Take `n` lines of the kind, and return how many may be written. */
static unsigned
take(const char *kind, unsigned n, uint64_t now_ms)
{
	unsigned may = 0;

	while (n-- > 0)
		may += logpace_take(&pace, kind, now_ms);
	return may;
}

START_TEST(each_kind_has_its_own)
{
	char kind[LOGPACE_KIND];

	memset(&pace, 0, sizeof(pace));
	ck_assert_uint_eq(take("a", LOGPACE_LINES + 5, 1000), LOGPACE_LINES);
	ck_assert_uint_eq(take("b", 1, 1000), 1);
	ck_assert_uint_eq(pace.untold, 1);
	ck_assert_uint_eq(logpace_told(&pace, kind, 1000 + LOGPACE_MS - 1,
	    false), 0);
	ck_assert_uint_eq(logpace_told(&pace, kind, 1000 + LOGPACE_MS, false),
	    5);
	ck_assert_str_eq(kind, "a");
	ck_assert_uint_eq(pace.untold, 0);
	ck_assert_uint_eq(logpace_told(&pace, kind, 1000 + LOGPACE_MS, true),
	    0);
	ck_assert_uint_eq(take("a", 3, 1000 + LOGPACE_MS), 3);
}
END_TEST

START_TEST(the_end_tells_all)
{
	char kind[LOGPACE_KIND];

	memset(&pace, 0, sizeof(pace));
	take("a", LOGPACE_LINES + 1, 1000);
	take("b", LOGPACE_LINES + 2, 1000);
	ck_assert_uint_eq(logpace_told(&pace, kind, 1001, true), 1);
	ck_assert_uint_eq(logpace_told(&pace, kind, 1001, true), 2);
	ck_assert_uint_eq(logpace_told(&pace, kind, 1001, true), 0);
}
END_TEST

/* However many kinds somebody invents, memory and lines have a bound. */
START_TEST(others_share_a_place)
{
	unsigned i, lines = 0;
	char kind[LOGPACE_KIND];

	memset(&pace, 0, sizeof(pace));
	for (i = 0; i < 10000; i++) {
		snprintf(kind, sizeof(kind), "kind %u", i);
		lines += take(kind, 1, 1000);
	}
	ck_assert_uint_eq(pace.n, LOGPACE_KINDS);
	ck_assert_uint_eq(lines, LOGPACE_KINDS - 1 + LOGPACE_LINES);
	ck_assert_uint_eq(logpace_told(&pace, kind, 1000, true), 10000 - lines);
	ck_assert_str_eq(kind, "others");
}
END_TEST

UNIT_SUITE(logpace, each_kind_has_its_own, the_end_tells_all,
    others_share_a_place)
