/*
 * logsocket: write lines to the log daemon's socket. Called by the log's
 * thread. See logsocket.h.
 */
#include "base/logsocket.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#define LINE_BYTES 1280		/* log's longest line and its prefix */

void
logsocket_init(struct logsocket *s, const char *path, const char *tool)
{
	s->path = path;
	s->tool = tool;
	s->fd = -1;
	s->stream = false;
}

void
logsocket_close(struct logsocket *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

static int
try_connect(struct logsocket *s, int type)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int err;

	if (strlen(s->path) >= sizeof(sa.sun_path))
		return -ENAMETOOLONG;
	strcpy(sa.sun_path, s->path);
	s->fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	if (s->fd < 0)
		return -errno;
	s->stream = type == SOCK_STREAM;
	if (connect(s->fd, (struct sockaddr *)&sa, sizeof(sa)) == 0)
		return 0;
	err = -errno;
	logsocket_close(s);
	return err;
}

int
logsocket_connect(struct logsocket *s)
{
	int err;

	if (s->fd >= 0)
		return 0;
	err = try_connect(s, SOCK_DGRAM);
	return err == -EPROTOTYPE ? try_connect(s, SOCK_STREAM) : err;
}

static int
send_line(struct logsocket *s, const char *line, size_t len, bool wait)
{
	int flags = MSG_NOSIGNAL | (wait ? 0 : MSG_DONTWAIT);
	int err = logsocket_connect(s);

	if (err < 0)
		return err;
	/* Over a stream a NUL ends a line. */
	if (send(s->fd, line, s->stream ? len + 1 : len, flags) >= 0)
		return 0;
	err = -errno;
	if (err != -EAGAIN)
		logsocket_close(s);
	return err;
}

int
logsocket_send(struct logsocket *s, int severity, const char *text, bool wait)
{
	static const char *const months[] = {
		"Jan", "Feb", "Mar", "Apr", "May", "Jun",
		"Jul", "Aug", "Sep", "Oct", "Nov", "Dec"
	};
	char line[LINE_BYTES];
	time_t now = time(NULL);
	bool connected = s->fd >= 0;
	struct tm tm;
	int len, err;

	localtime_r(&now, &tm);		/* RFC 3164 4.1.2 */
	len = snprintf(line, sizeof(line), "<%d>%s %2d %02d:%02d:%02d %s[%ld]: "
	    "%s", LOG_DAEMON | severity, months[tm.tm_mon], tm.tm_mday,
	    tm.tm_hour, tm.tm_min, tm.tm_sec, s->tool, (long)getpid(), text);
	if (len >= (int)sizeof(line))
		len = (int)sizeof(line) - 1;
	err = send_line(s, line, (size_t)len, wait);
	/* The daemon may have been restarted. */
	if (err < 0 && err != -EAGAIN && connected)
		err = send_line(s, line, (size_t)len, wait);
	return err;
}
