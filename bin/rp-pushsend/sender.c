/*
 * sender: standard input, engine and standard output put together; when to
 * pause and when to end. See sender.h.
 */
#include "sender.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "conf/pushconf.h"
#include "io/stream.h"
#include "net/loop.h"
#include "outfit.h"
#include "queue/engine.h"
#include "wire/pushabout.h"
#include "wire/pushmsg.h"
#include "wire/why.h"

#define PENDING_MAX 1048576	/* bytes of unread results */
#define LAST_WORDS_MS 1000	/* to write results after the drain */

struct sender {
	const struct sender_source *source;
	const struct outfit *outfit;	/* the present one */
	struct event_base *loop;
	struct engine *engine;
	struct input *input;
	struct output *output;
	struct loop_event *term, *interrupt, *hangup, *drain;
	bool tells;		/* a switch reads what we say of ourselves */
	bool input_ended;
	bool stopping;		/* by a signal */
	bool stopped;		/* and the drain time has passed */
	int err;
	char *why;		/* WHY_TEXT bytes */
};

static void
sender_fail(struct sender *s, int err, const char *what)
{
	if (s->err == 0)
		why_set(s->why, "%s: %s", what, strerror(-err));
	s->err = err;
	loop_stop(s->loop);
}

/* Continue to read if there is space for more requests. */
static void
pace(struct sender *s)
{
	if (s->input_ended)
		return;
	if (engine_full(s->engine) || output_pending(s->output) > PENDING_MAX)
		input_pause(s->input);
	else
		input_resume(s->input);
}

static void
end_if_done(struct sender *s)
{
	if (s->input_ended && !engine_busy(s->engine) &&
	    output_pending(s->output) == 0)
		loop_stop(s->loop);
}

static void
write_result(struct sender *s, const struct pushmsg_result *result)
{
	char *line = pushmsg_result_line(result);
	char id[LOG_TEXT], reason[LOG_TEXT];

	log_debug("push", "id=%s status=%s reason=%s attempts=%u ms=%u "
	    "session=%s", log_text(id, result->id),
	    pushmsg_status_name(result->status),
	    log_text(reason, result->reason), result->attempts, result->ms,
	    result->session);
	if (line == NULL || output_put(s->output, line, strlen(line)) < 0)
		sender_fail(s, -ENOMEM, "standard output");
	free(line);
}

static void
on_result(const struct pushmsg_result *result, void *arg)
{
	write_result(arg, result);
}

static void
on_room(void *arg)
{
	pace(arg);
}

static void
on_idle(void *arg)
{
	end_if_done(arg);
}

/* Tell the switch what we do, as rp-push(7) says. */
static void
tell_about(struct sender *s, const char *error)
{
	const struct reach_lists lists = outfit_reach(s->outfit);
	char *line;

	if (!s->tells)
		return;
	line = pushabout_line(&lists, error);
	if (line == NULL || output_put(s->output, line, strlen(line)) < 0)
		sender_fail(s, -ENOMEM, "standard output");
	free(line);
}

/*
 * Read the configuration and all keys again. If anything is wrong with them the
 * old ones stay, as a whole.
 */
static void
reload(struct sender *s)
{
	struct outfit *outfit;
	char why[WHY_TEXT];
	int err;

	err = outfit_new(&outfit, s->loop, s->source, true, why);
	if (err == 0) {
		err = engine_reload(s->engine, outfit_env(outfit), why);
		if (err < 0) {
			outfit_free(outfit);
			s->source->place(why, s->source->arg);
		}
	}
	if (err < 0) {
		log_error("reload", "why=\"%s\"", why);
		tell_about(s, why);
		return;
	}
	s->outfit = outfit;
	log_set_level(outfit->level);
	pushconf_warn(&outfit->settings);
	log_info("reload", "ok=1");
	tell_about(s, "");
	pace(s);
}

static void
on_hangup(void *arg)
{
	reload(arg);
}

static void
on_line(const char *line, size_t len, void *arg)
{
	struct pushmsg_result bad = { .status = PUSHMSG_FAILED };
	struct pushmsg_request request;
	struct sender *s = arg;
	char why[WHY_TEXT];

	if (s->tells && pushabout_is_reload(line, len)) {
		reload(s);
		return;
	}
	if (pushmsg_request_parse(&request, line, len, why) < 0) {
		snprintf(bad.reason, sizeof(bad.reason), "%.*s",
		    PUSHMSG_REASON - 1, why);
		memcpy(bad.id, request.id, sizeof(bad.id));
		memcpy(bad.session, request.session, sizeof(bad.session));
		write_result(s, &bad);
	} else {
		engine_push(s->engine, &request);
		if (s->stopped)
			engine_stop(s->engine, "stopping");
	}
	pace(s);
}

