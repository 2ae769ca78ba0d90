/*
 * live: one line on the terminal that follows a call, a few times per second.
 * See live.h.
 */
#include "call/live.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "call/call.h"
#include "net/loop.h"

#define EVERY_MS 250

struct live {
	struct loop_event *tick;
	struct call *call;
	bool shown;
};

static bool
is_seen(void)
{
	return isatty(STDERR_FILENO) && tcgetpgrp(STDERR_FILENO) == getpgrp();
}

static const char *
state_text(const struct call *call)
{
	static const char *const texts[] = {
		[CALL_CALLING] = "calling",
		[CALL_RINGING] = "ringing",
		[CALL_ANSWERED] = "answered",
		[CALL_TALKING] = "talking",
		[CALL_ENDING] = "hanging up",
		[CALL_ENDED] = "ended"
	};

	return call_away(call) ? "reconnecting" : texts[call_state(call)];
}

static void
text_of(struct call *call, char *text, size_t text_max)
{
	const struct report *report = call_report(call);
	uint64_t since_ns = report->step_ns[REPORT_ANSWER] != 0 ?
	    report->step_ns[REPORT_ANSWER] : report->start_ns;
	unsigned s = (unsigned)((clock_ns() - since_ns) / CLOCK_S);
	struct media_stats m;
	int n;

	n = snprintf(text, text_max, "%s  %s  %u:%02u", call_peer(call),
	    state_text(call), s / 60, s % 60);
	if (call_state(call) != CALL_TALKING)
		return;
	call_stats(call, &m);
	n += snprintf(text + n, text_max - (size_t)n, "  loss %.1f%%  "
	    "jitter %.1f ms  round trip %.0f ms  MOS %.2f", m.loss_pct,
	    m.jitter_ms, m.rtt_ms, m.mos);
	if (report->has_words) {
		char words[WORDS_TEXT];

		words_text(words, report->words);
		snprintf(text + n, text_max - (size_t)n, "  [%s]", words);
	}
}

/*
 * Return the terminal's width, because a line that wraps could not be cleared.
 */
static unsigned
columns(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col < 2)
		return 79;
	return size.ws_col - 1U;
}

static void
on_tick(void *arg)
{
	struct live *live = arg;
	char text[256];

	if (live->call == NULL || call_state(live->call) == CALL_ENDED ||
	    !is_seen())
		return;
	text_of(live->call, text, sizeof(text));
	fprintf(stderr, "\r%.*s\033[K", (int)columns(), text);
	fflush(stderr);
	live->shown = true;
}

int
live_new(struct live **out, struct event_base *loop)
{
	struct live *live;

	*out = NULL;
	if (!is_seen())
		return 0;
	live = calloc(1, sizeof(*live));
	if (live == NULL)
		return -ENOMEM;
	live->tick = loop_ticker_new(loop, on_tick, live);
	if (live->tick == NULL || loop_timer_set_ms(live->tick, EVERY_MS) < 0) {
		live_free(live);
		return -ENOMEM;
	}
	*out = live;
	return 0;
}

void
live_watch(struct live *live, struct call *call)
{
	if (live != NULL)
		live->call = call;
}

void
live_clear(struct live *live)
{
	if (live == NULL || !live->shown)
		return;
	fputs("\r\033[K", stderr);
	fflush(stderr);
	live->shown = false;
}

void
live_free(struct live *live)
{
	if (live == NULL)
		return;
	live_clear(live);
	loop_event_free(live->tick);
	free(live);
}
