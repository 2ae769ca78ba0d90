/*
 * load_run: begin calls at a steady rate, from callers that are free, until all are
 * over. See load_run.h.
 */
#include "load/load_run.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/tool.h"
#include "call/call.h"
#include "call/conclude.h"
#include "call/source.h"
#include "call/stops.h"
#include "conf/context.h"
#include "conf/options.h"
#include "load/load_call.h"
#include "load/load_list.h"
#include "load/load_stats.h"
#include "net/loop.h"

#define PER_CALLER 8		/* calls at once that a switch grants */
#define AGAIN_NS (20 * CLOCK_MS)	/* until a caller may be free */
#define PAUSE_MAX_S 3600	/* the longest pause that is obeyed */
#define FAILED 13		/* exit status: not all calls completed */

struct load {
	const struct dial_context *context;
	struct load_list list;
	struct load_stats stats;
	struct load_call **calls;	/* those that run, in no order */
	size_t n_calls;
	size_t next_pair;
	struct loop_event *due;
	struct stops *stops;
	uint64_t start_ns;
	bool stopping;
	int err;
};

static void
leave_if_done(struct load *l)
{
	if (l->n_calls == 0 && (l->stopping || l->err < 0 ||
	    l->stats.begun == l->context->options->calls))
		loop_stop(l->context->loop);
}

static void
forget(struct load *l, const struct load_call *call)
{
	size_t i;

	for (i = 0; i < l->n_calls; i++)
		if (l->calls[i] == call)
			break;
	if (i < l->n_calls)
		l->calls[i] = l->calls[--l->n_calls];
}

/* A switch's 429 stops its caller for the time that it says. */
static void
obey(struct load_caller *caller, const struct report *report)
{
	unsigned s = report->retry_after_s;

	if (report->outcome != OUTCOME_REFUSED || s == 0)
		return;
	caller->paused_ns = clock_ns() +
	    (s < PAUSE_MAX_S ? s : PAUSE_MAX_S) * CLOCK_S;
	log_info("caller_paused", "status=%d retry_after_s=%u",
	    report->status, s);
}

static void
on_ended(struct load_call *call, void *arg)
{
	struct load *l = arg;
	const struct report *report = call_report(load_call_call(call));
	struct load_caller *caller = load_call_pair(call)->caller;

	caller->running--;
	obey(caller, report);
	if (load_stats_end(&l->stats, report) < 0)
		tool_warn(report->callee, "%s", strerror(ENOMEM));
	forget(l, call);
	load_call_free(call);
	leave_if_done(l);
}

/* Return the next pair whose caller is free; NULL if there is none now. */
static struct load_pair *
free_pair(struct load *l)
{
	uint64_t now_ns = clock_ns();
	size_t i;

	for (i = 0; i < l->list.n_pairs; i++) {
		struct load_pair *pair =
		    &l->list.pairs[(l->next_pair + i) % l->list.n_pairs];

		if (pair->caller->running == PER_CALLER ||
		    pair->caller->paused_ns > now_ns)
			continue;
		l->next_pair = (l->next_pair + i + 1) % l->list.n_pairs;
		return pair;
	}
	return NULL;
}

static void
begin(struct load *l, struct load_pair *pair)
{
	char why[WHY_TEXT];

	l->err = load_call_new(&l->calls[l->n_calls], pair, on_ended, l, why);
	if (l->err < 0) {
		tool_warn(pair->callee, "%s", why);
		leave_if_done(l);
		return;
	}
	l->n_calls++;
	pair->caller->running++;
	load_stats_begin(&l->stats);
}

/* Return when the next call is due. Delays are not made up for by a burst. */
static uint64_t
interval_ns(const struct load *l)
{
	return (uint64_t)(CLOCK_S / l->context->options->rate);
}

static void
on_due(void *arg)
{
	struct load *l = arg;
	struct load_pair *pair;

	if (l->stopping || l->err < 0 ||
	    l->stats.begun == l->context->options->calls)
		return;
	pair = free_pair(l);
	if (pair != NULL)
		begin(l, pair);
	loop_timer_set_ns(l->due, pair != NULL ? interval_ns(l) : AGAIN_NS);
}

static void
on_signal(void *arg)
{
	struct load *l = arg;
	size_t i;

	l->stopping = true;
	/* A call that ends at once is replaced by the last of them. */
	for (i = l->n_calls; i-- > 0;)
		load_call_stop(l->calls[i]);
	leave_if_done(l);
}

static int
start(struct load *l)
{
	struct event_base *loop = l->context->loop;

	l->calls = calloc(l->context->options->calls, sizeof(*l->calls));
	l->due = loop_timer_new(loop, on_due, l);
	if (l->calls == NULL || l->due == NULL ||
	    stops_new(&l->stops, loop, on_signal, l) < 0)
		return -ENOMEM;
	l->start_ns = clock_ns();
	loop_timer_set_ms(l->due, 0);
	return 0;
}

/* Return the exit status. An error of ours, which was told, is 1 as elsewhere. */
static int
status_of(const struct load *l)
{
	if (l->err < 0)
		return 1;
	return l->stats.completed == l->context->options->calls ? 0 : FAILED;
}

static int
conclude(struct load *l)
{
	const struct options *options = l->context->options;
	double seconds = (double)(clock_ns() - l->start_ns) / CLOCK_S;
	char *text;
	int err;

	load_stats_print(&l->stats, options->calls, seconds, stderr);
	if (options->json == NULL)
		return status_of(l);
	text = load_stats_json(&l->stats, options->calls, seconds);
	err = text == NULL ? -ENOMEM : conclude_write(options->json, text);
	free(text);
	if (err < 0)
		conclude_complain(options->json, err);
	return err < 0 ? 1 : status_of(l);
}

/* Try --in before anybody is rung. Each call opens it by itself. */
static int
try_source(const struct options *options)
{
	struct audio_in *source;
	int err = source_open(&source, options, true);

	if (source == NULL)
		return err;
	source_close(source);
	tool_warn("--in", "%s: a pipe cannot be shared by calls: name a file",
	    options->in);
	return -EINVAL;
}

int
load_run(const struct dial_context *context)
{
	struct load l = { .context = context };
	char why[WHY_TEXT];
	int status = 1, err;

	if (try_source(context->options) < 0)
		return status;
	tool_raise_files();
	err = load_list_read(&l.list, context, why);
	if (err < 0) {
		tool_warn("--list", "%s", why);
	} else if (start(&l) < 0) {
		tool_warn("--calls", "%s", strerror(ENOMEM));
	} else {
		loop_run(context->loop);
		status = conclude(&l);
	}
	loop_event_free(l.due);
	stops_free(l.stops);
	load_list_clear(&l.list);
	load_stats_clear(&l.stats);
	free(l.calls);
	return status;
}
