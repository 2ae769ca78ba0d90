/*
 * Names of files for each call. Whatever the other side is called, it can
 * neither leave the folder nor choose the suffix.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "conf/names.h"
#include "unit.h"

#define SESSION "0123456789abcdef0123456789abcdef"

static const char *
made(const char *pattern, const char *peer)
{
	static char name[PATH_MAX];
	const struct names_call call = { SESSION, peer, 1769681700 };

	ck_assert_int_eq(names_make(name, pattern, &call), 0);
	return name;
}

START_TEST(makes_names)
{
	ck_assert(!names_is_pattern("a.wav"));
	ck_assert(!names_is_pattern(NULL));
	ck_assert(names_is_pattern("%p.wav"));
	ck_assert_str_eq(made("d/%t-%p-%s.wav", "+4930.1"),
	    "d/20260129T101500Z-+4930_1-" SESSION ".wav");
	ck_assert_str_eq(made("100%%%p", ""), "100%unknown");
	ck_assert_str_eq(made("%p", ".."), "__");
	ck_assert_str_eq(made("%p", "-"), "_");
	ck_assert_str_eq(made("%p.wav", "../../etc/x\n"),
	    "______etc_x_.wav");
}
END_TEST

START_TEST(checks_patterns)
{
	static const struct {
		const char *pattern;
		int err;
	} cases[] = {
		{ "%s.wav", 0 }, { "./%p-%t.wav", 0 }, { "100%%", 0 },
		{ "%", -EINVAL }, { "%q.wav", -EINVAL }, { "x%", -EINVAL },
		{ "%%%", -EINVAL }, { "%p/x.wav", -EINVAL },
		{ "none/%s.wav", -ENOENT }
	};
	char why[WHY_TEXT];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_int_eq(names_check(cases[i].pattern, why),
		    cases[i].err);
}
END_TEST

START_TEST(ends_in_time)
{
	char pattern[PATH_MAX], name[PATH_MAX];
	const struct names_call call = { SESSION, "bob", 0 };

	memset(pattern, 'x', sizeof(pattern));
	strcpy(pattern + PATH_MAX - 3, "%p");
	ck_assert_int_eq(names_make(name, pattern, &call), -ENAMETOOLONG);
	/* Which names_check refuses; nothing is read beyond its end. */
	ck_assert_int_eq(names_make(name, "x%", &call), 0);
}
END_TEST

UNIT_SUITE(names, makes_names, checks_patterns, ends_in_time)
