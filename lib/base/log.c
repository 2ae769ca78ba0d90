/*
 * log: format one line, quote its values, and send it to standard error,
 * syslog or the journal. See log.h.
 */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

static const char *const level_names[] = { "error", "warn", "info", "debug" };

static struct {
	const char *tool;
	enum log_sink sink;
	_Atomic int level;
} state = { "rp", LOG_STDERR, LOG_LEVEL_INFO };

void
log_open(const char *tool, enum log_sink sink, enum log_level level)
{
	state.tool = tool;
	state.sink = sink;
	log_set_level(level);
	if (sink == LOG_SYSLOG)
		openlog(tool, LOG_PID, LOG_DAEMON);
}

void
log_set_level(enum log_level level)
{
	atomic_store(&state.level, (int)level);
}

int
log_level_parse(enum log_level *out, const char *text)
{
	int i;

	for (i = 0; i <= LOG_LEVEL_DEBUG; i++)
		if (strcmp(text, level_names[i]) == 0) {
			*out = (enum log_level)i;
			return 0;
		}
	return -EINVAL;
}

static void
emit(enum log_level level, const char *event, const char *format, va_list ap)
{
	static const int priority[] = {
		LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG
	};
	char line[1024], stamp[40];
	struct timespec now;
	struct tm utc;
	int n;

	if ((int)level > atomic_load(&state.level))
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &utc);
	n = snprintf(line, sizeof(line), "time=%s.%03ldZ tool=%s level=%s "
	    "event=%s ", stamp, now.tv_nsec / 1000000, state.tool,
	    level_names[level], event);
	vsnprintf(line + n, sizeof(line) - (size_t)n - 1, format, ap);
	if (state.sink == LOG_SYSLOG) {
		syslog(priority[level], "%s", line);
		return;
	}
	/* One write a line, so that threads and processes do not mix. */
	strcat(line, "\n");
	if (write(STDERR_FILENO, line, strlen(line)) < 0)
		return;
}

#define LOG_FUNCTION(name, level)					\
void									\
name(const char *event, const char *format, ...)			\
{									\
	va_list ap;							\
									\
	va_start(ap, format);						\
	emit(level, event, format, ap);					\
	va_end(ap);							\
}

LOG_FUNCTION(log_error, LOG_LEVEL_ERROR)
LOG_FUNCTION(log_warn, LOG_LEVEL_WARN)
LOG_FUNCTION(log_info, LOG_LEVEL_INFO)
LOG_FUNCTION(log_debug, LOG_LEVEL_DEBUG)

const char *
log_text(char out[static LOG_TEXT], const char *text)
{
	size_t n = 0;

	out[n++] = '"';
	for (; *text != '\0' && n < LOG_TEXT - 2; text++)
		out[n++] = *text < ' ' || *text > '~' || *text == '"' ||
		    *text == '\\' ? '?' : *text;
	out[n++] = '"';
	out[n] = '\0';
	return out;
}
