/* IPv4 addresses within IPv6 ones: the examples of RFC 6052 2.4, and others. */
#include <errno.h>

#include "unit.h"
#include "wire/nat64.h"

static struct addr
addr_of(const char *text)
{
	struct addr addr;

	ck_assert_int_eq(addr_parse(&addr, text, 5), 0);
	return addr;
}

/* The prefix as NAT64_NAME shows it, and 192.0.2.33 behind it. */
static const struct {
	const char *learned, *translated;
} networks[] = {
	{ "2001:db8:c000:aa::", "2001:db8:c000:221::" },
	{ "2001:db8:1c0:0:aa::", "2001:db8:1c0:2:21::" },
	{ "2001:db8:122:c000:0:aa00::", "2001:db8:122:c000:2:2100::" },
	{ "2001:db8:122:3c0:0:ab::", "2001:db8:122:3c0:0:221::" },
	{ "2001:db8:122:344:c0:0:aa00::", "2001:db8:122:344:c0:2:2100::" },
	{ "2001:db8:122:344::192.0.0.171", "2001:db8:122:344::192.0.2.33" },
	{ "64:ff9b::192.0.0.170", "64:ff9b::192.0.2.33" },
};

START_TEST(translates)
{
	struct addr v4 = addr_of("192.0.2.33"), out, learned, wanted;
	struct nat64 prefix;
	size_t i;

	for (i = 0; i < sizeof(networks) / sizeof(networks[0]); i++) {
		learned = addr_of(networks[i].learned);
		wanted = addr_of(networks[i].translated);
		ck_assert_int_eq(nat64_learn(&prefix, &learned), 0);
		nat64_translate(&out, &prefix, &v4);
		ck_assert_msg(addr_equal(&out, &wanted), "%s",
		    networks[i].translated);
		ck_assert(nat64_is(&out, &v4));
	}
}
END_TEST

START_TEST(learns_from_nothing_else)
{
	static const char *const others[] = {
		"2001:db8::1", "192.0.0.170", "::", "64:ff9b::192.0.0.172",
		"2001:db8:122:344:1c0:0:aa00::"	/* the reserved bits */
	};
	struct nat64 prefix;
	struct addr addr;
	size_t i;

	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		addr = addr_of(others[i]);
		ck_assert_int_eq(nat64_learn(&prefix, &addr), -ENOENT);
	}
}
END_TEST

START_TEST(knows_translations)
{
	struct addr v4 = addr_of("192.0.2.33"), other = addr_of("192.0.2.34"),
	    v6 = addr_of("64:ff9b::192.0.2.33");

	ck_assert(nat64_is(&v6, &v4));
	ck_assert(!nat64_is(&v6, &other));
	ck_assert(!nat64_is(&v4, &v4));
	ck_assert(!nat64_is(&v6, &v6));
}
END_TEST

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

UNIT_SUITE(nat64, translates, learns_from_nothing_else, knows_translations,
    prefixes)
