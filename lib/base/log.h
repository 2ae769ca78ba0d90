/*
 * log: one key=value line per event, to standard error, syslog or the journal
 * (which reads standard error). This is the only module with state of its own,
 * so that any module may report. Log once, where the event is detected. Never
 * log a secret, a token or, above LOG_LEVEL_DEBUG, who called whom. Safe from
 * any thread.
 *
 * The reader of a log may stall: a pager, a terminal with ^S, a daemon that
 * hangs. A short-lived command waits for its reader, so that no line is lost;
 * so do the functions of tool.h. A program that others depend on calls
 * log_start. After that no caller waits for its line to be written.
 *
 * Where the journal reads standard error (JOURNAL_STREAM), each line carries
 * its priority. If the journal is stopped and started, that stream stays
 * broken: lines then go to the log daemon's socket, and event=log_moved says so.
 */
#ifndef RP_BASE_LOG_H
#define RP_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARN,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG
};

/* The name is not LOG_SYSLOG, because <syslog.h> has a macro of that name. */
enum log_sink {
	LOG_TO_STDERR,
	LOG_TO_SYSLOG
};

/*
 * Choose the tool's name, the sink and the level. Until it is called, "rp" logs
 * LOG_LEVEL_INFO to standard error. `tool` must stay valid. Where syslog is
 * missing or full, lines go to standard error until log_start.
 */
void log_open(const char *tool, enum log_sink sink, enum log_level level);
void log_set_level(enum log_level level);

/*
 * Connect to the log daemon now, if lines may have to go there. For a process
 * that enters an allow-list next.
 */
void log_connect(void);

/*
 * Queue lines in memory from now on, for a thread to write. Lines that do not
 * fit are lost: they are counted, and event=log_lost lost=N stands in their
 * place. Call it after privileges are dropped, because each thread has its own.
 * Return a negative errno if the thread cannot be started.
 */
int log_start(void);

/*
 * Write what is queued, for at most `most_ms`, and end the thread. The process
 * is about to exit. If the time does not suffice, the rest is lost.
 */
void log_stop(unsigned most_ms);

/*
 * Return how many lines were lost after log_start, in the queue and in writing.
 */
uint64_t log_lost(void);

/*
 * Write a line about a crash, with its newline, after the lines before it. It
 * waits a moment for the thread, and for no reader. For the handler of a fatal
 * signal.
 */
void log_last_words(const char *line, size_t len);

/*
 * Return what stands before a line of that level on standard error: "<3>" and
 * the like where the journal reads it (sd-daemon(3)), else "". It is for errors
 * in the form of tool.h. Before log_open it is "".
 */
const char *log_prefix(enum log_level level);

/*
 * Parse "error", "warn", "info" or "debug". Return -EINVAL for anything else.
 */
int log_level_parse(enum log_level *out, const char *text);

/*
 * Log an event, as in log_info("call_ended", "reason=%s ms=%u", ...). The event
 * is one word, and keys are literal. A value that a peer chose goes through
 * log_text.
 */
void log_error(const char *event, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void log_warn(const char *event, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void log_info(const char *event, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void log_debug(const char *event, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Log at LOG_LEVEL_DEBUG what was refused or has failed, and why. Strangers can
 * cause such lines, so that after log_start there are few of each kind in a
 * window (logpace.h). A kind is `event` with `kind`, a word of a small set. How
 * many lines were left out is logged as event=left_out. Ask log_is_debug before
 * work that only this line needs.
 */
void log_failure(const char *event, const char *kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool log_is_debug(void);

#define LOG_TEXT 96

/*
 * Make a value from outside safe for a line, and return it in `out`. It is
 * quoted, cut to fit, and anything but printable ASCII is replaced.
 */
const char *log_text(char out[static LOG_TEXT], const char *text);

#endif
