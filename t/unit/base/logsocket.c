/*
 * Lines for the system's log daemon: their form, over both kinds of sockets,
 * and a daemon that is restarted, busy or missing.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/logsocket.h"
#include "unit.h"

static char dir[] = "/tmp/rp-unit-logsocket-XXXXXX", path[64];

static void
set_up(void)
{
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/log", dir);
}

static void
tear_down(void)
{
	unlink(path);
	rmdir(dir);
}

/* The daemon's end. */
static int
listen_at(int type)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	strcpy(sa.sun_path, path);
	unlink(path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	if (type == SOCK_STREAM)
		ck_assert_int_eq(listen(fd, 1), 0);
	return fd;
}

static void
expect(int fd, const char *pattern, size_t more)
{
	char text[2048];
	regex_t regex;
	ssize_t n = read(fd, text, sizeof(text) - 1);

	ck_assert_int_gt(n, 0);
	text[n] = '\0';
	ck_assert_uint_eq((size_t)n, strlen(text) + more);
	ck_assert_int_eq(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB), 0);
	ck_assert_msg(regexec(&regex, text, 0, NULL, 0) == 0, "%s", text);
	regfree(&regex);
}

#define HEAD "[A-Z][a-z]{2} [ 1-3][0-9] [0-9]{2}:[0-9]{2}:[0-9]{2} unit" \
    "\\[[0-9]+\\]: "

START_TEST(datagrams)
{
	struct logsocket s;
	char much[4096];
	int fd, i;

	set_up();
	logsocket_init(&s, path, "unit");
	ck_assert_int_eq(logsocket_send(&s, LOG_INFO, "x", true), -ENOENT);
	fd = listen_at(SOCK_DGRAM);
	ck_assert_int_eq(logsocket_send(&s, LOG_INFO, "event=a", true), 0);
	expect(fd, "^<30>" HEAD "event=a$", 0);
	ck_assert_int_eq(logsocket_send(&s, LOG_ERR, "event=b", true), 0);
	expect(fd, "^<27>" HEAD "event=b$", 0);
	/* Restarted. */
	close(fd);
	ck_assert_int_eq(logsocket_send(&s, LOG_ERR, "x", true),
	    -ECONNREFUSED);
	fd = listen_at(SOCK_DGRAM);
	ck_assert_int_eq(logsocket_send(&s, LOG_DEBUG, "event=c", true), 0);
	expect(fd, "^<31>" HEAD "event=c$", 0);
	/* Restarted between two lines. */
	close(fd);
	fd = listen_at(SOCK_DGRAM);
	ck_assert_int_eq(logsocket_send(&s, LOG_WARNING, "event=d", true), 0);
	expect(fd, "^<28>" HEAD "event=d$", 0);
	/* It does not read. */
	for (i = 0; i < 10000; i++)
		if (logsocket_send(&s, LOG_INFO, "event=e", false) < 0)
			break;
	ck_assert_int_lt(i, 10000);
	ck_assert_int_eq(logsocket_send(&s, LOG_INFO, "x", false), -EAGAIN);
	while (i-- > 0)
		expect(fd, "event=e$", 0);
	/* A line that is too long is cut. */
	memset(much, 'm', sizeof(much) - 1);
	much[sizeof(much) - 1] = '\0';
	ck_assert_int_eq(logsocket_send(&s, LOG_INFO, much, false), 0);
	expect(fd, "mmm$", 0);
	logsocket_close(&s);
	close(fd);
	tear_down();
}
END_TEST

START_TEST(streams)
{
	struct logsocket s;
	int fd, daemon;

	set_up();
	daemon = listen_at(SOCK_STREAM);
	logsocket_init(&s, path, "unit");
	ck_assert_int_eq(logsocket_send(&s, LOG_INFO, "event=a", true), 0);
	fd = accept(daemon, NULL, NULL);
	expect(fd, "^<30>" HEAD "event=a$", 1);
	/* It hangs up: the line goes over a new one. */
	close(fd);
	ck_assert_int_eq(logsocket_send(&s, LOG_INFO, "event=b", true), 0);
	fd = accept(daemon, NULL, NULL);
	expect(fd, "^<30>" HEAD "event=b$", 1);
	logsocket_close(&s);
	close(fd);
	close(daemon);
	tear_down();
}
END_TEST

UNIT_SUITE(logsocket, datagrams, streams)
