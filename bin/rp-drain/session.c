/*
 * session: one run of rp-drain over one connection: ask, wait, follow the
 * drain, return a status. See session.h.
 */
#include "session.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/tool.h"
#include "control_client/control_client.h"
#include "net/loop.h"
#include "show.h"
#include "shutdown.h"
#include "signals.h"

#define SHUTDOWN_LOOK_MS 5000	/* a look runs a program */
#define ANSWER_MS 5000		/* a healthy switch answers at once */
#define RUNNING (-1)

struct session {
	const struct session_options *options;
	struct event_base *loop;
	struct control_client *client;
	struct loop_event *answer_timer;
	struct loop_event *timeout;
	struct loop_event *tick;		/* of the live line */
	struct loop_event *look;		/* does the system go down? */
	struct signals *signals;
	struct show show;
	struct ctlmsg_status last;
	json_t *calls;
	int64_t after;			/* the session shown last */
	int64_t force_after_ms;		/* since the drain began; -1: never */
	unsigned unanswered;
	bool seen_drain;
	uint64_t began_ms;		/* the drain did, on our clock */
	bool old_switch;		/* it does not know a final drain */
	int status;
};

static void
end_session(struct session *s, int status)
{
	s->status = status;
	loop_stop(s->loop);
}

static void
fail_session(struct session *s, int status, const char *why)
{
	show_end(&s->show);
	tool_warn(s->options->socket, "%s", why);
	end_session(s, status);
}

static void
fail_invalid(struct session *s)
{
	fail_session(s, SESSION_FAILED,
	    "gave an invalid answer: is it an rp-switchd?");
}

static void
on_answer_timer(void *arg)
{
	fail_session(arg, SESSION_SILENT,
	    "does not answer: is it an rp-switchd?");
}

/* A signal ends the wait, but not the drain. */
static void
on_signal(int number, void *arg)
{
	struct session *s = arg;

	show_end(&s->show);
	if (s->seen_drain && s->options->final)
		tool_warn(s->last.name, "the drain goes on");
	else if (s->seen_drain)
		tool_warn(s->last.name, "the drain goes on: "
		    "rp-drain --socket %s --undrain cancels it",
		    s->options->socket);
	end_session(s, SESSION_SIGNAL + number);
}

static void
on_timeout(void *arg)
{
	struct session *s = arg;

	show_end(&s->show);
	tool_warn(s->last.name, "not drained in time: %" PRId64 " call%s left",
	    s->last.calls, s->last.calls == 1 ? "" : "s");
	end_session(s, SESSION_TIMEOUT);
}

/* Update the live line, because a second has passed. */
static void
on_tick(void *arg)
{
	struct session *s = arg;

	if (!s->seen_drain)
		return;
	s->last.draining_ms += 1000;
	s->last.oldest_ms += 1000;
	show_drain(&s->show, &s->last);
}

static void
ask_command(struct session *s, enum ctlmsg_command command)
{
	struct ctlmsg_request request = {
		.command = command, .id = command + 1, .force_after_ms = -1,
	};

	if (command == CTLMSG_DRAIN) {
		request.force_after_ms = s->force_after_ms;
		request.stop = s->options->stop;
		request.final = s->options->final && !s->old_switch;
	}
	if (command == CTLMSG_SESSIONS)
		request.after = s->after;
	s->unanswered++;
	loop_timer_set_ms(s->answer_timer, ANSWER_MS);
	/* on_closed reports a switch that has gone. */
	control_client_send(s->client, &request);
}

/* Shorten the drain, once, if the system itself goes down. */
static void
on_look(void *arg)
{
	struct session *s = arg;
	int64_t limit;

	if (!shutdown_is_under_way())
		return;
	loop_event_stop(s->look);
	limit = (int64_t)(clock_ms() - s->began_ms) +
	    s->options->shutdown_after_ms;
	if (s->force_after_ms >= 0 && s->force_after_ms <= limit)
		return;
	s->force_after_ms = limit;
	ask_command(s, CTLMSG_DRAIN);
}

/* Start the clocks. The drain has begun, now or before. */
static void
begin_waiting(struct session *s)
{
	int64_t left = s->options->timeout_ms - s->last.draining_ms;

	s->seen_drain = true;
	s->began_ms = clock_ms() - (uint64_t)s->last.draining_ms;
	if (s->options->timeout_ms >= 0)
		loop_timer_set_ms(s->timeout, left > 0 ? (uint64_t)left : 0);
	if (s->show.terminal)
		loop_timer_set_ms(s->tick, 1000);
	if (s->options->shutdown_after_ms >= 0 && s->last.calls > 0) {
		loop_timer_set_ms(s->look, SHUTDOWN_LOOK_MS);
		on_look(s);
	}
}

static void
follow_drain(struct session *s)
{
	if (s->last.draining_ms < 0) {
		if (!s->seen_drain)
			return;
		show_end(&s->show);
		tool_warn(s->last.name, "is not draining any more");
		end_session(s, SESSION_UNDRAINED);
		return;
	}
	if (!s->seen_drain)
		begin_waiting(s);
	show_drain(&s->show, &s->last);
	if (s->last.calls > 0)
		return;
	show_end(&s->show);
	end_session(s, SESSION_DONE);
}

static void
finish_status(struct session *s)
{
	if (s->options->json)
		show_json(&s->last, s->calls);
	else
		show_status(&s->last);
	end_session(s, s->last.open ? SESSION_DONE :
	    s->last.draining_ms >= 0 ? SESSION_DRAINING : SESSION_REFUSING);
}

/* A change was made, perhaps not the whole of it. */
static void
finish_change(struct session *s, const struct ctlmsg_answer *answer)
{
	if (answer->restart[0] != '\0')
		tool_warn(s->last.name, "changed, but wants a restart: %s",
		    answer->restart);
	if (answer->why[0] != '\0')
		tool_warn(s->last.name, "%s", answer->why);
	end_session(s, SESSION_DONE);
}

