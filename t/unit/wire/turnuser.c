/* Static users as lines: agreement with htdigest(1), and what is refused. */
#include <errno.h>
#include <string.h>

#include "unit.h"
#include "wire/turnuser.h"

/* printf alice:rp.example:pass | md5sum, and sha256sum, say so. */
#define MD5 "23f4d00cbc5757583dfbbcf4a94e32c7"
#define SHA256 "3ddcef495b816f66146897e1c5554c1aad712c00fd6da76e7e01284b8e0428e1"

START_TEST(makes_a_line)
{
	struct turnuser user, again;
	char line[TURNUSER_LINE];

	ck_assert_int_eq(turnuser_make(&user, "alice", "rp.example", "pass"),
	    0);
	turnuser_format(line, &user);
	ck_assert_str_eq(line, "alice:rp.example:" MD5 ":" SHA256);
	ck_assert_int_eq(turnuser_parse(&again, line, strlen(line)), 0);
	ck_assert_str_eq(again.name, "alice");
	ck_assert_str_eq(again.realm, "rp.example");
	ck_assert_mem_eq(again.md5, user.md5, sizeof(user.md5));
	ck_assert_mem_eq(again.sha256, user.sha256, sizeof(user.sha256));
	ck_assert(again.has_sha256);
}
END_TEST

/* A line of htdigest has no SHA-256, and stays as it is. */
START_TEST(takes_htdigest)
{
	static const char text[] = "alice:rp.example:" MD5;
	struct turnuser user;
	char line[TURNUSER_LINE];

	ck_assert_int_eq(turnuser_parse(&user, text, strlen(text)), 0);
	ck_assert(!user.has_sha256);
	turnuser_format(line, &user);
	ck_assert_str_eq(line, text);
}
END_TEST

START_TEST(takes_colons_and_utf8_in_a_name)
{
	static const char text[] = "@J\303\274rg:ex.org:8448:my realm:" MD5;
	struct turnuser user;

	ck_assert_int_eq(turnuser_parse(&user, text, strlen(text)), 0);
	ck_assert_str_eq(user.name, "@J\303\274rg:ex.org:8448");
	ck_assert_str_eq(user.realm, "my realm");
}
END_TEST

START_TEST(refuses)
{
	static const char *const bad[] = {
		"", ":", "alice", MD5, ":" MD5, "alice:" MD5, ":r:" MD5,
		"alice::" MD5, "alice:r:" MD5 "0", "alice:r:" SHA256,
		"alice:r:" MD5 ":" MD5 ":", "alice:r:" MD5 " ",
		"#alice:r:" MD5, "al\tice:r:" MD5, "alice:r\"s:" MD5,
		"alice:r:x3f4d00cbc5757583dfbbcf4a94e32c7"
	};
	struct turnuser user;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(turnuser_parse(&user, bad[i], strlen(bad[i])) ==
		    -EINVAL, "%s", bad[i]);
	ck_assert_int_eq(turnuser_parse(&user, "a\0b:r:" MD5, 38), -EINVAL);
	ck_assert_int_eq(turnuser_make(&user, "a", "r:s", "x"), -EINVAL);
	ck_assert_int_eq(turnuser_make(&user, "#a", "r", "x"), -EINVAL);
	ck_assert_int_eq(turnuser_make(&user, "", "r", "x"), -EINVAL);
}
END_TEST

/* The longest name and realm make the longest line, and one byte more none. */
START_TEST(longest)
{
	char name[TURNCRED_ANY + 1], realm[TURNUSER_REALM + 1];
	char line[TURNUSER_LINE];
	struct turnuser user, again;

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	memset(realm, 'r', sizeof(realm) - 1);
	realm[sizeof(realm) - 1] = '\0';
	ck_assert_int_eq(turnuser_make(&user, name, "r", "x"), -EINVAL);
	name[TURNCRED_ANY - 1] = '\0';
	ck_assert_int_eq(turnuser_make(&user, name, realm, "x"), -EINVAL);
	realm[TURNUSER_REALM - 1] = '\0';
	ck_assert_int_eq(turnuser_make(&user, name, realm, "x"), 0);
	turnuser_format(line, &user);
	ck_assert_uint_eq(strlen(line), TURNUSER_LINE - 1);
	ck_assert_int_eq(turnuser_parse(&again, line, strlen(line)), 0);
	ck_assert_str_eq(again.name, name);
	ck_assert_str_eq(again.realm, realm);
}
END_TEST

UNIT_SUITE(turnuser, makes_a_line, takes_htdigest,
    takes_colons_and_utf8_in_a_name, refuses, longest)
