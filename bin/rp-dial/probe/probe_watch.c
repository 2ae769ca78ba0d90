/*
 * probe_watch: rounds, one line each, and a summary. A round that takes longer
 * than the interval is followed by the next at its time. See probe_watch.h.
 */
#include "probe/probe_watch.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include "base/clock.h"
#include "base/tool.h"
#include "call/conclude.h"
#include "call/stops.h"
#include "conf/context.h"
#include "conf/options.h"
#include "net/loop.h"
#include "probe/probe_relay.h"
#include "probe/probe_row.h"
#include "probe/probe_textfile.h"

#define TIME_TEXT 32
#define LINE_TEXT (PROBE_ROW_TEXT + TIME_TEXT + 16)
/* A pipe that is ready takes as much at once. */
#define CHUNK 4096
/* For the rest of a line that was begun. A reader that is slower is stuck. */
#define REST_MS 1000

struct probe_watch {
	const struct dial_context *context;
	const struct probe_target *target;
	struct stops *stops;
	struct loop_event *next;
	struct probe_relay *relay;	/* of this round */
	uint64_t begun_ms, round_ms;	/* the first, and this one */
	unsigned rounds, failed, written_badly;
	enum outcome outcome;		/* of the latest that failed */
	double rtt_ms, rtt_max_ms;	/* a sum over `measured`; the worst */
	unsigned measured;
	unsigned long sent, received;
	int err;			/* of standard output */
};

static bool
has_room(int wait_ms)
{
	struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };

	return poll(&out, 1, wait_ms) == 1;
}

/*
 * Write a line. A reader that is slow misses whole lines.
 *
 *  -EAGAIN  the reader took a part of it only
 *  others   as write(2)
 */
static int
write_line(const char *text)
{
	size_t len, done, all = strlen(text);
	ssize_t n;

	for (done = 0; done < all; done += (size_t)n) {
		if (!has_room(done == 0 ? 0 : REST_MS))
			return done == 0 ? 0 : -EAGAIN;
		len = all - done < CHUNK ? all - done : CHUNK;
		n = write(STDOUT_FILENO, text + done, len);
		if (n < 0)
			return -errno;
	}
	return 0;
}

