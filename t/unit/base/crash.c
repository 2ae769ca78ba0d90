/* A fault leaves a line that names a place in this very program. */
#include "config.h"
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
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

START_TEST(tells)
{
	char command[256], self[256], where[256] = "", *at;
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	FILE *in;
	int status = run(die_of_a_pointer);

	ck_assert_int_gt(n, 0);
	self[n] = '\0';
	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(WTERMSIG(status), SIGSEGV);
	ck_assert_ptr_nonnull(strstr(text, "event=crash"));
	ck_assert_ptr_nonnull(strstr(text, "signal=SIGSEGV address=0x10 "));
	/* As a person would: give the addresses to addr2line. */
	at = strstr(text, "addr2line=\"-e crash ");
	ck_assert_ptr_nonnull(at);
	at += strlen("addr2line=\"-e crash ");
	at[strcspn(at, "\"")] = '\0';
	snprintf(command, sizeof(command), "addr2line -f -e %.100s %.100s",
	    self, at);
	in = popen(command, "r");
	n = (ssize_t)fread(where, 1, sizeof(where) - 1, in);
	pclose(in);
	ck_assert_msg(strstr(where, "die_of_a_pointer") != NULL, "%s: %s", command,
	    where);
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

UNIT_SUITE(crash, tells, dies_of_it, comes_last, dies_unheard)
