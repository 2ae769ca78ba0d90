/*
 * logsocket: lines to the system's log daemon in RFC 3164 format, over the
 * socket that syslog(3) uses. Unlike syslog(3) it reports whether a line was
 * sent.
 */
#ifndef RP_BASE_LOGSOCKET_H
#define RP_BASE_LOGSOCKET_H

#include <stdbool.h>

struct logsocket {
	const char *path;	/* must stay valid */
	const char *tool;
	int fd;			/* -1: not connected */
	bool stream;		/* some daemons use a stream socket */
};

/* Initialize it. Nothing is opened yet. */
void logsocket_init(struct logsocket *s, const char *path, const char *tool);

/* Connect, unless it is. Return 0, or a negative errno if there is no daemon. */
int logsocket_connect(struct logsocket *s);

/*
 * Send one line, with a severity of syslog(3). It connects if needed, so that
 * the daemon may be restarted. With `wait` it waits for a busy daemon; without,
 * it returns -EAGAIN. Return another negative errno if there is no daemon.
 */
int logsocket_send(struct logsocket *s, int severity, const char *text,
    bool wait);

void logsocket_close(struct logsocket *s);

#endif