/* Show a page of sessions, and ask for the next. */
static void
take_sessions(struct session *s, const struct ctlmsg_answer *answer)
{
	int err;

	if (answer->sessions == NULL) {
		fail_invalid(s);
		return;
	}
	err = show_sessions(&s->show, answer->sessions, s->options->json);
	/* A cursor that does not advance is malformed. */
	if (err < 0 || (answer->next != 0 && answer->next <= s->after)) {
		fail_invalid(s);
		return;
	}
	s->after = answer->next;
	if (answer->next != 0)
		ask_command(s, CTLMSG_SESSIONS);
	else
		end_session(s, SESSION_DONE);
}

static void
take_error(struct session *s, const struct ctlmsg_answer *answer)
{
	/* A switch that was not restarted yet drains as it can. */
	if (s->options->final && !s->old_switch &&
	    strcmp(answer->error, CTLMSG_MALFORMED) == 0) {
		s->old_switch = true;
		ask_command(s, CTLMSG_DRAIN);
		return;
	}
	fail_session(s, strcmp(answer->error, CTLMSG_STOPPING) == 0 ?
	    SESSION_STOPPING : SESSION_FAILED, answer->why);
}

static void
on_answer(const struct ctlmsg_answer *answer, void *arg)
{
	struct session *s = arg;

	if (s->status != RUNNING)
		return;
	if (answer->event[0] == '\0' && s->unanswered > 0)
		s->unanswered--;
	if (answer->error[0] != '\0') {
		take_error(s, answer);
		return;
	}
	if (s->unanswered == 0)
		loop_event_stop(s->answer_timer);
	if (answer->has_status)
		s->last = answer->status;
	if (answer->calls != NULL && s->calls == NULL)
		s->calls = json_incref(answer->calls);
	if (s->options->task == SESSION_DRAIN)
		follow_drain(s);
	else if (s->unanswered > 0)
		return;
	else if (s->options->task == SESSION_STATUS)
		finish_status(s);
	else if (s->options->task == SESSION_SESSIONS)
		take_sessions(s, answer);
	else
		finish_change(s, answer);
}

static void
on_closed(int err, void *arg)
{
	struct session *s = arg;

	if (s->status != RUNNING)
		return;
	if (err == -EPROTO)
		fail_invalid(s);
	else if (s->seen_drain)
		fail_session(s, SESSION_FAILED,
		    "the switch ended while calls were left");
	else
		fail_session(s, SESSION_SILENT,
		    "the switch is gone, or takes no more connections");
}

static const struct control_client_handlers handlers = { on_answer, on_closed };

/* Say why there is no connection. Return the exit status. */
static int
no_connection(const struct session *s, int err)
{
	const char *socket = s->options->socket;

	switch (err) {
	case -ENOENT:
	case -ECONNREFUSED:
		tool_warn(socket, "%s: no switch runs there", strerror(-err));
		return SESSION_ABSENT;
	case -EAGAIN:
		tool_warn(socket, "takes no connection: does the switch hang?");
		return SESSION_SILENT;
	default:
		tool_warn(socket, "%s", strerror(-err));
		return SESSION_FAILED;
	}
}

/* Return RUNNING, or the exit status. */
static int
open_session(struct session *s)
{
	int err;

	s->loop = loop_new();
	if (s->loop == NULL)
		return no_connection(s, -ENOMEM);
	s->answer_timer = loop_timer_new(s->loop, on_answer_timer, s);
	s->timeout = loop_timer_new(s->loop, on_timeout, s);
	s->tick = loop_ticker_new(s->loop, on_tick, s);
	s->look = loop_ticker_new(s->loop, on_look, s);
	if (s->answer_timer == NULL || s->timeout == NULL ||
	    s->tick == NULL || s->look == NULL ||
	    signals_new(&s->signals, s->loop, on_signal, s) < 0)
		return no_connection(s, -ENOMEM);
	err = control_client_new(&s->client, s->loop, s->options->socket,
	    &handlers, s);
	return err < 0 ? no_connection(s, err) : RUNNING;
}

static void
close_session(struct session *s)
{
	control_client_free(s->client);
	signals_free(s->signals);
	loop_event_free(s->look);
	loop_event_free(s->answer_timer);
	loop_event_free(s->timeout);
	loop_event_free(s->tick);
	if (s->loop != NULL)
		loop_free(s->loop);
	json_decref(s->calls);
}

static void
begin_session(struct session *s)
{
	switch (s->options->task) {
	case SESSION_DRAIN:
		/*
		 * Subscribe first, so that no change is missed between the two.
		 */
		ask_command(s, CTLMSG_SUBSCRIBE);
		ask_command(s, CTLMSG_DRAIN);
		return;
	case SESSION_UNDRAIN:
		ask_command(s, CTLMSG_UNDRAIN);
		return;
	case SESSION_RELOAD:
		ask_command(s, CTLMSG_RELOAD);
		return;
	case SESSION_SESSIONS:
		ask_command(s, CTLMSG_SESSIONS);
		return;
	case SESSION_STATUS:
		if (s->options->json)
			ask_command(s, CTLMSG_CALLS);
		ask_command(s, CTLMSG_STATUS);
		return;
	}
}

int
session_run(const struct session_options *options)
{
	struct session s = {
		.options = options, .force_after_ms = options->force_after_ms
	};

	show_init(&s.show);
	s.status = open_session(&s);
	if (s.status == RUNNING)
		begin_session(&s);
	while (s.status == RUNNING)
		loop_run(s.loop);
	close_session(&s);
	return s.status;
}
