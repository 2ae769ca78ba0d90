/*
 * log: one line an event, key=value, to standard error, syslog or the journal
 * (which reads standard error). The only module with state of its own, so that
 * any room may report. Log once, where a thing is detected; never a secret, a
 * token or, above LOG_LEVEL_DEBUG, who called whom. Safe from any thread.
 *
 * Whoever reads a log may stall: a pager, a terminal with ^S, a daemon that
 * hangs. In a program that lives as long as a command it is waited for, so that
 * nothing is missed; so it is with what tool.h prints. A program that others
 * wait for calls log_start, and then no line is waited for by who says it.
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

/* Not LOG_SYSLOG, which is a macro of <syslog.h>. */
enum log_sink {
	LOG_TO_STDERR,
	LOG_TO_SYSLOG
};

/*
 * Until called: LOG_LEVEL_INFO to standard error, in the name of "rp". tool
 * must stay valid. Where syslog has no room or is not there, lines go to
 * standard error until log_start, which comes later.
 */
void log_open(const char *tool, enum log_sink sink, enum log_level level);
void log_set_level(enum log_level level);

/*
 * From now on lines are put down in memory, for a thread to write. Those that
 * find no room there are lost: they are counted, and told by event=log_lost
 * lost=N in their place. To be called once privileges are given up, which
 * threads have one by one. A negative errno if there is no thread.
 */
int log_start(void);

/*
 * Have what is left written, in most_ms at most, and end the thread. The
 * process is about to exit: if the time does not do, the rest is lost.
 */
void log_stop(unsigned most_ms);

/* How many lines were lost after log_start, here and in the writing. */
uint64_t log_lost(void);

/*
 * For the handler of a fatal signal: give the thread a moment to write what
 * was said before, and say whether standard error would take a line now.
 */
int log_last_moment(void);

/* "error", "warn", "info", "debug". -EINVAL if it is none of them. */
int log_level_parse(enum log_level *out, const char *text);

/*
 * log_info("call_ended", "reason=%s ms=%u", ...). The event is a word; keys
 * are literal; a value that a peer chose goes through log_text.
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
 * A value from outside made safe for a line: quoted, with anything but
 * printable ASCII replaced, cut to fit. Returns out.
 */
const char *log_text(char out[static LOG_TEXT], const char *text);

#endif
