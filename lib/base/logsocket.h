/*
 * logsocket: lines to the system's log daemon, as RFC 3164 has them, over the
 * socket that syslog(3) uses. Other than that it says whether a line went out.
 */
#ifndef RP_BASE_LOGSOCKET_H
#define RP_BASE_LOGSOCKET_H

#include <stdbool.h>

struct logsocket {
	const char *path;	/* must stay valid */
	const char *tool;
	int fd;			/* -1: not connected */
	bool stream;		/* as some daemons have it */
};

/* Nothing is opened yet. */
void logsocket_init(struct logsocket *s, const char *path, const char *tool);

/*
 * Send one line, with a severity of syslog(3). Connects where that is needed,
 * so that a daemon may be restarted. Waits for a daemon that is busy only if
 * wait says so: -EAGAIN otherwise. A negative errno if there is no daemon.
 */
int logsocket_send(struct logsocket *s, int severity, const char *text,
    bool wait);

void logsocket_close(struct logsocket *s);

#endif
