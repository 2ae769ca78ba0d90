/*
 * logsink: write lines to standard error, to the journal behind it, or to
 * syslog. Called by the log. See logsink.h.
 */
#include "base/logsink.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/logline.h"

#define RETRY_MS 200		/* while there is no log daemon */
#define PREFIX 3		/* bytes of "<3>" */
#define TOOL_MAX 32		/* bytes of a tool's name in a last line */

static const int severities[] = { LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG };
static const char *const prefixes[] = { "<3>", "<4>", "<6>", "<7>" };

/*
 * Does the journal read standard error? A service manager says which file it
 * means, because a child may have redirected standard error (systemd.exec(5)).
 */
static bool
journal_reads_stderr(void)
{
	const char *text = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat st;

	return text != NULL &&
	    sscanf(text, "%llu:%llu", &device, &inode) == 2 &&
	    fstat(STDERR_FILENO, &st) == 0 &&
	    st.st_dev == device && st.st_ino == inode;
}

void
logsink_init(struct logsink *s, enum log_sink sink, const char *tool,
    const char *socket_path)
{
	s->sink = sink;
	s->is_journal = journal_reads_stderr();
	s->moved = false;
	logsocket_init(&s->socket, socket_path, tool);
}

void
logsink_connect(struct logsink *s)
{
	tzset();	/* it reads a file */
	if (s->sink == LOG_TO_SYSLOG || s->is_journal)
		(void)logsocket_connect(&s->socket);
}

const char *
logsink_prefix(const struct logsink *s, enum log_level level)
{
	return s->is_journal ? prefixes[level] : "";
}

/* Write a line with one write(2), so that threads and processes do not mix. */
static int
write_stderr(const struct logsink *s, enum log_level level, const char *line,
    size_t len)
{
	struct pollfd room = { .fd = STDERR_FILENO, .events = POLLOUT };
	const char *prefix = logsink_prefix(s, level);
	size_t before = strlen(prefix);
	char text[PREFIX + LOGLINE_BYTES], *at = text;
	ssize_t n;

	if (len > LOGLINE_BYTES)
		return -EMSGSIZE;
	memcpy(text, prefix, before);
	memcpy(text + before, line, len);
	len += before;
	while (len > 0) {
		n = write(STDERR_FILENO, at, len);
		/* Others share the pipe, and may have made it non-blocking. */
		if (n < 0 && errno == EAGAIN)
			poll(&room, 1, -1);
		else if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			at += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

static int
send_syslog(struct logsink *s, enum log_level level, const char *line,
    size_t len, bool wait)
{
	char text[LOGLINE_BYTES];

	if (len > sizeof(text))
		return -EMSGSIZE;
	memcpy(text, line, len);
	text[len - 1] = '\0';		/* in place of the newline */
	return logsocket_send(&s->socket, severities[level], text, wait);
}

void
logsink_write_now(struct logsink *s, enum log_level level, const char *line,
    size_t len)
{
	if (s->sink == LOG_TO_SYSLOG &&
	    send_syslog(s, level, line, len, false) == 0)
		return;
	(void)write_stderr(s, level, line, len);
}

static int
await_syslog(struct logsink *s, enum log_level level, const char *line,
    size_t len, const _Atomic bool *stopping)
{
	int err;

	for (;;) {
		err = send_syslog(s, level, line, len, true);
		if (err == -EPERM)
			return write_stderr(s, level, line, len);
		if (err == 0 || err == -EMSGSIZE || atomic_load(stopping))
			return err;
		poll(NULL, 0, RETRY_MS);
	}
}

int
logsink_write(struct logsink *s, enum log_level level, const char *line,
    size_t len, const _Atomic bool *stopping)
{
	int err = -EPIPE;

	if (s->sink == LOG_TO_STDERR && !s->moved)
		err = write_stderr(s, level, line, len);
	else
		return await_syslog(s, level, line, len, stopping);
	/*
	 * A journal that was stopped does not come back to the stream that it
	 * had. The new one reads the log daemon's socket.
	 */
	if (err != -EPIPE || !s->is_journal)
		return err;
	s->moved = true;
	return await_syslog(s, level, line, len, stopping);
}

/* Send a datagram without waiting; a priority is all that stands before it. */
static void
send_last(const struct logsink *s, const char *line, size_t len)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	static const char head[] = "<27>";	/* daemon.err */
	size_t tool = strnlen(s->socket.tool, TOOL_MAX);
	struct iovec parts[] = {
		{ (void *)head, sizeof(head) - 1 },
		{ (void *)s->socket.tool, tool },
		{ (void *)": ", 2 },
		{ (void *)line, len }
	};
	struct msghdr msg = {
		.msg_name = &sa, .msg_namelen = sizeof(sa),
		.msg_iov = parts, .msg_iovlen = 4
	};
	int fd;

	if (strlen(s->socket.path) >= sizeof(sa.sun_path))
		return;
	strcpy(sa.sun_path, s->socket.path);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	(void)sendmsg(fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
	close(fd);
}

void
logsink_last(const struct logsink *s, const char *line, size_t len)
{
	const char *prefix = logsink_prefix(s, LOG_LEVEL_ERROR);
	struct pollfd room = { .fd = STDERR_FILENO, .events = POLLOUT };
	struct iovec parts[] = {
		{ (void *)prefix, strlen(prefix) }, { (void *)line, len }
	};

	/* Dying is more urgent than a reader that stalls; others wait. */
	if (poll(&room, 1, 0) != 1)
		return;
	/* A reader that is gone must not turn the signal into SIGPIPE. */
	signal(SIGPIPE, SIG_IGN);
	if (writev(STDERR_FILENO, parts, 2) < 0 && errno == EPIPE &&
	    s->is_journal)
		send_last(s, line, len);
}
