/*
 * call_events: the handlers of a call's parts; called by call. See
 * call_events.h.
 */
#include "call/call_events.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"

#define PRESENCE_CONTENT_TYPE "application/rp-presence"

void
call_events_talk(struct call *call)
{
	if (call->state.now != CALL_ANSWERED || !call->media.proven)
		return;
	callstate_talking(&call->state, call->options.duration_ms);
	call_signal_talked(&call->signal);
	call_watch_talking(&call->watch);
	call_media_talk(&call->media);
}

void
call_events_answered(struct call *call)
{
	if (call->signal.answered || callstate_over(&call->state))
		return;
	report_step(&call->report, REPORT_ANSWER);
	call_signal_answered(&call->signal);
	callstate_answered(&call->state);
	call_media_answered(&call->media);
	call_events_talk(call);
}

void
call_events_distrust(struct call *call, int err, const char *why)
{
	bool changed = call->report.known == IDENTITY_CHANGED ||
	    call->report.known == IDENTITY_EXPIRED;
	enum outcome outcome = err != -EACCES ? OUTCOME_ERROR :
	    changed ? OUTCOME_IDENTITY : OUTCOME_UNVERIFIED;

	callstate_end(&call->state, outcome, SIGMSG_HANGUP,
	    err == -EACCES ? "identity" : "failed", why);
}

/*
 * End a call whose other side is gone. The caller dials again, because the other
 * side may be back by then, and the callee waits for that.
 */
static void
end_peer_gone(struct call *call)
{
	callstate_end(&call->state, OUTCOME_MOVED, SIGMSG_HANGUP, "failed",
	    "the other side is gone");
}

/* End the call if a function of call_restart says so. */
static void
end_by_restart(struct call *call, int err)
{
	if (err == -ETIMEDOUT)
		end_peer_gone(call);
	else if (err == -EACCES)
		callstate_end(&call->state, OUTCOME_UNVERIFIED, SIGMSG_HANGUP,
		    "identity", "another certificate in mid-call: somebody may "
		    "be in the middle");
}

/* A call that went well otherwise may have sounded too bad. */
static void
check_quality(struct call *call)
{
	const struct media_stats *m = &call->report.media;
	double mos = media_stats_worse(m);
	char why[WHY_TEXT];

	if (call->state.outcome != OUTCOME_COMPLETED ||
	    mos >= call->options.min_mos)
		return;
	why_set(why, "MOS %.2f%s is below %.2f", mos, mos < m->mos ?
	    " at the other side" : "", call->options.min_mos);
	callstate_overrule(&call->state, OUTCOME_QUALITY, why);
}

/* Of a call that went well otherwise something may not have been written. */
static void
check_outputs(struct call *call)
{
	enum outcome outcome = call->state.outcome;
	char why[WHY_TEXT];

	if ((call_media_finish(&call->media, why) < 0 ||
	    stats_lines_error(call->stats, why) < 0) &&
	    (outcome == OUTCOME_COMPLETED || outcome == OUTCOME_QUALITY))
		callstate_overrule(&call->state, OUTCOME_ERROR, why);
	call->report.outcome = call->state.outcome;
}

/* A call that nobody talked in has nothing to compare. */
static void
check_words(struct call *call, uint64_t now_ns)
{
	if (call->signal.talked)
		call_media_miss_words(&call->media, (now_ns -
		    call->report.step_ns[REPORT_ANSWER]) / CLOCK_MS);
}

/* Complete the report, the first time, and close media, which is in it. */
static void
complete_report(struct call *call)
{
	struct report *report = &call->report;

	if (report->end_ns != 0)
		return;
	report->end_ns = clock_ns();
	check_words(call, report->end_ns);
	if (call->signal.answered) {
		call_media_stats(&call->media, &report->media);
		report->has_media = true;
	}
	call_media_close(&call->media);
	check_quality(call);
	report->outcome = call->state.outcome;
}

static void
on_ending(void *arg)
{
	struct call *call = arg;
	const struct callstate *state = &call->state;

	complete_report(call);
	call_watch_stop(&call->watch);
	if (call->signal.leg == NULL || *state->reason == '\0')
		callstate_finish(&call->state);
	else if (!call->signal.has_session)
		callstate_await_session(&call->state);
	else
		/* A caller who dials again must not wait for a lost switch. */
		call_signal_finish(&call->signal, state->goodbye,
		    state->reason, state->outcome != OUTCOME_MOVED);
}

static void
on_finished(void *arg)
{
	struct call *call = arg;

	callstate_finish(&call->state);
}

