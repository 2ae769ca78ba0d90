/*
 * The prefix of a translated address is found in all forms of RFC 6052, 2.2,
 * and in no other address.
 */
#include "survey/dns64.h"
#include "unit.h"

static struct addr
ip(const char *text)
{
	struct addr a;

	ck_assert_int_eq(addr_parse(&a, text, 0), 0);
	return a;
}

START_TEST(finds_the_prefix_in_all_forms)
{
	static const struct {
		const char *translated, *prefix;
		unsigned bits;
	} forms[] = {
		{ "2001:db8:c000:aa::", "2001:db8::", 32 },
		{ "2001:db8:1c0:0:aa::", "2001:db8:100::", 40 },
		{ "2001:db8:122:c000:0:aa00::", "2001:db8:122::", 48 },
		{ "2001:db8:122:3c0:0:ab::", "2001:db8:122:300::", 56 },
		{ "2001:db8:122:344:c0:0:ab00:0", "2001:db8:122:344::", 64 },
		{ "2001:db8:122:344::c000:ab", "2001:db8:122:344::", 96 },
		{ "64:ff9b::c000:aa", "64:ff9b::", 96 },
	};
	size_t i;

	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct addr from = ip(forms[i].translated);
		struct addr wanted = ip(forms[i].prefix);
		struct prefix found;

		ck_assert_msg(dns64_prefix(&found, &from), "%s",
		    forms[i].translated);
		ck_assert_uint_eq(found.bits, forms[i].bits);
		ck_assert(addr_equal_ip(&found.addr, &wanted));
	}
}
END_TEST

START_TEST(finds_none_elsewhere)
{
	static const char *const others[] = {
		"2001:db8::1", "2001:db8::c000:ac", "192.0.0.170", "::"
	};
	struct prefix found;
	size_t i;

	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct addr a = ip(others[i]);

		ck_assert_msg(!dns64_prefix(&found, &a), "%s", others[i]);
	}
}
END_TEST

START_TEST(knows_the_well_known_ones)
{
	struct addr a = ip("64:ff9b::5.3.1.1"), b = ip("64:ff9b:1:2::1"),
	    c = ip("2a05::1"), d = ip("5.3.1.1");

	ck_assert(dns64_is_well_known(&a));
	ck_assert(dns64_is_well_known(&b));
	ck_assert(!dns64_is_well_known(&c));
	ck_assert(!dns64_is_well_known(&d));
}
END_TEST

UNIT_SUITE(dns64, finds_the_prefix_in_all_forms, finds_none_elsewhere,
    knows_the_well_known_ones)
