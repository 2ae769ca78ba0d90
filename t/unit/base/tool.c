/*
 * The one way in which a program writes a file. A missing or regular file is
 * replaced whole, and anything else is written to and stays.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

#include "base/clock.h"
#include "base/tool.h"
#include "unit.h"

static char dir[32];

/* Into a folder of the test's own, so that names are short. */
static void
set_up(void)
{
	strcpy(dir, "/tmp/rp-unit-tool-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(chdir(dir), 0);
	umask(022);
}

static void
tear_down(const char *const names[])
{
	size_t i;

	for (i = 0; names[i] != NULL; i++)
		ck_assert_msg(remove(names[i]) == 0, "%s", names[i]);
	/* Nothing else is left, a temporary least of all. */
	ck_assert_int_eq(rmdir(dir), 0);
}

#define TEAR_DOWN(...) tear_down((const char *const[]){ __VA_ARGS__, NULL })

static void
ck_holds(const char *path, const char *wanted)
{
	char *text;

	ck_assert_int_eq(tool_read_file(&text, path, 1000), 0);
	ck_assert_str_eq(text, wanted);
	free(text);
}

static mode_t
mode_of(const char *path)
{
	struct stat st;

	ck_assert_int_eq(lstat(path, &st), 0);
	return st.st_mode;
}

START_TEST(replaces_regular_files)
{
	struct stat before, after;

	set_up();
	ck_assert_int_eq(tool_write_file("f", "one"), 0);
	ck_holds("f", "one");
	ck_assert_uint_eq(mode_of("f"), S_IFREG | 0644);
	ck_assert_int_eq(chmod("f", 0600), 0);
	if (geteuid() == 0)
		ck_assert_int_eq(chown("f", 1, 2), 0);
	ck_assert_int_eq(stat("f", &before), 0);
	ck_assert_int_eq(tool_write_file("f", "two"), 0);
	ck_holds("f", "two");
	/* Whole, by rename, and still whose it was. */
	ck_assert_int_eq(stat("f", &after), 0);
	ck_assert_uint_ne(before.st_ino, after.st_ino);
	ck_assert_uint_eq(after.st_mode, S_IFREG | 0600);
	ck_assert_uint_eq(after.st_uid, before.st_uid);
	ck_assert_uint_eq(after.st_gid, before.st_gid);
	/* A secret is ours, whoever laid a file there. */
	ck_assert_int_eq(chmod("f", 0666), 0);
	ck_assert_int_eq(tool_write_secret("f", "secret"), 0);
	ck_assert_int_eq(stat("f", &after), 0);
	ck_assert_uint_eq(after.st_mode, S_IFREG | 0600);
	ck_assert_uint_eq(after.st_uid, geteuid());
	TEAR_DOWN("f");
}
END_TEST

START_TEST(follows_links)
{
	char absolute[sizeof(dir) + 8];

	set_up();
	ck_assert_int_eq(mkdir("d", 0755), 0);
	snprintf(absolute, sizeof(absolute), "%s/d/two", dir);
	ck_assert_int_eq(symlink("d/one", "link"), 0);
	ck_assert_int_eq(symlink("two", "d/one"), 0);
	ck_assert_int_eq(symlink("../file", "d/two"), 0);
	/* Leading nowhere, then to what is there now. */
	ck_assert_int_eq(tool_write_file("link", "new"), 0);
	ck_holds("file", "new");
	ck_assert_int_eq(tool_write_secret("link", "newer"), 0);
	ck_holds("file", "newer");
	ck_assert_int_eq(remove("d/one"), 0);
	ck_assert_int_eq(symlink(absolute, "d/one"), 0);
	ck_assert_int_eq(tool_write_file("link", "newest"), 0);
	ck_holds("file", "newest");
	ck_assert(S_ISLNK(mode_of("link")) && S_ISLNK(mode_of("d/one")) &&
	    S_ISLNK(mode_of("d/two")) && S_ISREG(mode_of("file")));
	ck_assert_int_eq(remove("d/two"), 0);
	ck_assert_int_eq(symlink("one", "d/two"), 0);
	ck_assert_int_eq(tool_write_file("link", "round"), -ELOOP);
	TEAR_DOWN("link", "d/one", "d/two", "d", "file");
}
END_TEST

/* Laid in /tmp by somebody else: the kernel may be told to refuse it, or not. */
START_TEST(does_not_follow_strangers)
{
	if (geteuid() != 0)
		return;
	set_up();
	ck_assert_int_eq(chmod(".", 01777), 0);
	ck_assert_int_eq(tool_write_file("precious", "old"), 0);
	ck_assert_int_eq(symlink("precious", "link"), 0);
	ck_assert_int_eq(lchown("link", 1, 1), 0);
	ck_assert_int_eq(tool_write_file("link", "new"), -EACCES);
	ck_holds("precious", "old");
	ck_assert_int_eq(lchown("link", 0, 0), 0);
	ck_assert_int_eq(tool_write_file("link", "new"), 0);
	ck_holds("precious", "new");
	TEAR_DOWN("link", "precious");
}
END_TEST

START_TEST(names_what_it_cannot_write)
{
	set_up();
	ck_assert_int_eq(mkdir("d", 0755), 0);
	ck_assert_int_eq(tool_write_file("d", "text"), -EISDIR);
	ck_assert_int_eq(tool_write_file("d/", "text"), -EISDIR);
	ck_assert_int_eq(tool_write_file("none/f", "text"), -ENOENT);
	ck_assert_int_eq(tool_write_file("", "text"), -ENOENT);
	TEAR_DOWN("d");
}
END_TEST

/* Devices of our own: who breaks this breaks no more than them. */
static bool
make_devices(void)
{
	int fd;

	if (mknod("null", S_IFCHR | 0644, makedev(1, 3)) < 0)
		return false;
	fd = open("null", O_WRONLY);
	close(fd);
	/* Not where /tmp is mounted without devices. */
	return fd >= 0 && mknod("full", S_IFCHR | 0644, makedev(1, 7)) == 0;
}

START_TEST(leaves_devices_alone)
{
	set_up();
	if (!make_devices()) {
		unlink("null");
		TEAR_DOWN(NULL);
		return;
	}
	ck_assert_int_eq(symlink("null", "link"), 0);
	ck_assert_int_eq(tool_write_file("null", "gone"), 0);
	ck_assert_int_eq(tool_write_secret("null", "gone"), 0);
	ck_assert_int_eq(tool_write_file("link", "gone"), 0);
	ck_assert_int_eq(tool_write_file("full", "much"), -ENOSPC);
	ck_assert_uint_eq(mode_of("null"), S_IFCHR | 0644);
	ck_assert_uint_eq(mode_of("full"), S_IFCHR | 0644);
	ck_assert(S_ISLNK(mode_of("link")));
	TEAR_DOWN("null", "full", "link");
}
END_TEST

START_TEST(writes_to_fifos)
{
	static char much[200000];
	char text[16] = "";
	uint64_t start_ms;
	int fd;

	set_up();
	ck_assert_int_eq(mkfifo("fifo", 0600), 0);
	fd = open("fifo", O_RDONLY | O_NONBLOCK);
	ck_assert_int_eq(tool_write_file("fifo", "a line\n"), 0);
	ck_assert_int_eq(read(fd, text, sizeof(text)), 7);
	ck_assert_str_eq(text, "a line\n");
	/* Its end, for whoever reads to the end. */
	ck_assert_int_eq(read(fd, text, sizeof(text)), 0);
	/* A reader that does not take it, and none at all: not for long. */
	memset(much, 'x', sizeof(much) - 1);
	start_ms = clock_ms();
	ck_assert_int_eq(tool_write_file("fifo", much), -EAGAIN);
	close(fd);
	ck_assert_int_eq(tool_write_file("fifo", "a line\n"), -ENXIO);
	ck_assert_uint_lt(clock_ms() - start_ms, 10000);
	ck_assert(S_ISFIFO(mode_of("fifo")));
	TEAR_DOWN("fifo");
}
END_TEST

START_TEST(writes_to_descriptors)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX, .sun_path = "sock" };
	char name[32], text[16];
	int ends[2], fd;

	set_up();
	ck_assert_int_eq(pipe(ends), 0);
	snprintf(name, sizeof(name), "/dev/fd/%d", ends[1]);
	ck_assert_int_eq(tool_write_file(name, "pipe"), 0);
	ck_assert_int_eq(read(ends[0], text, sizeof(text)), 4);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", ends[1]);
	ck_assert_int_eq(symlink(name, "link"), 0);
	ck_assert_int_eq(tool_write_file("link", "more"), 0);
	ck_assert_int_eq(read(ends[0], text, sizeof(text)), 4);
	ck_assert(S_ISLNK(mode_of("link")));
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	snprintf(name, sizeof(name), "/dev/fd/%d", ends[1]);
	ck_assert_int_eq(tool_write_file(name, "socket"), 0);
	ck_assert_int_eq(read(ends[0], text, sizeof(text)), 6);
	/* A file that is being written stays that file, at its place in it. */
	fd = open("file", O_WRONLY | O_CREAT, 0600);
	ck_assert_int_eq(write(fd, "before ", 7), 7);
	snprintf(name, sizeof(name), "/dev/fd/%d", fd);
	ck_assert_int_eq(tool_write_file(name, "text"), 0);
	ck_assert_int_eq(write(fd, " after", 6), 6);
	ck_holds("file", "before text after");
	/* A socket's name leads nowhere. */
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	ck_assert_int_eq(tool_write_file("sock", "text"), -ENXIO);
	ck_assert(S_ISSOCK(mode_of("sock")));
	TEAR_DOWN("link", "file", "sock");
}
END_TEST