/*
 * A finished call may be kept for its report. It must not call back any more,
 * and its connection would keep resuming by itself.
 */
static void
on_ended(void *arg)
{
	struct call *call = arg;

	call_signal_close(&call->signal);
	check_outputs(call);
	call->handlers.ended(call->arg);
}

/*
 * The events that media reports.
 */

static void
on_secure(void *arg)
{
	struct call *call = arg;
	char why[WHY_TEXT];
	int err;

	if (callstate_over(&call->state))
		return;
	err = call_media_prove(&call->media, why);
	if (err < 0) {
		call_events_distrust(call, err, why);
		return;
	}
	call->handlers.secure(call->arg);
	call_events_talk(call);
}

static void
on_media_info(const char *content_type, const char *body, size_t len,
    void *arg)
{
	struct call *call = arg;

	if (!callstate_over(&call->state))
		(void)call_signal_send(&call->signal, SIGMSG_INFO,
		    content_type, body, len);
}

static void
on_in_ended(uint32_t rtt_ms, void *arg)
{
	struct call *call = arg;

	if (call->state.now == CALL_TALKING && call->options.caller &&
	    call->options.duration_ms == 0)
		callstate_said_all(&call->state, rtt_ms);
}

static void
on_media_failed(int err, const char *why, void *arg)
{
	struct call *call = arg;
	char text[WHY_TEXT];

	if (callstate_over(&call->state))
		return;
	if (err == -EACCES) {
		why_set(text, "%s: somebody may be in the middle", why);
		callstate_end(&call->state, OUTCOME_UNVERIFIED, SIGMSG_HANGUP,
		    "identity", text);
		return;
	}
	if (err == MEDIA_LOCAL) {
		/* For the other side it is a hang-up like any other. */
		callstate_end(&call->state, OUTCOME_ERROR, SIGMSG_HANGUP,
		    "hung-up", why);
		return;
	}
	/* Neither the switch nor its relay answers: see presence_tick. */
	if (err == -ETIMEDOUT && call_watch_is_away(&call->watch)) {
		callstate_end(&call->state, OUTCOME_MOVED, SIGMSG_HANGUP, NULL,
		    call_watch_why(&call->watch));
		return;
	}
	if (err == -ETIMEDOUT && call->state.now == CALL_TALKING) {
		end_peer_gone(call);
		return;
	}
	why_set(text, "media: %s", why);
	callstate_lost(&call->state, text);
}

/*
 * The events that signalling reports.
 */

static void
on_accepted(const struct sigmsg *msg, void *arg)
{
	struct call *call = arg;

	call->handlers.accepted(msg, call->arg);
	/* A call that was cancelled meanwhile has a session to hang up now. */
	callstate_has_session(&call->state);
}

static void
on_request(const struct sigmsg *msg, void *arg)
{
	struct call *call = arg;

	if (!callstate_over(&call->state))
		call->handlers.request(msg, call->arg);
}

/* A call that asks nobody is answered with its first request. */
static void
on_asked(void *arg)
{
	struct call *call = arg;

	if (callstate_over(&call->state) || !call->signal.at_once)
		return;
	report_step(&call->report, REPORT_RING);
	call_events_answered(call);
}

static bool
says(const struct sigmsg *msg, const char *word)
{
	return msg->body_len == strlen(word) &&
	    memcmp(msg->body, word, msg->body_len) == 0;
}

/* A word that we don't know changes nothing. */
static void
take_presence(struct call *call, const struct sigmsg *msg)
{
	bool away = says(msg, "away");

	if (away == call->peer_away || (!away && !says(msg, "back")))
		return;
	call->peer_away = away;
	log_info(away ? "peer_away" : "peer_back", "state=%d",
	    (int)call->state.now);
}

static void
on_info(const struct sigmsg *msg, void *arg)
{
	struct call *call = arg;
	char why[WHY_TEXT];
	int err;

	if (callstate_over(&call->state))
		return;
	if (strcmp(msg->content_type, PRESENCE_CONTENT_TYPE) == 0) {
		take_presence(call, msg);
		return;
	}
	if (strcmp(msg->content_type, CALL_RESTART_CONTENT_TYPE) == 0) {
		end_by_restart(call, call_restart_described(&call->restart,
		    msg));
		return;
	}
	if (strcmp(msg->content_type, CALL_RESTART_REFUSAL_TYPE) == 0) {
		call_restart_refused(&call->restart, msg);
		return;
	}
	err = call_media_info(&call->media, msg, call->signal.answered, why);
	if (err < 0)
		call_events_distrust(call, err, why);
}

