/*
 * eventlog: send libevent's messages to the log. Installed once by a program.
 * See eventlog.h.
 */
#include "net/eventlog.h"

#include <stdlib.h>

#include <event2/event.h>

#include "base/log.h"

#define LAST_MS 1000

static void
on_message(int severity, const char *text)
{
	char safe[LOG_TEXT];

	if (severity == EVENT_LOG_ERR)
		log_error("loop", "why=%s", log_text(safe, text));
	else if (severity == EVENT_LOG_WARN)
		log_warn("loop", "why=%s", log_text(safe, text));
	else
		log_debug("loop", "why=%s", log_text(safe, text));
}

/*
 * libevent would exit now in any case. Abort instead, to leave a trace to
 * examine.
 */
static void
on_fatal(int code)
{
	log_error("loop_fatal", "code=%d", code);
	log_stop(LAST_MS);
	abort();
}

void
eventlog_install(void)
{
	event_set_log_callback(on_message);
	event_set_fatal_callback(on_fatal);
}