START_TEST(appends_whole_lines)
{
	set_up();
	ck_assert_int_eq(tool_append_file("f", "one\n"), 0);
	ck_assert_int_eq(symlink("f", "link"), 0);
	ck_assert_int_eq(tool_append_file("link", "two\n"), 0);
	ck_holds("f", "one\ntwo\n");
	ck_assert(S_ISLNK(mode_of("link")));
	if (make_devices()) {
		ck_assert_int_eq(tool_append_file("null", "line"), 0);
		ck_assert_int_eq(tool_append_file("full", "line"), -ENOSPC);
		TEAR_DOWN("f", "link", "null", "full");
	} else {
		TEAR_DOWN("f", "link");
	}
}
END_TEST

/* The names that are taken are a file's, and a link's that leads nowhere. */
START_TEST(takes_no_file_that_exists)
{
	char path[PATH_MAX] = "a.b.wav", plain[PATH_MAX] = ".hidden";

	set_up();
	ck_assert_int_eq(tool_write_new(path, "one"), 0);
	ck_assert_str_eq(path, "a.b.wav");
	ck_assert_int_eq(symlink("nowhere", "a.b-2.wav"), 0);
	ck_assert_int_eq(tool_write_new(path, "two"), 0);
	ck_assert_str_eq(path, "a.b-3.wav");
	ck_holds("a.b.wav", "one");
	ck_holds("a.b-3.wav", "two");
	ck_assert_int_eq(tool_write_new(plain, "one"), 0);
	ck_assert_int_eq(tool_write_new(plain, "two"), 0);
	ck_assert_str_eq(plain, ".hidden-2");
	TEAR_DOWN("a.b.wav", "a.b-2.wav", "a.b-3.wav", ".hidden",
	    ".hidden-2");
}
END_TEST

/* An output of any length: there whole, or the file of before. */
START_TEST(keeps_the_old_file)
{
	struct tool_output out;

	set_up();
	ck_assert_int_eq(tool_write_file("f", "old"), 0);
	ck_assert_int_eq(tool_output_open(&out, "f", TOOL_OUTPUT_SYNCED), 0);
	ck_assert_int_eq(write(out.fd, "half", 4), 4);
	ck_assert_int_eq(tool_output_end(&out, -EIO), -EIO);
	ck_holds("f", "old");
	ck_assert_int_eq(tool_output_open(&out, "f", 0), 0);
	ck_assert_int_eq(write(out.fd, "new", 3), 3);
	ck_holds("f", "old");
	ck_assert_int_eq(tool_output_end(&out, 0), 0);
	ck_holds("f", "new");
	TEAR_DOWN("f");
}
END_TEST

UNIT_SUITE(tool, replaces_regular_files, follows_links,
    does_not_follow_strangers, names_what_it_cannot_write,
    leaves_devices_alone, writes_to_fifos, writes_to_descriptors,
    appends_whole_lines, takes_no_file_that_exists, keeps_the_old_file)
