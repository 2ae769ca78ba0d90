/* Secrets are read one in each line, and no reason repeats one. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/secretfile.h"
#include "unit.h"

static const struct secretfile_options options = { 4, 8, 3, true };

static int
read_bytes(struct conf_strings *out, const char *text, size_t len,
    char why[static WHY_TEXT])
{
	char path[] = "/tmp/rp-unit-secret-XXXXXX";
	int fd = mkstemp(path), err;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, len), (ssize_t)len);
	close(fd);
	*why = '\0';
	err = secretfile_read(out, path, &options, why);
	unlink(path);
	return err;
}

START_TEST(reads)
{
	static const struct {
		const char *text, *first, *last;
		size_t n;
	} cases[] = {
		{ "abcd", "abcd", "abcd", 1 },
		{ "abcd\n", "abcd", "abcd", 1 },
		{ "abcd\r\nefgh\r\n", "abcd", "efgh", 2 },
		{ "\n\nabcd\n\r\nefgh\nijklmnop", "abcd", "ijklmnop", 3 },
		{ " a b \n#123", " a b ", "#123", 2 },
		{ "\xef\xbb\xbf""abcd\n", "abcd", "abcd", 1 },
		{ "\xc3\xa9\xc3\xa9\n", "\xc3\xa9\xc3\xa9", "\xc3\xa9\xc3\xa9",
		    1 },
	};
	struct conf_strings out = { NULL, 0 };
	char why[WHY_TEXT];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_msg(read_bytes(&out, cases[i].text,
		    strlen(cases[i].text), why) == 0, "%zu: %s", i, why);
		ck_assert_uint_eq(out.n, cases[i].n);
		ck_assert_str_eq(out.item[0], cases[i].first);
		ck_assert_str_eq(out.item[out.n - 1], cases[i].last);
	}
	conf_strings_clear(&out);
	ck_assert_uint_eq(out.n, 0);
}
END_TEST

START_TEST(refuses)
{
	static const struct {
		const char *text;
		size_t len;
		const char *wrong;
	} cases[] = {
		{ "", 0, ": is empty" },
		{ "\n\r\n\n", 4, ": is empty" },
		{ "abcd\nabc\n", 9, ":2: wants 4 to 8 characters" },
		{ "\nabcdefghi", 10, ":2: wants 4 to 8 characters" },
		{ "abcd\nab\0cd\n", 11, ":2: holds a NUL byte" },
		{ "abcd\nabcd\nabcd\n\nabcd", 20, ":5: wants 3 secrets at" },
	};
	struct conf_strings out = { NULL, 0 };
	char why[WHY_TEXT];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_int_eq(read_bytes(&out, cases[i].text, cases[i].len,
		    why), -EINVAL);
		ck_assert_msg(strstr(why, cases[i].wrong) != NULL, "%zu: %s",
		    i, why);
		ck_assert_ptr_null(strstr(why, "ab"));
	}
	conf_strings_clear(&out);
	ck_assert_int_eq(secretfile_read(&out, "/nonexistent", &options, why),
	    -ENOENT);
	ck_assert_int_eq(secretfile_read(&out, "/", &options, why), -EISDIR);
	ck_assert_int_eq(secretfile_read(&out, "/dev/zero", &options, why),
	    -ENOTSUP);
}
END_TEST

START_TEST(is_bounded)
{
	struct conf_strings out = { NULL, 0 };
	char *large = malloc(20000), why[WHY_TEXT];

	memset(large, '\n', 20000);
	memcpy(large, "abcd", 4);
	ck_assert_int_eq(read_bytes(&out, large, 16384, why), 0);
	ck_assert_int_eq(read_bytes(&out, large, 16385, why), -EFBIG);
	free(large);
	conf_strings_clear(&out);
}
END_TEST

START_TEST(reads_one)
{
	char path[] = "/tmp/rp-unit-secret-XXXXXX", why[WHY_TEXT];
	char *one = NULL;
	int fd = mkstemp(path);

	ck_assert_int_eq(write(fd, "abcd\n", 5), 5);
	ck_assert_int_eq(secretfile_read_one(&one, path, &options, why), 0);
	ck_assert_str_eq(one, "abcd");
	free(one);
	ck_assert_int_eq(write(fd, "efgh\n", 5), 5);
	ck_assert_int_eq(secretfile_read_one(&one, path, &options, why),
	    -EINVAL);
	ck_assert_ptr_nonnull(strstr(why, ":2: wants 1 secret at most"));
	close(fd);
	unlink(path);
}
END_TEST

UNIT_SUITE(secretfile, reads, refuses, is_bounded, reads_one)
