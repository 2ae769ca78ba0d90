/*
 * Which switches may see our credentials: ours, those below its name, and those
 * that it lists. Names that only look like those do not count.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "unit.h"
#include "who/switchnames.h"

static struct switchnames
names_of(const char *account_switch, const char *asked)
{
	struct switchnames names;

	switchnames_init(&names, account_switch, asked);
	return names;
}

static int
take(struct switchnames *names, const char *text)
{
	return switchnames_take(names, text, strlen(text));
}

START_TEST(knows_our_own)
{
	struct switchnames names = names_of("Rp.example.org.:443", "192.0.2.7");

	ck_assert(switchnames_has(&names, "rp.example.org"));
	ck_assert(switchnames_has(&names, "RP.EXAMPLE.ORG."));
	ck_assert(switchnames_has(&names, "za1.rp.example.org"));
	ck_assert(switchnames_has(&names, "192.0.2.7"));
	ck_assert(!switchnames_has(&names, "example.org"));
	ck_assert(!switchnames_has(&names, "xrp.example.org"));
	ck_assert(!switchnames_has(&names, ".rp.example.org"));
	ck_assert(!switchnames_has(&names, "rp.example.org.evil.example"));
	ck_assert(!switchnames_has(&names, "192.0.2.8"));
	ck_assert(!switchnames_has(&names, "1.192.0.2.7"));
	ck_assert(!switchnames_has(&names, ""));
	ck_assert_str_eq(switchnames_certified(&names, "evil.example"),
	    "Rp.example.org");
	ck_assert_str_eq(switchnames_certified(&names, "a.rp.example.org"),
	    "a.rp.example.org");
}
END_TEST

START_TEST(knows_addresses)
{
	struct switchnames names = names_of(NULL, "2001:db8::1");

	ck_assert(switchnames_has(&names, "2001:DB8:0::1"));
	ck_assert(!switchnames_has(&names, "2001:db8::2"));
	ck_assert(!switchnames_has(&names, "x.2001:db8::1"));
	ck_assert_str_eq(switchnames_certified(&names, "a.example"),
	    "2001:db8::1");
}
END_TEST

START_TEST(takes_a_list)
{
	struct switchnames names = names_of("rp.example.org", "rp.example.org");
	char many[4096] = "{\"switches\":[";
	int i;

	ck_assert_int_eq(take(&names, "{\"switches\":[\"za1.example.org:31337\","
	    "5, \"za2.example.org.\", \"a b\"], \"x\": 1}"), 0);
	ck_assert(switchnames_has(&names, "ZA1.example.org"));
	ck_assert(switchnames_has(&names, "za2.example.org"));
	ck_assert(!switchnames_has(&names, "za3.example.org"));
	ck_assert(!switchnames_has(&names, "x.za1.example.org"));
	ck_assert_int_eq(take(&names, "{\"switches\":{}}"), -EBADMSG);
	ck_assert_int_eq(take(&names, "\"\\u0000"), -EBADMSG);
	ck_assert(switchnames_has(&names, "za1.example.org"));
	for (i = 0; i < 100; i++)
		sprintf(many + strlen(many), "%s\"n%d.example\"",
		    i > 0 ? "," : "", i);
	strcat(many, "]}");
	ck_assert_int_eq(take(&names, many), 0);
	ck_assert(!switchnames_has(&names, "za1.example.org"));
	ck_assert(switchnames_has(&names, "n24.example"));
	ck_assert(!switchnames_has(&names, "n25.example"));
	ck_assert(switchnames_has(&names, "rp.example.org"));
}
END_TEST

UNIT_SUITE(switchnames, knows_our_own, knows_addresses, takes_a_list)
