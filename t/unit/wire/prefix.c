/*
 * Blocks of addresses: which addresses are in one, and which texts are invalid.
 */
#include <errno.h>

#include "unit.h"
#include "wire/prefix.h"

START_TEST(holds)
{
	static const struct {
		const char *block, *addr;
		bool in;
	} cases[] = {
		{ "10.0.0.0/8", "10.255.255.255", true },
		{ "10.0.0.0/8", "11.0.0.0", false },
		{ "10.0.0.0/8", "::ffff:10.1.2.3", true },
		{ "172.16.0.0/12", "172.31.255.255", true },
		{ "172.16.0.0/12", "172.32.0.0", false },
		{ "192.0.2.1", "192.0.2.1", true },
		{ "192.0.2.1", "192.0.2.2", false },
		{ "192.0.2.0/31", "192.0.2.1", true },
		{ "0.0.0.0/0", "255.1.1.1", true },
		{ "0.0.0.0/0", "::1", false },
		{ "::/0", "2001:db8::1", true },
		{ "::/0", "192.0.2.1", false },
		{ "::1", "::1", true },
		{ "2001:db8::/33", "2001:db8:7fff::1", true },
		{ "2001:db8::/33", "2001:db8:8000::1", false },
	};
	struct prefix p;
	struct addr a;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_int_eq(prefix_parse(&p, cases[i].block), 0);
		ck_assert_int_eq(addr_parse(&a, cases[i].addr, 1), 0);
		ck_assert_msg(prefix_holds(&p, &a) == cases[i].in, "%s in %s",
		    cases[i].addr, cases[i].block);
	}
}
END_TEST

START_TEST(refuses)
{
	static const char *const bad[] = {
		"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1",
		"10.0.0.0/ 8", "10.0.0.0/8x", "10.0.0.1/8", "::/129",
		"::1/64", "[::1]/128", "10.0.0.0:80/8", "example.org/8",
		"10.0.0.0/99999999999999999999"
	};
	struct prefix p;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(prefix_parse(&p, bad[i]) == -EINVAL, "%s",
		    bad[i]);
}
END_TEST

UNIT_SUITE(prefix, holds, refuses)
