/* The prefix of DNS64 in the addresses of RFC 7050, by the lengths of RFC 6052. */
#include "unit.h"
#include "wire/nat64.h"

START_TEST(prefixes)
{
	static const struct {
		const char *address, *prefix;
	} cases[] = {
		{ "64:ff9b::c000:aa", "64:ff9b::/96" },
		{ "64:ff9b::192.0.0.171", "64:ff9b::/96" },
		{ "2001:db8:1:2:3:4:c000:ab", "2001:db8:1:2:3:4::/96" },
		{ "2001:db8:1:2:c0:0:aa00:0", "2001:db8:1:2::/64" },
		{ "2001:db8:1:2c0:0:aa::", "2001:db8:1:200::/56" },
		{ "2001:db8:1:c000:0:aa00::", "2001:db8:1::/48" },
		{ "2001:db8:1c0:0:aa::", "2001:db8:100::/40" },
		{ "2001:db8:c000:aa::", "2001:db8::/32" },
		{ "2001:db8::c000:ac", "" },
		{ "64:ff9b::c000:2aa", "" },
		{ "192.0.0.170", "" },
	};
	char text[NAT64_TEXT];
	struct addr addr;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_int_eq(addr_parse(&addr, cases[i].address, 0), 0);
		text[0] = '\0';
		ck_assert(nat64_prefix(&addr, text) ==
		    (*cases[i].prefix != '\0'));
		ck_assert_str_eq(text, cases[i].prefix);
	}
}
END_TEST

UNIT_SUITE(nat64, prefixes)
