/*
 * logline: format a line of the log. Called by log and logqueue. See logline.h.
 */
#include "base/logline.h"

#include <stdio.h>
#include <time.h>

const char *const logline_levels[LOG_LEVEL_DEBUG + 1] = {
	"error", "warn", "info", "debug"
};

size_t
logline_write(char line[static LOGLINE_BYTES], const char *tool,
    enum log_level level, const char *event, const char *format, va_list ap)
{
	char stamp[40];
	struct timespec now;
	struct tm utc;
	size_t n;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &utc);
	n = (size_t)snprintf(line, LOGLINE_BYTES, "time=%s.%03ldZ tool=%s "
	    "level=%s event=%s ", stamp, now.tv_nsec / 1000000, tool,
	    logline_levels[level], event);
	vsnprintf(line + n, LOGLINE_BYTES - n - 1, format, ap);
	/* An event is one line, whatever its values hold. */
	for (n = 0; line[n] != '\0'; n++)
		if ((line[n] & 0xff) < ' ' || line[n] == 0x7f)
			line[n] = '?';
	line[n++] = '\n';
	line[n] = '\0';
	return n;
}

size_t
logline_event(char line[static LOGLINE_BYTES], const char *tool,
    enum log_level level, const char *event, const char *format, ...)
{
	size_t len;
	va_list ap;

	va_start(ap, format);
	len = logline_write(line, tool, level, event, format, ap);
	va_end(ap);
	return len;
}