/* Write the time in UTC, as RFC 3339 has it. */
static void
time_text(char text[static TIME_TEXT], int64_t wall_s)
{
	time_t now = (time_t)wall_s;
	struct tm tm;

	if (gmtime_r(&now, &tm) == NULL ||
	    strftime(text, TIME_TEXT, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		strcpy(text, "?");
}

/* Return a round as a line of JSON, which the caller frees, or NULL. */
static char *
round_json(const struct probe_watch *w, enum outcome outcome, int64_t wall_s)
{
	char at[TIME_TEXT], *text, *line;
	json_t *root;

	time_text(at, wall_s);
	root = json_pack("{s:s, s:s, s:o}", "time", at, "end_reason",
	    outcome_text(outcome), "relay", w->relay != NULL ?
	    probe_relay_json(w->relay) : json_null());
	text = json_dumps(root, JSON_COMPACT | JSON_REAL_PRECISION(12));
	json_decref(root);
	if (text == NULL)
		return NULL;
	line = realloc(text, strlen(text) + 2);
	if (line != NULL)
		return strcat(line, "\n");
	free(text);
	return NULL;
}

/* A file that cannot be written is told, and the next round tries again. */
static void
note_file(struct probe_watch *w, const char *file, int err)
{
	if (err == 0)
		return;
	conclude_complain(file, err);
	w->written_badly++;
}

static void
write_textfile(struct probe_watch *w, enum outcome outcome, int64_t wall_s)
{
	const char *file = w->context->options->textfile;
	const struct probe_textfile_run run = {
		.success = outcome == OUTCOME_COMPLETED,
		.ended_s = wall_s,
		.duration_s = (double)(clock_ms() - w->round_ms) / 1000
	};

	if (file != NULL)
		note_file(w, file, probe_relay_publish(w->relay, &run, file));
}

/* Write the round as JSON. On standard output it takes the line's place. */
static void
write_json(struct probe_watch *w, enum outcome outcome, int64_t wall_s)
{
	const char *file = w->context->options->json;
	char *text = round_json(w, outcome, wall_s);

	if (text == NULL)
		note_file(w, file, -ENOMEM);
	else if (strcmp(file, "-") == 0)
		w->err = write_line(text);
	else
		note_file(w, file, conclude_write(file, text));
	free(text);
}

static void
write_text(struct probe_watch *w, const struct probe_row_sum *sum,
    int64_t wall_s)
{
	char at[TIME_TEXT], text[PROBE_ROW_TEXT], line[LINE_TEXT];

	time_text(at, wall_s);
	snprintf(line, sizeof(line), "%s %s %s\n", at,
	    sum->n > 0 && sum->failed == 0 ? "ok" : "failed", sum->n > 0 ?
	    probe_row_text(sum, text) : "the test could not begin");
	w->err = write_line(line);
}

static void
count(struct probe_watch *w, const struct probe_row_sum *sum,
    enum outcome outcome)
{
	w->rounds++;
	if (outcome != OUTCOME_COMPLETED) {
		w->failed++;
		w->outcome = outcome;
	}
	w->sent += sum->sent;
	w->received += sum->received;
	if (sum->rtt_ms > 0) {
		w->measured++;
		w->rtt_ms += sum->rtt_ms;
	}
	if (sum->rtt_max_ms > w->rtt_max_ms)
		w->rtt_max_ms = sum->rtt_max_ms;
}

/* Set the timer to the next multiple of the interval. */
static void
wait_for_round(struct probe_watch *w)
{
	uint64_t every_ms = w->context->options->watch_ms;
	uint64_t gone_ms = clock_ms() - w->begun_ms;

	loop_timer_set_ms(w->next, every_ms - gone_ms % every_ms);
}

static void
end_round(struct probe_watch *w, enum outcome outcome)
{
	struct probe_row rows[PROBE_RELAY_WAYS];
	const char *json = w->context->options->json;
	size_t n = w->relay != NULL ? probe_relay_rows(w->relay, rows) : 0;
	int64_t wall_s = clock_wall_s();
	struct probe_row_sum sum;

	probe_row_add(&sum, rows, n);
	count(w, &sum, outcome);
	write_textfile(w, outcome, wall_s);
	if (json != NULL)
		write_json(w, outcome, wall_s);
	if (w->err == 0 && (json == NULL || strcmp(json, "-") != 0))
		write_text(w, &sum, wall_s);
	probe_relay_free(w->relay);
	w->relay = NULL;
	if (w->err < 0)
		loop_stop(w->context->loop);
	else
		wait_for_round(w);
}

static void
on_relay(enum outcome outcome, void *arg)
{
	end_round(arg, outcome);
}

static void
on_round(void *arg)
{
	struct probe_watch *w = arg;
	const struct probe_relay_source source = { .target = w->target };
	int err;

	w->round_ms = clock_ms();
	err = probe_relay_new(&w->relay, w->context, &source, on_relay, w);
	if (err == 0)
		return;
	tool_warn("--watch", "%s", strerror(-err));
	w->relay = NULL;
	end_round(w, OUTCOME_ERROR);
}

static void
on_stop(void *arg)
{
	struct probe_watch *w = arg;

	loop_stop(w->context->loop);
}

static void
sum_up(const struct probe_watch *w)
{
	char echo[128] = "";

	if (w->measured > 0)
		snprintf(echo, sizeof(echo), ", echo %.2f ms (worst %.2f)",
		    w->rtt_ms / w->measured, w->rtt_max_ms);
	tool_warn("--watch", "%u %s, %u failed%s, %lu of %lu packets",
	    w->rounds, w->rounds == 1 ? "round" : "rounds", w->failed, echo,
	    w->received, w->sent);
}

static int
end_watch(const struct probe_watch *w)
{
	sum_up(w);
	if (w->err < 0)
		conclude_complain("-", w->err);
	if (w->err < 0 || w->written_badly > 0)
		return outcome_exit(OUTCOME_ERROR);
	return outcome_exit(w->outcome);
}

int
probe_watch(const struct dial_context *context,
    const struct probe_target *target)
{
	struct probe_watch w = {
		.context = context, .target = target, .begun_ms = clock_ms()
	};
	int status;

	w.next = loop_timer_new(context->loop, on_round, &w);
	if (w.next == NULL ||
	    stops_new(&w.stops, context->loop, on_stop, &w) < 0)
		tool_fail(1, "--watch", "%s", strerror(ENOMEM));
	loop_event_soon(w.next);
	loop_run(context->loop);
	status = end_watch(&w);
	probe_relay_free(w.relay);
	stops_free(w.stops);
	loop_event_free(w.next);
	return status;
}
