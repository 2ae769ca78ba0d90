/*
 * logline: the form of a line of the log, as key=value. See log.h.
 */
#ifndef RP_BASE_LOGLINE_H
#define RP_BASE_LOGLINE_H

#include <stdarg.h>
#include <stddef.h>

#include "base/log.h"

#define LOGLINE_BYTES 1024	/* of a line, newline and NUL included */

extern const char *const logline_levels[LOG_LEVEL_DEBUG + 1];

/* Write a line of `tool` with its newline, and return its length. */
size_t logline_write(char line[static LOGLINE_BYTES], const char *tool,
    enum log_level level, const char *event, const char *format, va_list ap);

/* The same with arguments. */
size_t logline_event(char line[static LOGLINE_BYTES], const char *tool,
    enum log_level level, const char *event, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

#endif
