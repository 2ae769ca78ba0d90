/* A host and a port, as people write them: valid and invalid ones. */
#include <errno.h>
#include <string.h>

#include "unit.h"
#include "wire/hostport.h"

START_TEST(parses)
{
	static const struct {
		const char *text, *name;
		int port;
		const char *again;
	} cases[] = {
		{ "rp.example.org", "rp.example.org", 31337,
		    "rp.example.org:31337" },
		{ "rp.example.org:5", "rp.example.org", 5, "rp.example.org:5" },
		{ "127.0.0.1:65535", "127.0.0.1", 65535, "127.0.0.1:65535" },
		{ "[2001:db8::1]:7", "2001:db8::1", 7, "[2001:db8::1]:7" },
		{ "2001:db8::1", "2001:db8::1", 31337, "[2001:db8::1]:31337" },
	};
	char text[HOSTPORT_TEXT];
	struct hostport found;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_int_eq(hostport_parse(&found, cases[i].text, 31337),
		    0);
		ck_assert_str_eq(found.name, cases[i].name);
		ck_assert_int_eq(found.port, cases[i].port);
		ck_assert_str_eq(hostport_format(&found, text),
		    cases[i].again);
	}
}
END_TEST

START_TEST(refuses)
{
	static const char *const cases[] = {
		"", ":", ":1", "a:", "a:0", "a:65536", "a:1x", "a: 1", "a b",
		"a/b", "127.0.0.1:0", "[::1]:", "[::1"
	};
	struct hostport found = { "kept", 1 };
	char name[2 * HOSTPORT_NAME];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_msg(hostport_parse(&found, cases[i], 31337) ==
		    -EINVAL, "%s", cases[i]);
	memset(name, 'a', sizeof(name));
	name[HOSTPORT_NAME] = '\0';
	ck_assert_int_eq(hostport_parse(&found, name, 1), -EINVAL);
	ck_assert_str_eq(found.name, "kept");
	name[HOSTPORT_NAME - 1] = '\0';
	ck_assert_int_eq(hostport_parse(&found, name, 1), 0);
	ck_assert_str_eq(found.name, name);
}
END_TEST

START_TEST(drops_the_last_dot)
{
	static const struct {
		const char *name, *without;
	} cases[] = {
		{ "rp.example.org.", "rp.example.org" },
		{ "rp.example.org", "rp.example.org" },
		{ "localhost.", "localhost" }, { ".", "." }, { "", "" },
	};
	char name[HOSTPORT_NAME];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		strcpy(name, cases[i].name);
		hostport_undot(name);
		ck_assert_str_eq(name, cases[i].without);
	}
}
END_TEST

START_TEST(knows_names)
{
	static const char *const names[] = {
		"localhost", "za1.example.org", "za1.example.org.", "a",
		"9f3c01d2a7b4", "my_switch_1", "1.2.3.example", "xn--p1ai",
		"a--b", "A.B",
	};
	static const char *const others[] = {
		"", ".", "a..b", ".a", "-a", "a-", "a.-b", "a-.b", "*.test",
		"${HOSTNAME}", "a b", "a\n", "a/b", "a:1", "127.0.0.1", "1.2",
		"12", "[::1]", "::1", "caf\xc3\xa9",
	};
	char text[HOSTPORT_NAME];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		ck_assert_msg(hostport_is_name(names[i]), "%s", names[i]);
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		ck_assert_msg(!hostport_is_name(others[i]), "%s", others[i]);
	memset(text, 'a', sizeof(text));
	text[63] = '\0';
	ck_assert(hostport_is_name(text));
	text[63] = 'a';
	text[64] = '\0';
	ck_assert(!hostport_is_name(text));
	for (i = 0; i < sizeof(text); i++)
		text[i] = i % 2 == 0 ? 'a' : '.';
	text[253] = '\0';
	ck_assert(hostport_is_name(text));
	text[253] = '.';
	text[254] = '\0';
	ck_assert(!hostport_is_name(text));
}
END_TEST

UNIT_SUITE(hostport, parses, refuses, drops_the_last_dot, knows_names)
