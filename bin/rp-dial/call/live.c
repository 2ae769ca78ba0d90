/*
 * live: one line on the terminal that follows a call, a few times per second,
 * and the words above it. See live.h.
 */
#include "call/live.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "call/call.h"
#include "net/loop.h"

#define EVERY_MS 250
#define TEXT_MAX 256
#define WORDS_LABEL "words:"
#define WORDS_INDENT "      "	/* as wide as the label */

struct live {
	struct loop_event *tick;
	struct call *call;
	size_t shown;		/* characters of the status line */
	bool told;		/* the words of this call were shown */
	bool warned;		/* or that there are none */
	bool dumb;		/* the terminal knows no escape sequences */
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

	if (call_muted(call))
		return "muted";
	if (call_away(call))
		return "reconnecting";
	return call_peer_away(call) ? "away" : texts[call_state(call)];
}

/*
 * Return the terminal's width, because a line that wraps could not be cleared.
 */
static size_t
columns(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col < 2)
		return 79;
	return size.ws_col - 1U;
}

/* Append a part unless it does not fit whole. */
static void
append_part(char *text, size_t max, const char *format, ...)
{
	char part[TEXT_MAX];
	size_t len = strlen(text);
	va_list ap;

	va_start(ap, format);
	vsnprintf(part, sizeof(part), format, ap);
	va_end(ap);
	if (len + strlen(part) <= max)
		strcpy(text + len, part);
}

/* The figures stand in the order of their use; those that do not fit go. */
static void
append_figures(const struct call *call, char *text, size_t max)
{
	struct media_stats m;

	call_stats(call, &m);
	append_part(text, max, "  loss %.1f%%", m.loss_pct);
	append_part(text, max, "  jitter %.1f ms", m.jitter_ms);
	append_part(text, max, "  round trip %.0f ms", m.rtt_ms);
	append_part(text, max, "  MOS %.2f", m.mos);
}

static void
text_of(struct call *call, char text[static TEXT_MAX], size_t width)
{
	const struct report *report = call_report(call);
	uint64_t since_ns = report->step_ns[REPORT_ANSWER] != 0 ?
	    report->step_ns[REPORT_ANSWER] : report->start_ns;
	unsigned s = (unsigned)((clock_ns() - since_ns) / CLOCK_S);
	size_t max = width < TEXT_MAX ? width : TEXT_MAX - 1;
	char words[WORDS_TEXT];

	snprintf(text, max + 1, "%s  %s  %u:%02u",
	    call_peer_name(call), state_text(call), s / 60, s % 60);
	if (call_state(call) != CALL_TALKING)
		return;
	append_figures(call, text, max);
	if (!report->has_words)
		return;
	words_text(words, report->words);
	append_part(text, max, "  [%s]", words);
}

/* Show a text in place of the last one, whose rest is overwritten if needed. */
static void
show(struct live *live, const char *text)
{
	size_t len = strlen(text);

	fprintf(stderr, "\r%s", text);
	if (!live->dumb)
		fputs("\033[K", stderr);
	else if (len < live->shown)
		fprintf(stderr, "%*s\r%s", (int)live->shown, "", text);
	fflush(stderr);
	live->shown = len;
}

/*
 * Give the words lines of their own, once. They stay above the status line, and
 * break between two words where the terminal is narrow.
 */
static void
show_words(struct live *live)
{
	const struct report *report = call_report(live->call);
	size_t i, at = strlen(WORDS_LABEL);

	if (live->told || !report->has_words)
		return;
	live->told = true;
	live_clear(live);
	fputs(WORDS_LABEL, stderr);
	for (i = 0; i < WORDS_N; i++) {
		const char *word = words_of(report->words[i],
		    WORDS_FIRST + i);

		if (i > 0 && at + 1 + strlen(word) > columns()) {
			fputs("\n" WORDS_INDENT, stderr);
			at = strlen(WORDS_INDENT);
		}
		at += (size_t)fprintf(stderr, " %s", word);
	}
	fputs("\n", stderr);
	fflush(stderr);
}

/* The same is said at the end of the call; somebody may have looked away. */
static void
show_no_words(struct live *live)
{
	const char *text = report_no_words_text(
	    call_report(live->call)->no_words);

	if (live->warned || text == NULL)
		return;
	live->warned = true;
	live_clear(live);
	fprintf(stderr, "%s %s\n", WORDS_LABEL, text);
}

static void
on_tick(void *arg)
{
	struct live *live = arg;
	char text[TEXT_MAX];

	if (live->call == NULL || call_state(live->call) == CALL_ENDED ||
	    !is_seen())
		return;
	if (call_state(live->call) == CALL_TALKING)
		show_words(live);
	show_no_words(live);
	text_of(live->call, text, columns());
	show(live, text);
}

static bool
is_dumb(void)
{
	const char *term = getenv("TERM");

	return term == NULL || *term == '\0' || strcmp(term, "dumb") == 0;
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
	live->dumb = is_dumb();
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
	if (live == NULL)
		return;
	live->call = call;
	live->told = live->warned = false;
}

void
live_clear(struct live *live)
{
	if (live == NULL || live->shown == 0)
		return;
	show(live, "");
	fputs("\r", stderr);
	fflush(stderr);
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