static void
on_away(void *arg)
{
	struct call *call = arg;

	if (callstate_over(&call->state))
		return;
	call_watch_away(&call->watch);
	call_restart_away(&call->restart);
	log_debug("signalling_broken", "state=%d", (int)call->state.now);
}

static void
on_back(const struct sigmsg *msg, void *arg)
{
	struct call *call = arg;

	if (callstate_over(&call->state))
		return;
	call_watch_back(&call->watch);
	log_debug("signalling_resumed", "state=%d status=%d",
	    (int)call->state.now, msg->status);
	call_restart_answered(&call->restart, msg);
}

/* A refused INFO is of no use to a restart. */
static void
on_info_refused(const struct sigmsg *msg, void *arg)
{
	struct call *call = arg;

	if (!callstate_over(&call->state))
		call_restart_answered(&call->restart, msg);
}

static void
on_missed(int err, void *arg)
{
	struct call *call = arg;

	if (!callstate_over(&call->state))
		call_watch_missed(&call->watch, err);
}

/*
 * Restart media after a change of the network. Signalling may still stand over
 * the other address family while media does not. If it broke, its RESUME
 * follows.
 */
static void
on_moved(void *arg)
{
	struct call *call = arg;

	if (callstate_over(&call->state)) {
		/* The goodbye may need another connection. */
		if (call->signal.leg != NULL)
			(void)call_signal_stands(&call->signal);
		return;
	}
	log_debug("network_changed", "state=%d", (int)call->state.now);
	if (call_signal_stands(&call->signal))
		end_by_restart(call, call_restart_moved(&call->restart));
}

static void
on_over(enum outcome outcome, const char *why, void *arg)
{
	struct call *call = arg;

	callstate_end(&call->state, outcome, SIGMSG_HANGUP, NULL, why);
}

/*
 * The events that the watch reports.
 */

static void
on_tick(void *arg)
{
	struct call *call = arg;

	if (callstate_over(&call->state))
		return;
	check_words(call, clock_ns());
	end_by_restart(call, call_restart_tick(&call->restart));
}

static void
on_gone(void *arg)
{
	struct call *call = arg;

	callstate_end(&call->state, OUTCOME_MOVED, SIGMSG_HANGUP, NULL,
	    call_watch_why(&call->watch));
}

static int
init_state(struct call *call)
{
	static const struct callstate_handlers handlers = {
		.ending = on_ending,
		.ended = on_ended
	};

	return callstate_init(&call->state, call->options.loop, &handlers,
	    call);
}

static int
init_media(struct call *call, char why[static WHY_TEXT])
{
	static const struct call_media_handlers handlers = {
		.secure = on_secure,
		.info = on_media_info,
		.in_ended = on_in_ended,
		.failed = on_media_failed
	};

	return call_media_init(&call->media, &call->options, &call->report,
	    &handlers, call, why);
}

static void
init_signal(struct call *call)
{
	static const struct call_signal_handlers handlers = {
		.accepted = on_accepted,
		.asked = on_asked,
		.request = on_request,
		.info = on_info,
		.away = on_away,
		.back = on_back,
		.info_refused = on_info_refused,
		.missed = on_missed,
		.moved = on_moved,
		.over = on_over,
		.finished = on_finished
	};

	call_signal_init(&call->signal, &call->options, &call->report,
	    &handlers, call);
}

static int
init_watch(struct call *call)
{
	static const struct call_watch_handlers handlers = {
		.tick = on_tick,
		.gone = on_gone
	};

	return call_watch_init(&call->watch, &call->options, &call->media,
	    &handlers, call);
}

int
call_events_init(struct call *call, char why[static WHY_TEXT])
{
	int err;

	report_init(&call->report);
	init_signal(call);
	call_restart_init(&call->restart, &call->media, &call->signal,
	    &call->watch);
	err = init_state(call);
	if (err == 0)
		err = init_watch(call);
	if (err == 0)
		err = init_media(call, why);
	if (err == 0 && call->options.stats_ms != 0)
		err = stats_lines_new(&call->stats, call->options.loop,
		    call->options.stats_ms, &call->report, &call->media);
	return err;
}

void
call_events_clear(struct call *call)
{
	stats_lines_free(call->stats);
	call_signal_close(&call->signal);
	call_media_clear(&call->media);
	callstate_clear(&call->state);
	call_watch_clear(&call->watch);
	report_clear(&call->report);
}
