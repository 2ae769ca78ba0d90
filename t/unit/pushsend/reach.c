/*
 * Where a push may go: to public addresses over TLS, and to those that are
 * configured.
 */
#include <errno.h>

#include "http/reach.h"
#include "unit.h"

static struct conf_strings
list(char *item[], size_t n)
{
	return (struct conf_strings){ item, n };
}

static bool
ok(const struct reach *reach, const char *text, bool tls)
{
	struct addr addr;

	ck_assert_int_eq(addr_parse(&addr, text, 443), 0);
	return reach_ok(reach, &addr, tls);
}

START_TEST(public_only)
{
	const struct conf_strings none = { NULL, 0 };
	char why[WHY_TEXT];
	struct reach *reach;

	ck_assert_int_eq(reach_new(&reach, &none, &none, why), 0);
	ck_assert(ok(reach, "8.8.8.8", true));
	ck_assert(!ok(reach, "8.8.8.8", false));
	ck_assert(!ok(reach, "127.0.0.1", true));
	ck_assert(!ok(reach, "10.0.0.1", true));
	ck_assert(!ok(reach, "::ffff:10.0.0.1", true));
	ck_assert(!reach_plain(reach));
	reach_free(reach);
}
END_TEST

START_TEST(lists)
{
	char *open[] = { "10.0.0.0/8", "::1" }, *shut[] = { "10.9.0.0/16",
	    "8.8.8.0/24" };
	const struct conf_strings allow = list(open, 2), deny = list(shut, 2);
	char why[WHY_TEXT];
	struct reach *reach;

	ck_assert_int_eq(reach_new(&reach, &allow, &deny, why), 0);
	ck_assert(ok(reach, "10.0.0.1", true));
	ck_assert(ok(reach, "10.0.0.1", false));
	ck_assert(ok(reach, "::1", false));
	ck_assert(!ok(reach, "10.9.0.1", true));
	ck_assert(!ok(reach, "8.8.8.8", true));
	ck_assert(!ok(reach, "::ffff:8.8.8.8", true));
	ck_assert(ok(reach, "8.8.4.4", true));
	ck_assert(!ok(reach, "127.0.0.1", true));
	ck_assert(reach_plain(reach));
	reach_free(reach);
}
END_TEST

START_TEST(refuses)
{
	char *bad[] = { "localhost" };
	const struct conf_strings none = { NULL, 0 }, wrong = list(bad, 1);
	char why[WHY_TEXT];
	struct reach *reach;

	ck_assert_int_eq(reach_new(&reach, &wrong, &none, why), -EINVAL);
	ck_assert_int_eq(reach_new(&reach, &none, &wrong, why), -EINVAL);
	ck_assert_str_eq(why, "localhost: not a block of addresses");
}
END_TEST

UNIT_SUITE(reach, public_only, lists, refuses)