static void
on_input_end(int err, void *arg)
{
	struct sender *s = arg;

	s->input_ended = true;
	if (err < 0)
		sender_fail(s, err, "standard input");
	end_if_done(s);
}

static void
on_output_empty(void *arg)
{
	pace(arg);
	end_if_done(arg);
}

static void
on_output_failed(int err, void *arg)
{
	sender_fail(arg, err, "standard output");
}

static void
stop_now(struct sender *s)
{
	s->stopped = true;
	engine_stop(s->engine, "stopping");
	loop_timer_set_ms(s->drain, LAST_WORDS_MS);
}

static void
on_drain(void *arg)
{
	struct sender *s = arg;

	if (s->stopped)
		sender_fail(s, -ETIMEDOUT, "standard output");
	else
		stop_now(s);
}

/*
 * Stop: the first signal finishes the present requests in bounded time, the
 * second ends at once.
 */
static void
stop_by_signal(struct sender *s, int number)
{
	log_info("stopping", "signal=%d", number);
	if (s->stopping && !s->stopped) {
		stop_now(s);
		return;
	}
	if (s->stopping)
		return;
	s->stopping = true;
	loop_timer_set_ms(s->drain, (uint64_t)s->outfit->settings.drain_ms);
	input_close(s->input);
}

static void
on_terminate(void *arg)
{
	stop_by_signal(arg, SIGTERM);
}

static void
on_interrupt(void *arg)
{
	stop_by_signal(arg, SIGINT);
}

static int
open_engine(struct sender *s)
{
	const struct engine_handlers handlers = { on_result, on_room,
	    on_idle };
	struct outfit *outfit;
	char wrong[WHY_TEXT];
	int err;

	err = outfit_new(&outfit, s->loop, s->source, false, wrong);
	if (err == 0) {
		err = engine_new(&s->engine, outfit_env(outfit), &handlers, s,
		    wrong);
		if (err < 0)
			outfit_free(outfit);
	}
	if (err < 0) {
		why_set(s->why, "%s", wrong);
		return err;
	}
	s->outfit = outfit;
	log_set_level(outfit->level);
	return 0;
}

static int
open_streams(struct sender *s, int in, int out)
{
	const struct input_handlers input = { on_line, on_input_end };
	const struct output_handlers output = { on_output_empty,
	    on_output_failed };
	int err;

	err = output_new(&s->output, s->loop, out, &output, s);
	if (err < 0) {
		why_set(s->why, "standard output: %s", strerror(-err));
		return err;
	}
	err = input_new(&s->input, s->loop, in, PUSHMSG_LINE_MAX, &input, s);
	if (err < 0)
		why_set(s->why, "standard input: %s", strerror(-err));
	return err;
}

static int
sender_open(struct sender *s, const struct sender_source *source,
    char why[static WHY_TEXT])
{
	int err;

	memset(s, 0, sizeof(*s));
	s->source = source;
	s->why = why;
	s->tells = getenv(PUSHABOUT_VARIABLE) != NULL;
	strcpy(why, "out of memory");
	s->loop = loop_new();
	if (s->loop == NULL)
		return -ENOMEM;
	s->term = loop_signal_new(s->loop, SIGTERM, on_terminate, s);
	s->interrupt = loop_signal_new(s->loop, SIGINT, on_interrupt, s);
	s->hangup = loop_signal_new(s->loop, SIGHUP, on_hangup, s);
	s->drain = loop_timer_new(s->loop, on_drain, s);
	if (s->term == NULL || s->interrupt == NULL || s->hangup == NULL ||
	    s->drain == NULL)
		return -ENOMEM;
	/* One that comes while keys are read is not lost, and ends nothing. */
	loop_event_start(s->hangup);
	err = open_engine(s);
	if (err == 0)
		pushconf_warn(&s->outfit->settings);
	return err;
}

static void
sender_close(struct sender *s)
{
	if (s->loop == NULL)
		return;
	loop_event_free(s->term);
	loop_event_free(s->interrupt);
	loop_event_free(s->hangup);
	loop_event_free(s->drain);
	input_free(s->input);
	engine_free(s->engine);
	output_free(s->output);
	loop_free(s->loop);
}

int
sender_run(const struct sender_source *source, int in, int out,
    char why[static WHY_TEXT])
{
	struct sender s;
	int err;

	signal(SIGPIPE, SIG_IGN);
	err = sender_open(&s, source, why);
	if (err == 0)
		err = open_streams(&s, in, out);
	if (err == 0) {
		loop_event_start(s.term);
		loop_event_start(s.interrupt);
		tell_about(&s, "");
		loop_run(s.loop);
		err = s.err;
	}
	sender_close(&s);
	return err;
}

int
sender_test(const struct sender_source *source, char why[static WHY_TEXT])
{
	struct sender s;
	int err = sender_open(&s, source, why);

	sender_close(&s);
	return err;
}
