/* Which addresses are this host's, and from which one it would send. */
#include <errno.h>

#include "net/netwatch.h"
#include "unit.h"

START_TEST(knows_its_own)
{
	static const struct {
		const char *text;
		bool has;
	} cases[] = {
		{ "127.0.0.1:1", true },
		{ "127.0.0.1:0", true },
		{ "192.0.2.77:1", false },
		{ "[2001:db8::77]:1", false },
	};
	struct addr addr;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_int_eq(addr_parse(&addr, cases[i].text, 0), 0);
		ck_assert_msg(netwatch_has(&addr) == cases[i].has, "%s",
		    cases[i].text);
	}
}
END_TEST

START_TEST(knows_from_where_it_sends)
{
	struct addr to, from;

	ck_assert_int_eq(addr_parse(&to, "127.0.0.1:9", 0), 0);
	ck_assert_int_eq(netwatch_source(&from, &to), 0);
	ck_assert(addr_equal_ip(&from, &to));
}
END_TEST

UNIT_SUITE(netwatch, knows_its_own, knows_from_where_it_sends)
