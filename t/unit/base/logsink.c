/*
 * Where lines go. The journal gets the priority of each, and nobody else does.
 * If its stream breaks, lines go to the log daemon's socket.
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
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/allowlist.h"
#include "base/logsink.h"
#include "unit.h"

static char path[64];
static const _Atomic bool goes_on, stops = true;

/* A socket whose one end is standard error; its other end. */
static int
have_stderr(void)
{
	int fds[2];

	signal(SIGPIPE, SIG_IGN);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	ck_assert_int_eq(dup2(fds[1], STDERR_FILENO), STDERR_FILENO);
	close(fds[1]);
	return fds[0];
}

/* JOURNAL_STREAM is standard error, or what has `off` added to its inode. */
static void
have_journal(unsigned off)
{
	char text[64];
	struct stat st;

	ck_assert_int_eq(fstat(STDERR_FILENO, &st), 0);
	snprintf(text, sizeof(text), "%llu:%llu", (unsigned long long)st.st_dev,
	    (unsigned long long)st.st_ino + off);
	setenv("JOURNAL_STREAM", text, 1);
}

/* The socket of a log daemon. */
static int
have_daemon(void)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	snprintf(path, sizeof(path), "/tmp/logsink.%ld", (long)getpid());
	unlink(path);
	strcpy(sa.sun_path, path);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	return fd;
}

static const char *
read_text(int fd)
{
	static char text[2048];
	ssize_t n = read(fd, text, sizeof(text) - 1);

	ck_assert_int_gt(n, 0);
	text[n] = '\0';
	return text;
}

static int
write_text(struct logsink *s, enum log_level level, const char *line)
{
	return logsink_write(s, level, line, strlen(line), &goes_on);
}

START_TEST(the_journal_gets_priorities)
{
	struct logsink s;
	int fd = have_stderr();

	have_journal(0);
	logsink_init(&s, LOG_TO_STDERR, "tool", "/nowhere");
	ck_assert(s.is_journal);
	ck_assert_int_eq(write_text(&s, LOG_LEVEL_ERROR, "an error\n"), 0);
	ck_assert_str_eq(read_text(fd), "<3>an error\n");
	ck_assert_int_eq(write_text(&s, LOG_LEVEL_WARN, "a warning\n"), 0);
	ck_assert_str_eq(read_text(fd), "<4>a warning\n");
	logsink_write_now(&s, LOG_LEVEL_INFO, "news\n", 5);
	ck_assert_str_eq(read_text(fd), "<6>news\n");
	ck_assert_int_eq(write_text(&s, LOG_LEVEL_DEBUG, "detail\n"), 0);
	ck_assert_str_eq(read_text(fd), "<7>detail\n");
	logsink_last(&s, "crash\n", 6);
	ck_assert_str_eq(read_text(fd), "<3>crash\n");
}
END_TEST

START_TEST(nobody_else_does)
{
	struct logsink s;
	int fd = have_stderr();

	have_journal(1);		/* it is redirected */
	logsink_init(&s, LOG_TO_STDERR, "tool", "/nowhere");
	ck_assert(!s.is_journal);
	ck_assert_int_eq(write_text(&s, LOG_LEVEL_ERROR, "an error\n"), 0);
	ck_assert_str_eq(read_text(fd), "an error\n");
	ck_assert_str_eq(logsink_prefix(&s, LOG_LEVEL_ERROR), "");
	setenv("JOURNAL_STREAM", "nonsense", 1);
	logsink_init(&s, LOG_TO_STDERR, "tool", "/nowhere");
	ck_assert(!s.is_journal);
	unsetenv("JOURNAL_STREAM");
	logsink_init(&s, LOG_TO_STDERR, "tool", "/nowhere");
	ck_assert(!s.is_journal);
	logsink_last(&s, "crash\n", 6);
	ck_assert_str_eq(read_text(fd), "crash\n");
}
END_TEST

START_TEST(a_journal_is_restarted)
{
	struct logsink s;
	int fd = have_stderr(), daemon;

	have_journal(0);
	daemon = have_daemon();
	logsink_init(&s, LOG_TO_STDERR, "tool", path);
	close(fd);
	/* The line that finds the stream broken is not lost. */
	ck_assert_int_eq(write_text(&s, LOG_LEVEL_ERROR, "an error\n"), 0);
	ck_assert(s.moved);
	ck_assert_ptr_nonnull(strstr(read_text(daemon), ": an error"));
	ck_assert_int_eq(write_text(&s, LOG_LEVEL_INFO, "news\n"), 0);
	ck_assert_mem_eq(read_text(daemon), "<30>", 4);
	logsink_last(&s, "crash\n", 6);
	ck_assert_str_eq(read_text(daemon), "<27>tool: crash\n");
	unlink(path);
}
END_TEST

/* Where standard error is no journal's, a reader that is gone is just that. */
START_TEST(a_pipe_ends)
{
	struct logsink s;
	int fd = have_stderr(), daemon;
	struct pollfd more;

	have_journal(1);
	daemon = have_daemon();
	logsink_init(&s, LOG_TO_STDERR, "tool", path);
	close(fd);
	ck_assert_int_eq(write_text(&s, LOG_LEVEL_ERROR, "an error\n"), -EPIPE);
	more = (struct pollfd){ .fd = daemon, .events = POLLIN };
	ck_assert_int_eq(poll(&more, 1, 0), 0);
	unlink(path);
}
END_TEST

/* Without a daemon the line is lost when the program stops, and not before. */
START_TEST(no_daemon)
{
	struct logsink s;
	int fd = have_stderr();

	have_journal(0);
	logsink_init(&s, LOG_TO_STDERR, "tool", "/nowhere");
	close(fd);
	ck_assert_int_lt(logsink_write(&s, LOG_LEVEL_ERROR, "x\n", 2, &stops),
	    0);
	ck_assert(s.moved);
}
END_TEST

/* Write a line in an allow-list, which denies new sockets, and exit. */
static void
write_confined(struct logsink *s)
{
	static const char *const calls[] = { "sendto" };

	if (allowlist_load(calls, 1) < 0)
		_exit(1);
	_exit(logsink_write(s, LOG_LEVEL_INFO, "news\n", 5, &stops) < 0);
}

START_TEST(a_sandbox_keeps_its_daemon)
{
	struct logsink s;
	int fd = have_stderr(), daemon = have_daemon(), i, status;
	pid_t pid;

	unsetenv("JOURNAL_STREAM");
	fcntl(daemon, F_SETFL, O_NONBLOCK);	/* what comes is there */
	logsink_init(&s, LOG_TO_SYSLOG, "tool", path);
	logsink_connect(&s);
	for (i = 0; i < 2; i++) {
		pid = fork();
		if (pid == 0)
			write_confined(&s);
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert_int_eq(status, 0);
		/* Another daemon is out of reach; standard error is not. */
		if (i == 0)
			ck_assert_ptr_nonnull(strstr(read_text(daemon),
			    ": news"));
		else
			ck_assert_str_eq(read_text(fd), "news\n");
		close(daemon);
	}
}
END_TEST

UNIT_SUITE(logsink, the_journal_gets_priorities, nobody_else_does,
    a_journal_is_restarted, a_pipe_ends, no_daemon,
    a_sandbox_keeps_its_daemon)
