/* A fault leaves a line that names a place in this very program. */
#include "config.h"
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/crash.h"
#include "base/log.h"
#include "unit.h"

static char text[4096];

static void
die_of_a_pointer(void)
{
	volatile uintptr_t nowhere = 16;

	*(volatile int *)nowhere = 1;
}

static void
die_of_abort(void)
{
	abort();
}

static void die_of_recursion(void);
static void (*volatile again)(void) = die_of_recursion;

static void
die_of_recursion(void)
{
	volatile char much[4096];

	much[0] = 1;
	again();
	much[1] = much[0];
}

/* What a child that ends so writes to standard error; its wait status. */
static int
run(void (*die)(void))
{
	int fds[2], status;
	size_t len = 0;
	ssize_t n;
	pid_t pid;

	ck_assert_int_eq(pipe(fds), 0);
	pid = fork();
	if (pid == 0) {
		dup2(fds[1], STDERR_FILENO);
		crash_install("crash");
		die();
		_exit(0);
	}
	close(fds[1]);
	while ((n = read(fds[0], text + len, sizeof(text) - 1 - len)) > 0)
		len += (size_t)n;
	text[len] = '\0';
	close(fds[0]);
	waitpid(pid, &status, 0);
	return status;
}

/* What addr2line says of the frame in `module` that is number `n` of its own. */
static const char *
resolve(const char *module, const char *file, int n)
{
	static char where[256];
	char command[256], key[64], *at = strstr(text, "frames=\"");
	FILE *in;
	size_t len;

	ck_assert_ptr_nonnull(at);
	snprintf(key, sizeof(key), "%s+0x", module);
	for (at += strlen("frames=\""); n >= 0; n--, at += strlen(key) - 2) {
		at = strstr(at, key);
		ck_assert_msg(at != NULL, "%s: %s", module, text);
	}
	snprintf(command, sizeof(command), "addr2line -f -e %.150s %.*s", file,
	    (int)strcspn(at, " \""), at);
	in = popen(command, "r");
	ck_assert_ptr_nonnull(in);
	len = fread(where, 1, sizeof(where) - 1, in);
	where[len] = '\0';
	pclose(in);
	return where;
}

static const char *
self(void)
{
	static char path[256];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	ck_assert_int_gt(n, 0);
	path[n] = '\0';
	return path;
}

/* As a person would: give the offsets to addr2line. */
START_TEST(tells)
{
	int status = run(die_of_a_pointer);

	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(WTERMSIG(status), SIGSEGV);
	ck_assert_ptr_nonnull(strstr(text, "event=crash"));
	ck_assert_ptr_nonnull(strstr(text, "signal=SIGSEGV address=0x10 "));
	ck_assert_ptr_nonnull(strstr(resolve("crash", self(), 0),
	    "die_of_a_pointer"));
	ck_assert_ptr_nonnull(strstr(resolve("crash", self(), 1), "run"));
}
END_TEST

static int
die_in_order(const void *a, const void *b)
{
	(void)a;
	(void)b;
	abort();
}

static void
die_in_a_library(void)
{
	int numbers[] = { 2, 1 };

	qsort(numbers, 2, sizeof(numbers[0]), die_in_order);
}

/*
 * A frame in a library is relative to that library, not to the program. A child
 * has it where its parent has it.
 */
START_TEST(tells_of_libraries)
{
	static const char key[] = "libc.so.6+";
	bool found = false;
	Dl_info libc, frame;
	const char *at;

	ck_assert(WIFSIGNALED(run(die_in_a_library)));
	ck_assert_int_ne(dladdr((void *)(uintptr_t)abort, &libc), 0);
	for (at = text; (at = strstr(at, key)) != NULL && !found;) {
		at += strlen(key);
		found = dladdr((char *)libc.dli_fbase + strtoull(at, NULL, 16),
		    &frame) != 0 && frame.dli_sname != NULL &&
		    strcmp(frame.dli_sname, "abort") == 0;
	}
	ck_assert_msg(found, "%s", text);
	ck_assert_ptr_nonnull(strstr(resolve("crash", self(), 0),
	    "die_in_order"));
	ck_assert_ptr_nonnull(strstr(resolve("crash", self(), 1),
	    "die_in_a_library"));
}
END_TEST

/* The time is that of the other lines, though no C library tells it here. */
START_TEST(tells_when)
{
	struct tm tm = { 0 };
	time_t before = time(NULL), then;

	ck_assert(WIFSIGNALED(run(die_of_abort)));
	ck_assert_ptr_eq(strstr(text, "time="), text);
	ck_assert_ptr_nonnull(strptime(text, "time=%Y-%m-%dT%H:%M:%S.", &tm));
	then = timegm(&tm);
	ck_assert_int_ge(then, before);
	ck_assert_int_le(then, time(NULL));
	ck_assert_ptr_nonnull(strstr(text, "Z tool=crash level=error "));
}
END_TEST

START_TEST(dies_of_it)
{
	int status = run(die_of_abort);

	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(WTERMSIG(status), SIGABRT);
	ck_assert_ptr_nonnull(strstr(text, "signal=SIGABRT"));
	status = run(die_of_recursion);
	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(WTERMSIG(status), SIGSEGV);
	ck_assert_ptr_nonnull(strstr(text, "signal=SIGSEGV"));
}
END_TEST

static void
die_after_saying_so(void)
{
	log_open("crash", LOG_TO_STDERR, LOG_LEVEL_INFO);
	if (log_start() < 0)
		_exit(0);
	log_info("before", "n=1");
	abort();
}

/* What was said before it comes first. */
START_TEST(comes_last)
{
	const char *before, *crash;
	int status = run(die_after_saying_so);

	ck_assert(WIFSIGNALED(status));
	before = strstr(text, "event=before n=1\n");
	crash = strstr(text, "event=crash");
	ck_assert_ptr_nonnull(before);
	ck_assert_ptr_nonnull(crash);
	ck_assert(before < crash);
}
END_TEST

/* A reader that stalls holds nothing up: others wait for the next start. */
START_TEST(dies_unheard)
{
	char much[4096] = "";
	int fds[2], status;
	pid_t pid;

	ck_assert_int_eq(pipe(fds), 0);
	ck_assert_int_eq(fcntl(fds[1], F_SETFL, O_NONBLOCK), 0);
	while (write(fds[1], much, sizeof(much)) > 0)
		;
	ck_assert_int_eq(fcntl(fds[1], F_SETFL, 0), 0);
	pid = fork();
	if (pid == 0) {
		dup2(fds[1], STDERR_FILENO);
		crash_install("crash");
		die_after_saying_so();
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(WTERMSIG(status), SIGABRT);
}
END_TEST

UNIT_SUITE(crash, tells, tells_of_libraries, tells_when, dies_of_it,
    comes_last, dies_unheard)
