/*
 * log: one line an event, key=value, to standard error, syslog or the journal
 * (which reads standard error). The only module with state of its own, so that
 * any room may report. Log once, where a thing is detected; never a secret, a
 * token or, above LOG_LEVEL_DEBUG, who called whom. Safe from any thread.
 */
#ifndef RP_BASE_LOG_H
#define RP_BASE_LOG_H

#include <stddef.h>

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

/* Until called: LOG_LEVEL_INFO to standard error, in the name of "rp". */
void log_open(const char *tool, enum log_sink sink, enum log_level level);
void log_set_level(enum log_level level);

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
