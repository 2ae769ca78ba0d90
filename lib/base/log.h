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
 */
#ifndef RP_BASE_LOG_H
#define RP_BASE_LOG_H

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
 * Give the thread a moment to write the lines before a crash, and return
 * whether standard error would accept a line now. For the handler of a fatal
 * signal.
 */
int log_last_moment(void);

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

#define LOG_TEXT 96

/*
 * Make a value from outside safe for a line, and return it in `out`. It is
 * quoted, cut to fit, and anything but printable ASCII is replaced.
 */
const char *log_text(char out[static LOG_TEXT], const char *text);

#endif
