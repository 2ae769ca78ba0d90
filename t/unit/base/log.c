/*
 * The log. Without log_start a line is written when the call returns. With it
 * no caller waits for the reader of the log. Lines without room are counted,
 * the gap is reported in its place, and the order stays.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/logpace.h"
#include "unit.h"

#define ENOUGH 10000		/* lines: more than pipe and memory hold */
#define SOON_MS 20000		/* however busy the machine is */

static int old_stderr;

/* Standard error is fd from now on. */
static void
have_stderr(int fd)
{
	if (old_stderr == 0) {
		old_stderr = dup(STDERR_FILENO);
		log_open("unit", LOG_TO_STDERR, LOG_LEVEL_INFO);
	}
	ck_assert_int_eq(dup2(fd, STDERR_FILENO), STDERR_FILENO);
}

/* A pipe whose writing end is standard error; its reading end. */
static int
have_pipe(void)
{
	int fds[2];

	ck_assert_int_eq(pipe(fds), 0);
	have_stderr(fds[1]);
	close(fds[1]);
	return fds[0];
}

/* Numbered lines, as long as those of calls, and short ones among them. */
static void
say(unsigned from, unsigned to)
{
	for (; from < to; from++)
		log_info("line", "n=%u %0*d", from, from % 7 == 0 ? 1 : 300, 0);
}

struct heard {
	unsigned next, lines, notices;
	uint64_t lost;
	char text[4096];
	size_t len;
};

/* In order, and what is missing is what was told right there. */
static void
hear_line(struct heard *h, const char *line)
{
	const char *at = strstr(line, " n=");
	unsigned n;

	if (strstr(line, "event=log_lost") != NULL) {
		n = (unsigned)strtoul(strstr(line, "lost=") + 5, NULL, 10);
		ck_assert_uint_gt(n, 0);
		h->notices++;
		h->lost += n;
		h->next += n;
		return;
	}
	ck_assert_msg(at != NULL, "%s", line);
	n = (unsigned)strtoul(at + 3, NULL, 10);
	ck_assert_uint_eq(n, h->next);
	h->lines++;
	h->next++;
}

/* Read until all up to n have come or are told lost. */
static void
hear(struct heard *h, int fd, unsigned n)
{
	uint64_t until_ms = clock_ms() + SOON_MS;
	struct pollfd more = { .fd = fd, .events = POLLIN };
	char *end;
	ssize_t got;

	while (h->next < n) {
		ck_assert_msg(clock_ms() < until_ms, "%u of %u", h->next, n);
		if (poll(&more, 1, 100) != 1)
			continue;
		got = read(fd, h->text + h->len,
		    sizeof(h->text) - 1 - h->len);
		ck_assert_int_gt(got, 0);
		h->len += (size_t)got;
		h->text[h->len] = '\0';
		while ((end = strchr(h->text, '\n')) != NULL) {
			*end++ = '\0';
			hear_line(h, h->text);
			h->len -= (size_t)(end - h->text);
			memmove(h->text, end, h->len + 1);
		}
	}
}

START_TEST(at_once)
{
	char text[512];
	int fd = have_pipe();
	ssize_t n;

	log_warn("event", "key=%s", "a\nb\x7f\t");
	log_debug("not", "shown=1");
	n = read(fd, text, sizeof(text) - 1);
	ck_assert_int_gt(n, 0);
	text[n] = '\0';
	ck_assert_ptr_nonnull(strstr(text,
	    "Z tool=unit level=warn event=event key=a?b??\n"));
	ck_assert_ptr_eq(strchr(text, '\n'), text + n - 1);
	ck_assert_uint_eq(log_lost(), 0);
	log_stop(0);			/* nothing, without log_start */
}
END_TEST

static void
stalls(int fd)
{
	struct heard h = { 0 };
	uint64_t before = log_lost(), lost;

	ck_assert_int_eq(log_start(), 0);
	say(0, ENOUGH);			/* returns: that is the point */
	lost = log_lost() - before;
	ck_assert_uint_gt(lost, 0);
	ck_assert_uint_lt(lost, ENOUGH);
	hear(&h, fd, ENOUGH);
	ck_assert_uint_ge(h.notices, 1);
	ck_assert_uint_eq(h.lost, lost);
	/* And the next time it stalls. */
	say(ENOUGH, 2 * ENOUGH);
	hear(&h, fd, 2 * ENOUGH);
	ck_assert_uint_eq(h.lost, log_lost() - before);
	ck_assert_uint_eq(h.lines + h.lost, 2 * ENOUGH);
	/* Read as it is said, nothing is lost. */
	lost = log_lost();
	say(2 * ENOUGH, 2 * ENOUGH + 50);
	hear(&h, fd, 2 * ENOUGH + 50);
	ck_assert_uint_eq(log_lost(), lost);
	log_stop(SOON_MS);
}

START_TEST(a_pipe_stalls)
{
	stalls(have_pipe());
}
END_TEST

/* Others who have the pipe too may have done this to it; or we to them. */
START_TEST(a_pipe_of_others_stalls)
{
	int fd = have_pipe(), flags = fcntl(STDERR_FILENO, F_GETFL);

	ck_assert_int_eq(flags & O_NONBLOCK, 0);
	stalls(fd);
	ck_assert_int_eq(fcntl(STDERR_FILENO, F_GETFL), flags);
	ck_assert_int_eq(fcntl(STDERR_FILENO, F_SETFL, flags | O_NONBLOCK), 0);
	stalls(fd);
}
END_TEST

