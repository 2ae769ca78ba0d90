/*
 * Where a push may go: to public addresses over TLS, and to those that are
 * configured.
 */
#include <errno.h>

#include "unit.h"
#include "wire/reach.h"

static bool
ok(const struct reach *reach, const char *text, bool tls)
{
	struct addr addr;

	ck_assert_int_eq(addr_parse(&addr, text, 443), 0);
	return reach_ok(reach, &addr, tls);
}

START_TEST(public_only)
{
	const struct reach_lists none = { 0 };
	char why[WHY_TEXT];
	struct reach *reach;

	ck_assert_int_eq(reach_new(&reach, &none, why), 0);
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
	const struct reach_lists both = { open, shut, 2, 2 };
	char why[WHY_TEXT];
	struct reach *reach;

	ck_assert_int_eq(reach_new(&reach, &both, why), 0);
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
	const struct reach_lists open = { .allow = bad, .n_allow = 1 };
	const struct reach_lists shut = { .deny = bad, .n_deny = 1 };
	char why[WHY_TEXT];
	struct reach *reach;

	ck_assert_int_eq(reach_new(&reach, &open, why), -EINVAL);
	ck_assert_int_eq(reach_new(&reach, &shut, why), -EINVAL);
	ck_assert_str_eq(why, "localhost: not a block of addresses");
}
END_TEST

UNIT_SUITE(reach, public_only, lists, refuses)
