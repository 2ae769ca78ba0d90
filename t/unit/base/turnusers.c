/* Files of static users: what is read, and what is told of a mistake. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/turnusers.h"
#include "unit.h"

#define MD5 "23f4d00cbc5757583dfbbcf4a94e32c7"
#define SHA256 "3ddcef495b816f66146897e1c5554c1aad712c00fd6da76e7e01284b8e0428e1"

static char file[] = "/tmp/turnusersXXXXXX";

static void
write_file(const char *text, size_t len)
{
	FILE *out;
	int fd;

	strcpy(file, "/tmp/turnusersXXXXXX");
	fd = mkstemp(file);
	ck_assert_int_ge(fd, 0);
	out = fdopen(fd, "w");
	ck_assert_uint_eq(fwrite(text, 1, len, out), len);
	fclose(out);
}

static int
read_text(struct turnusers **users, const char *text, char why[WHY_TEXT])
{
	int err;

	write_file(text, strlen(text));
	err = turnusers_read(users, file, why);
	unlink(file);
	return err;
}

START_TEST(reads_users)
{
	struct turnusers *users;
	struct stunauth_key key;
	char why[WHY_TEXT];

	ck_assert_int_eq(read_text(&users, "\xef\xbb\xbf# mine\n\n"
	    "alice:r:" MD5 ":" SHA256 "\r\nbob:r:" MD5 "\nalice:s:" MD5, why),
	    0);
	ck_assert_uint_eq(turnusers_count(users, "r"), 2);
	ck_assert_uint_eq(turnusers_count(users, "s"), 1);
	ck_assert_uint_eq(turnusers_count(users, "t"), 0);
	ck_assert_int_eq(turnusers_key(users, "alice", "r", 1, &key), 0);
	ck_assert_uint_eq(key.len, 16);
	ck_assert_uint_eq(key.algorithm, 1);
	ck_assert_uint_eq(key.bytes[0], 0x23);
	ck_assert_int_eq(turnusers_key(users, "alice", "r", 2, &key), 0);
	ck_assert_uint_eq(key.len, 32);
	ck_assert_uint_eq(key.bytes[0], 0x3d);
	ck_assert_int_eq(turnusers_key(users, "alice", "r", 3, &key), -EINVAL);
	ck_assert_int_eq(turnusers_key(users, "bob", "r", 2, &key), -EINVAL);
	ck_assert_int_eq(turnusers_key(users, "bob", "s", 1, &key), -ENOENT);
	ck_assert_int_eq(turnusers_key(users, "", "", 1, &key), -ENOENT);
	ck_assert_int_eq(turnusers_key(NULL, "bob", "r", 1, &key), -ENOENT);
	/* Two holders: the second one still has it. */
	ck_assert_ptr_eq(turnusers_hold(users), users);
	turnusers_free(users);
	ck_assert_int_eq(turnusers_key(users, "bob", "r", 1, &key), 0);
	turnusers_free(users);
	turnusers_free(NULL);
}
END_TEST

START_TEST(tells_the_line)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
		{ "# x\nalice\n", ":2: wants USER:REALM:MD5:SHA256" },
		{ "a:r:" MD5 "\n\na:r:" MD5 ":" SHA256 "\n",
		    ":3: this user is in the realm already" },
		{ "a:r:" MD5 "\n b\n", ":2: wants" }
	};
	struct turnusers *users;
	char why[WHY_TEXT], expected[WHY_TEXT];
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_int_eq(read_text(&users, bad[i].text, why), -EINVAL);
		snprintf(expected, sizeof(expected), "%s%s", file, bad[i].why);
		ck_assert_msg(strncmp(why, expected, strlen(expected)) == 0,
		    "%s", why);
		ck_assert_ptr_null(strstr(why, MD5));
	}
	write_file("a\0b:r:" MD5, 38);
	ck_assert_int_eq(turnusers_read(&users, file, why), -EINVAL);
	unlink(file);
	ck_assert_int_eq(turnusers_read(&users, file, why), -ENOENT);
}
END_TEST

/* As many users as may be, one more, and a file that is too long. */
START_TEST(has_bounds)
{
	size_t i, len = 0, size = 2 * TURNUSERS_BYTES;
	char *text = malloc(size), why[WHY_TEXT];
	struct turnusers *users;
	struct stunauth_key key;

	for (i = 0; i < TURNUSERS_MAX; i++)
		len += (size_t)snprintf(text + len, size - len,
		    "user%zu:example.org:" MD5 ":" SHA256 "\n", i);
	ck_assert_int_eq(read_text(&users, text, why), 0);
	ck_assert_uint_eq(turnusers_count(users, "example.org"),
	    TURNUSERS_MAX);
	ck_assert_int_eq(turnusers_key(users, "user19999", "example.org", 1,
	    &key), 0);
	turnusers_free(users);
	snprintf(text + len, size - len, "one:more:" MD5 "\n");
	ck_assert_int_eq(read_text(&users, text, why), -EINVAL);
	ck_assert_ptr_nonnull(strstr(why, ":20001: wants 20000 users"));
	memset(text, '\n', TURNUSERS_BYTES + 1);
	text[TURNUSERS_BYTES + 1] = '\0';
	ck_assert_int_eq(read_text(&users, text, why), -EFBIG);
	free(text);
}
END_TEST

UNIT_SUITE(turnusers, reads_users, tells_the_line, has_bounds)
