/* log: a line of the log is a line of the record. In place of base/log.c. */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/sim.h"
#include "stand/stand.h"

static sim_log_line *told;

void
sim_log_tell(sim_log_line *line)
{
	told = line;
}

void
log_open(const char *tool, enum log_sink sink, enum log_level level)
{
	(void)tool;
	(void)sink;
	(void)level;
}

void
log_set_level(enum log_level level)
{
	(void)level;
}

void
log_connect(void)
{
}

int
log_start(void)
{
	return 0;
}

void
log_stop(unsigned most_ms)
{
	(void)most_ms;
}

uint64_t
log_lost(void)
{
	return 0;
}

void
log_last_words(const char *line, size_t len)
{
	(void)line;
	(void)len;
}

const char *
log_prefix(enum log_level level)
{
	(void)level;
	return "";
}

int
log_level_parse(enum log_level *out, const char *text)
{
	static const char *const names[] = {
		"error", "warn", "info", "debug"
	};
	int i;

	for (i = 0; i < 4; i++)
		if (strcmp(text, names[i]) == 0) {
			*out = (enum log_level)i;
			return 0;
		}
	return -EINVAL;
}

static void
say(const char *level, const char *event, const char *format, va_list ap)
{
	char text[512];

	vsnprintf(text, sizeof(text), format, ap);
	sim_record(level, "event=%s %s", event, text);
	if (told != NULL && sim_process_self() != NULL &&
	    !sim_process_is_ghost(sim_process_self()))
		told(sim_process_self(), level, event, text);
}

#define LEVEL(name)							\
void									\
log_##name(const char *event, const char *format, ...)			\
{									\
	va_list ap;							\
									\
	va_start(ap, format);						\
	say(#name, event, format, ap);					\
	va_end(ap);							\
}

LEVEL(error)
LEVEL(warn)
LEVEL(info)
LEVEL(debug)

void
log_failure(const char *event, const char *kind, const char *format, ...)
{
	va_list ap;

	(void)kind;
	va_start(ap, format);
	say("debug", event, format, ap);
	va_end(ap);
}

bool
log_is_debug(void)
{
	return true;
}

const char *
log_text(char out[static LOG_TEXT], const char *text)
{
	size_t i;

	out[0] = '"';
	for (i = 1; i < LOG_TEXT - 2 && text[i - 1] != '\0'; i++)
		out[i] = text[i - 1] >= ' ' && text[i - 1] <= '~' &&
		    text[i - 1] != '"' ? text[i - 1] : '?';
	out[i++] = '"';
	out[i] = '\0';
	return out;
}
