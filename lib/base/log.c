/*
 * log: the levels, and the choice between a thread (logqueue) and writing at
 * once (logsink). See log.h.
 */
#include "base/log.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "base/logline.h"
#include "base/logqueue.h"
#include "base/logsink.h"

#define LAST_MS 100		/* for a process that crashes */

static struct {
	const char *tool;
	_Atomic int level;
	struct logsink sink;
	struct logqueue queue;
} state = {
	.tool = "rp",
	.level = LOG_LEVEL_INFO,
	.queue = { .lock = PTHREAD_MUTEX_INITIALIZER },
};

void
log_open(const char *tool, enum log_sink sink, enum log_level level)
{
	state.tool = tool;
	log_set_level(level);
	logsink_init(&state.sink, sink, tool, _PATH_LOG);
}

void
log_set_level(enum log_level level)
{
	atomic_store(&state.level, (int)level);
}

bool
log_is_debug(void)
{
	return atomic_load(&state.level) >= LOG_LEVEL_DEBUG;
}

int
log_level_parse(enum log_level *out, const char *text)
{
	int i;

	for (i = 0; i <= LOG_LEVEL_DEBUG; i++)
		if (strcmp(text, logline_levels[i]) == 0) {
			*out = (enum log_level)i;
			return 0;
		}
	return -EINVAL;
}

/* Write a line now. Only the socket of syslog needs the lock. */
static void
write_now(enum log_level level, const char *line, size_t len)
{
	pthread_mutex_t *lock = state.sink.sink == LOG_TO_SYSLOG ?
	    &state.queue.lock : NULL;

	if (lock != NULL)
		pthread_mutex_lock(lock);
	logsink_write_now(&state.sink, level, line, len);
	if (lock != NULL)
		pthread_mutex_unlock(lock);
}

static void
emit(enum log_level level, const char *event, const char *format, va_list ap)
{
	char line[LOGLINE_BYTES];
	size_t len;

	if ((int)level > atomic_load(&state.level))
		return;
	len = logline_write(line, state.tool, level, event, format, ap);
	if (logqueue_runs(&state.queue))
		logqueue_put(&state.queue, level, line, len);
	else
		write_now(level, line, len);
}

void
log_failure(const char *event, const char *kind, const char *format, ...)
{
	char name[LOGPACE_KIND];
	va_list ap;

	if (!log_is_debug())
		return;
	snprintf(name, sizeof(name), "%s %s", event, kind);
	if (logqueue_runs(&state.queue) && !logqueue_may(&state.queue, name))
		return;
	va_start(ap, format);
	emit(LOG_LEVEL_DEBUG, event, format, ap);
	va_end(ap);
}

void
log_connect(void)
{
	logsink_connect(&state.sink);
}

int
log_start(void)
{
	return logqueue_start(&state.queue, state.tool, &state.sink);
}

void
log_stop(unsigned most_ms)
{
	logqueue_stop(&state.queue, most_ms);
}

uint64_t
log_lost(void)
{
	return atomic_load(&state.queue.lost);
}

void
log_last_words(const char *line, size_t len)
{
	int i;

	for (i = 0; i < LAST_MS && atomic_load(&state.queue.waiting) > 0; i++)
		poll(NULL, 0, 1);
	logsink_last(&state.sink, line, len);
}

const char *
log_prefix(enum log_level level)
{
	return logsink_prefix(&state.sink, level);
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