START_TEST(a_socket_stalls)
{
	int fds[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	have_stderr(fds[1]);
	close(fds[1]);
	stalls(fds[0]);
}
END_TEST

/* As after ^S: what is written waits for ^Q. */
START_TEST(a_terminal_stalls)
{
	struct termios raw;
	int fd = posix_openpt(O_RDWR | O_NOCTTY), terminal;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(grantpt(fd), 0);
	ck_assert_int_eq(unlockpt(fd), 0);
	terminal = open(ptsname(fd), O_RDWR | O_NOCTTY);
	ck_assert_int_ge(terminal, 0);
	ck_assert_int_eq(tcgetattr(terminal, &raw), 0);
	raw.c_oflag &= ~(tcflag_t)OPOST;
	ck_assert_int_eq(tcsetattr(terminal, TCSANOW, &raw), 0);
	ck_assert_int_eq(tcflow(terminal, TCOOFF), 0);
	have_stderr(terminal);
	ck_assert_int_eq(log_start(), 0);
	say(0, ENOUGH);
	ck_assert_uint_gt(log_lost(), 0);
	ck_assert_int_eq(tcflow(terminal, TCOON), 0);
	hear(&(struct heard){ 0 }, fd, ENOUGH);
	log_stop(SOON_MS);
}
END_TEST

START_TEST(what_is_left_is_written)
{
	struct heard h = { 0 };
	int fd = have_pipe();

	ck_assert_int_eq(log_start(), 0);
	say(0, 100);
	log_stop(SOON_MS);
	ck_assert_int_eq(close(STDERR_FILENO), 0);
	ck_assert_int_eq(dup2(old_stderr, STDERR_FILENO), STDERR_FILENO);
	hear(&h, fd, 100);
	ck_assert_uint_eq(h.lines, 100);
	ck_assert_uint_eq(log_lost(), 0);
}
END_TEST

START_TEST(stopping_has_a_bound)
{
	uint64_t before_ms;

	have_pipe();
	ck_assert_int_eq(log_start(), 0);
	say(0, ENOUGH);
	before_ms = clock_ms();
	log_stop(100);
	ck_assert_uint_ge(clock_ms() - before_ms, 100);
	say(0, 10);			/* and nobody waits afterwards */
}
END_TEST

/* Its reader is gone: counted, and told when there is one again. */
START_TEST(nobody_reads)
{
	uint64_t until_ms = clock_ms() + SOON_MS;
	struct heard h = { 0 };
	int fd = have_pipe();

	close(fd);
	ck_assert_int_eq(log_start(), 0);
	say(0, 5);			/* SIGPIPE is none of the thread's */
	while (log_lost() < 5 && clock_ms() < until_ms)
		poll(NULL, 0, 1);
	ck_assert_uint_eq(log_lost(), 5);
	fd = have_pipe();
	say(5, 10);
	hear(&h, fd, 10);
	ck_assert_uint_eq(h.notices, 1);
	ck_assert_uint_eq(h.lost, 5);
	ck_assert_uint_eq(log_lost(), 5);
	log_stop(SOON_MS);
}
END_TEST

/* Read until `sought` has come, and count the lines with `counted`. */
static unsigned
count_until(int fd, const char *sought, const char *counted)
{
	static char text[65536];
	size_t len = 0;
	unsigned n = 0;
	ssize_t got;
	char *at;

	do {
		got = read(fd, text + len, sizeof(text) - 1 - len);
		ck_assert_int_gt(got, 0);
		len += (size_t)got;
		text[len] = '\0';
	} while (strstr(text, sought) == NULL);
	for (at = text; (at = strstr(at, counted)) != NULL; at++)
		n++;
	return n;
}

/* A flood of failures leaves a few lines of each kind, and their number. */
START_TEST(failures_are_few)
{
	int fd = have_pipe();
	unsigned i;

	log_set_level(LOG_LEVEL_INFO);
	ck_assert_int_eq(log_start(), 0);
	log_failure("refused", "hidden", "shown=0");
	log_set_level(LOG_LEVEL_DEBUG);
	for (i = 0; i < LOGPACE_LINES + 100; i++)
		log_failure("refused", "401", "n=%u", i);
	log_failure("refused", "404", "n=0");
	log_debug("all", "of=them");
	ck_assert_uint_eq(count_until(fd, "event=all", "event=refused n="),
	    LOGPACE_LINES + 1);
	log_stop(SOON_MS);
	ck_assert_uint_eq(count_until(fd,
	    "event=left_out kind=\"refused 401\" lines=100\n", "left_out"), 1);
	ck_assert_uint_eq(log_lost(), 0);
	log_set_level(LOG_LEVEL_INFO);
}
END_TEST

UNIT_SUITE(log, failures_are_few, at_once, a_pipe_stalls, a_pipe_of_others_stalls,
    a_socket_stalls, a_terminal_stalls, what_is_left_is_written,
    stopping_has_a_bound, nobody_reads)
