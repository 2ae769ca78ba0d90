/* What a sender of pushes says of itself, and lines that say nothing. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "failjson.h"
#include "unit.h"
#include "wire/addr.h"
#include "wire/pushabout.h"
#include "wire/pushmsg.h"

static int
parse(struct pushabout *out, const char *line)
{
	return pushabout_parse(out, line, strcspn(line, "\n"));
}

static bool
goes_to(const struct pushabout *about, const char *text)
{
	struct addr addr;

	ck_assert_int_eq(addr_parse(&addr, text, 443), 0);
	return reach_ok(about->reach, &addr, true);
}

START_TEST(there_and_back)
{
	char *allow[] = { "10.0.0.0/8" }, *deny[] = { "8.8.8.0/24" };
	const struct reach_lists lists = { allow, deny, 1, 1 };
	struct pushabout about;
	char *line = pushabout_line(&lists, "x.conf:1: wrong");

	ck_assert_ptr_nonnull(line);
	ck_assert_str_eq(line, "{\"about\":{\"allow\":[\"10.0.0.0/8\"],"
	    "\"deny\":[\"8.8.8.0/24\"],\"error\":\"x.conf:1: wrong\"}}\n");
	ck_assert_int_eq(parse(&about, line), 0);
	ck_assert_str_eq(about.error, "x.conf:1: wrong");
	ck_assert(goes_to(&about, "10.0.0.1"));
	ck_assert(goes_to(&about, "8.8.4.4"));
	ck_assert(!goes_to(&about, "8.8.8.8"));
	ck_assert(!goes_to(&about, "127.0.0.1"));
	reach_free(about.reach);
	free(line);
}
END_TEST

/* Lists that are too long for a line are not told in part. */
START_TEST(long_lists)
{
	static char *allow[2000];
	const struct reach_lists lists = { .allow = allow, .n_allow = 2000 };
	struct pushabout about;
	size_t i;
	char *line;

	for (i = 0; i < 2000; i++)
		allow[i] = "10.0.0.0/8";
	line = pushabout_line(&lists, "");
	ck_assert_str_eq(line, "{\"about\":{\"error\":\"\"}}\n");
	ck_assert_int_eq(parse(&about, line), 0);
	ck_assert_ptr_null(about.reach);
	reach_free(about.reach);
	free(line);
}
END_TEST

START_TEST(other_lines)
{
	static const char *const other[] = {
		"", "x", "{}", "{\"id\":\"1\",\"status\":\"sent\"}", "{\"about"
	};
	static const char *const bad[] = {
		"{\"about\":", "{\"about\":1}", "{\"about\":[]}",
		"{\"about\":{\"allow\":1}}", "{\"about\":{\"allow\":[1]}}",
		"{\"about\":{\"deny\":[\"x\"]}}", "{\"about\":{\"error\":1}}"
	};
	struct pushabout about;
	size_t i;

	for (i = 0; i < sizeof(other) / sizeof(other[0]); i++)
		ck_assert_int_eq(parse(&about, other[i]), -ENOENT);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(parse(&about, bad[i]) == -EBADMSG, "%s",
		    bad[i]);
	ck_assert_int_eq(parse(&about, "{\"about\":{}}"), 0);
	ck_assert_ptr_null(about.reach);
	ck_assert(pushabout_is_reload(PUSHABOUT_RELOAD,
	    strlen(PUSHABOUT_RELOAD)));
	ck_assert(!pushabout_is_reload(PUSHABOUT_RELOAD, 3));
	ck_assert(!pushabout_is_reload("{\"reload\":null}", 15));
}
END_TEST

START_TEST(without_memory)
{
	char *allow[] = { "10.0.0.0/8" };
	const struct reach_lists lists = { .allow = allow, .n_allow = 1 };
	unsigned n;
	char *line;

	for (n = 0; n < 40; n++) {
		failjson_after(n);
		line = pushabout_line(&lists, "");
		if (line != NULL)
			ck_assert_str_eq(line, "{\"about\":{\"allow\":"
			    "[\"10.0.0.0/8\"],\"deny\":[],\"error\":\"\"}}\n");
		free(line);
	}
	failjson_after(FAILJSON_NEVER);
}
END_TEST

UNIT_SUITE(pushabout, there_and_back, long_lists, other_lines, without_memory)
