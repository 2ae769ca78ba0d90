/* Answers to strangers: a number per second, and no more bytes than came in. */
#include "base/clock.h"
#include "turn/ratelimit.h"
#include "unit.h"

static struct addr
at(const char *text)
{
	struct addr addr;

	ck_assert_int_eq(addr_parse(&addr, text, 0), 0);
	return addr;
}

static unsigned
answers(struct ratelimit *limit, const struct addr *client, unsigned tries,
    size_t in, size_t out, uint64_t from_ns, uint64_t every_ns)
{
	unsigned i, n = 0;

	for (i = 0; i < tries; i++)
		n += ratelimit_take(limit, client, in, out,
		    from_ns + i * every_ns);
	return n;
}

START_TEST(so_many_a_second)
{
	struct addr a = at("198.51.100.1"), same = at("198.51.100.200");
	struct addr b = at("198.51.101.1");
	struct addr six = at("2001:db8:1::1"), same_six = at("2001:db8:1:2::3");
	struct ratelimit *limit;

	ck_assert_int_eq(ratelimit_new(&limit, 10), 0);
	ck_assert_uint_eq(answers(limit, &a, 50, 20, 20, CLOCK_S, 0), 10);
	ck_assert_uint_eq(answers(limit, &same, 5, 20, 20, CLOCK_S, 0), 0);
	ck_assert_uint_eq(answers(limit, &b, 50, 20, 20, CLOCK_S, 0), 10);
	/* Half a second later half of them. */
	ck_assert_uint_eq(answers(limit, &a, 50, 20, 20,
	    3 * CLOCK_S / 2, 0), 5);
	ck_assert_uint_eq(answers(limit, &six, 50, 20, 20, CLOCK_S, 0), 10);
	ck_assert_uint_eq(answers(limit, &same_six, 5, 20, 20, CLOCK_S, 0),
	    0);
	/* However fast they come: time is not lost in small steps. */
	ck_assert_uint_le(answers(limit, &b, 40000, 20, 20, 2 * CLOCK_S,
	    CLOCK_MS / 20), 10 + 20);
	ratelimit_free(limit);
}
END_TEST

START_TEST(no_more_out_than_in)
{
	struct addr a = at("198.51.100.1");
	struct ratelimit *limit;
	uint64_t n, seconds = 100;

	ck_assert_int_eq(ratelimit_new(&limit, 1000000), 0);
	/* A flood of 28 bytes each that would be answered with 108. */
	n = answers(limit, &a, 100000, 28, 108, CLOCK_S,
	    seconds * CLOCK_S / 100000);
	ck_assert_uint_le(n * 108, 100000 * 28 + RATELIMIT_AHEAD +
	    seconds * RATELIMIT_AHEAD_PER_S);
	ck_assert_uint_ge(n * 108, 90000 * 28);
	ratelimit_free(limit);
}
END_TEST

UNIT_SUITE(ratelimit, so_many_a_second, no_more_out_than_in)
