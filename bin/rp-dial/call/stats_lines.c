/* stats_lines: a ticker, and lines that never wait. See stats_lines.h. */
#include "call/stats_lines.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "call/call_media.h"
#include "call/report.h"
#include "net/loop.h"

struct stats_lines {
	struct loop_event *tick;
	const struct report *report;
	const struct call_media *media;
	int err;		/* why no more lines are written */
};

/*
 * Return whether a line can be written at once. A pipe that is ready takes
 * PIPE_BUF bytes, which is more than a line.
 */
static bool
has_room(void)
{
	struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };

	return poll(&out, 1, 0) == 1;
}

static void
write_line(struct stats_lines *lines, const char *text)
{
	if (write(STDOUT_FILENO, text, strlen(text)) >= 0)
		return;
	lines->err = -errno;
	loop_event_stop(lines->tick);
}

/* A reader that is slow misses lines, and the call goes on. */
static void
on_tick(void *arg)
{
	struct stats_lines *lines = arg;
	struct media_stats stats;
	char *text;

	if (lines->report->step_ns[REPORT_MEDIA] == 0 ||
	    lines->report->end_ns != 0 || !has_room())
		return;
	call_media_stats(lines->media, &stats);
	text = report_stats_json(lines->report, &stats);
	if (text != NULL)
		write_line(lines, text);
	free(text);
}

int
stats_lines_new(struct stats_lines **out, struct event_base *loop,
    uint32_t every_ms, const struct report *report,
    const struct call_media *media)
{
	struct stats_lines *lines = calloc(1, sizeof(*lines));

	if (lines == NULL)
		return -ENOMEM;
	lines->report = report;
	lines->media = media;
	lines->tick = loop_ticker_new(loop, on_tick, lines);
	if (lines->tick == NULL ||
	    loop_timer_set_ms(lines->tick, every_ms) < 0) {
		stats_lines_free(lines);
		return -ENOMEM;
	}
	*out = lines;
	return 0;
}

int
stats_lines_error(const struct stats_lines *lines)
{
	return lines != NULL ? lines->err : 0;
}

void
stats_lines_free(struct stats_lines *lines)
{
	if (lines == NULL)
		return;
	loop_event_free(lines->tick);
	free(lines);
}
