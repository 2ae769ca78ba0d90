/*
 * logsink: where the lines of the log go: standard error, the journal behind
 * it, or syslog. Not safe for threads; the log has a lock, and a thread that
 * writes.
 */
#ifndef RP_BASE_LOGSINK_H
#define RP_BASE_LOGSINK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/log.h"
#include "base/logsocket.h"

struct logsink {
	enum log_sink sink;
	bool is_journal;	/* it reads standard error */
	bool moved;		/* it was restarted, and reads that no more */
	struct logsocket socket;
};

/*
 * Initialize it. `socket_path` is the log daemon's. Both texts must stay valid.
 */
void logsink_init(struct logsink *s, enum log_sink sink, const char *tool,
    const char *socket_path);

/*
 * Connect to the daemon now, if lines may have to go there, for a process that
 * cannot later.
 */
void logsink_connect(struct logsink *s);

/*
 * Return what stands before a line of that level on standard error: "<3>" and
 * the like for the journal (sd-daemon(3)), else "".
 */
const char *logsink_prefix(const struct logsink *s, enum log_level level);

/*
 * Write a line, with its newline, now. Where syslog is missing or full it goes
 * to standard error. Nobody can be told of an error.
 */
void logsink_write_now(struct logsink *s, enum log_level level,
    const char *line, size_t len);

/*
 * Write a line from a thread that may wait for the reader. A daemon that is
 * missing may be restarting, and is waited for until `*stopping`. Where a
 * sandbox does not let us connect again, standard error gets the line. Return
 * 0, or a negative errno if the line is lost.
 */
int logsink_write(struct logsink *s, enum log_level level, const char *line,
    size_t len, const _Atomic bool *stopping);

/*
 * Write a last line from the handler of a fatal signal. It uses only what is
 * safe there, and waits for nobody.
 */
void logsink_last(const struct logsink *s, const char *line, size_t len);

#endif
