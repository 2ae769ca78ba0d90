/*
 * Small files are read whole or not at all, and a caller that must not wait
 * does not.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/tool.h"
#include "unit.h"

static char dir[] = "/tmp/rp-unit-tool-XXXXXX";
static char path[64];

/* A file in a folder of the test's own, holding these bytes. */
static const char *
have(const char *name, const void *bytes, size_t len)
{
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, len), (ssize_t)len);
	close(fd);
	return path;
}

static void
tear_down(void)
{
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(rmdir(dir), 0);
}

START_TEST(reads_files)
{
	struct tool_file file;
	char *text;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(tool_read_file(&text, have("f", "four", 4), 4), 0);
	ck_assert_str_eq(text, "four");
	free(text);
	ck_assert_int_eq(tool_read_regular(&text, path, 4), 0);
	ck_assert_str_eq(text, "four");
	free(text);
	ck_assert_int_eq(tool_read_file(&text, path, 3), -EFBIG);
	ck_assert_int_eq(tool_read_file(&text, have("f", "", 0), 0), 0);
	ck_assert_str_eq(text, "");
	free(text);
	have("f", "a\0b", 3);
	ck_assert_int_eq(tool_read_file(&text, path, 9), -EILSEQ);
	ck_assert_int_eq(tool_load_file(&file, path, 9, true), 0);
	ck_assert_uint_eq(file.len, 3);
	ck_assert_int_eq(memcmp(file.text, "a\0b", 4), 0);
	free(file.text);
	tear_down();
	ck_assert_int_eq(tool_read_file(&text, path, 9), -ENOENT);
	ck_assert_int_eq(tool_read_regular(&text, path, 9), -ENOENT);
}
END_TEST

START_TEST(waits_for_nobody)
{
	char *text;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/fifo", dir);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_int_eq(tool_read_regular(&text, path, 9), -ENOTSUP);
	ck_assert_int_eq(tool_read_regular(&text, "/dev/null", 9), -ENOTSUP);
	ck_assert_int_eq(tool_read_regular(&text, "/dev/tty", 9), -ENOTSUP);
	ck_assert_int_eq(tool_read_regular(&text, dir, 9), -EISDIR);
	ck_assert_int_eq(tool_read_file(&text, dir, 9), -EISDIR);
	ck_assert_int_eq(tool_read_file(&text, "/dev/zero", 9), -EFBIG);
	ck_assert_int_eq(tool_read_file(&text, "/dev/null", 9), 0);
	ck_assert_str_eq(text, "");
	free(text);
	tear_down();
}
END_TEST

UNIT_SUITE(tool_read, reads_files, waits_for_nobody)
