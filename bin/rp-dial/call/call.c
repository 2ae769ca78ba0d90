/*
 * call: the states of a call, with deadlines, media and the words, common to
 * dial and incoming. Its parts are call_media, call_restart, call_signal and
 * call_watch.
 */
#include "call/call_private.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "call/leg.h"
#include "call/reply.h"
#include "media/media.h"
#include "net/loop.h"
#include "net/netwatch.h"
#include "wire/sdp.h"
#include "wire/why.h"

#define PATIENCE_MS 180000	/* the switch stops ringing before that */
#define MEDIA_MS 15000		/* ANSWER to secure media */
#define CANCEL_MS 1500 /* wait for the session id of a cancelled call */

void
call_set_deadline(struct call *call, uint32_t ms)
{
	loop_timer_set_ms(call->deadline, ms);
}

void
call_talk_if_ready(struct call *call)
{
	if (call->state != CALL_ANSWERED || !call->secure)
		return;
	call->state = CALL_TALKING;
	loop_event_stop(call->deadline);
	if (call->options.duration_ms != 0)
		call_set_deadline(call, call->options.duration_ms);
	media_unmute(call->media);
	trust_talking(&call->trust, call_peer(call));
}

/*
 * Time and the end.
 */

/*
 * A finished call may be kept for its report. It must not call back any more,
 * and its connection would keep resuming by itself.
 */
static void
on_finished(void *arg)
{
	struct call *call = arg;

	call->state = CALL_ENDED;
	netwatch_free(call->netwatch);
	call->netwatch = NULL;
	leg_free(call->leg);
	call->leg = NULL;
	loop_event_stop(call->deadline);
	loop_event_stop(call->gone);
	if (call->watch != NULL)
		loop_event_stop(call->watch);
	call->handlers.ended(call->arg);
}

static void
end_of_patience(struct call *call)
{
	switch (call->state) {
	case CALL_CALLING:
	case CALL_RINGING:
		call_end(call, OUTCOME_NO_ANSWER, SIGMSG_HANGUP, "cancelled",
		    "%s", "");
		break;
	case CALL_ANSWERED:
		call_end(call, OUTCOME_DROPPED, SIGMSG_HANGUP, "failed",
		    "answered, but no media came through in time");
		break;
	case CALL_TALKING:
		call_end(call, OUTCOME_COMPLETED, SIGMSG_HANGUP, "hung-up",
		    "%s", "");
		break;
	case CALL_ENDING:
		on_finished(call);
		break;
	case CALL_ENDED:
		break;
	}
}

static void
on_deadline(void *arg)
{
	struct call *call = arg;

	if (!call_over(call) && *call->lost != '\0')
		call_end(call, OUTCOME_DROPPED, SIGMSG_HANGUP, "failed", "%s",
		    call->lost);
	else
		end_of_patience(call);
}

static void
measure(struct call *call)
{
	struct report *report = &call->report;

	if (report->end_ns != 0)
		return;
	report->end_ns = clock_ns();
	if (call->answered && call->media != NULL) {
		media_stats(call->media, &report->media);
		report->has_media = true;
	}
	media_free(call->media);
	call->media = NULL;
	if (report->outcome != OUTCOME_COMPLETED ||
	    report->media.mos >= call->options.min_mos)
		return;
	report->outcome = OUTCOME_QUALITY;
	why_set(call->why, "MOS %.2f is below %.2f",
	    report->media.mos, call->options.min_mos);
}

/*
 * Called from the loop, so that no caller of call_end has the call freed under
 * it.
 */
static void
on_finish(void *arg)
{
	struct call *call = arg;

	measure(call);
	if (call->leg == NULL || *call->reason == '\0') {
		on_finished(call);
		return;
	}
	if (!call->has_session) {
		/* on_first comes back here with the session. */
		call_set_deadline(call, CANCEL_MS);
		return;
	}
	loop_event_stop(call->deadline);
	leg_finish(call->leg, call->goodbye, call->reason, on_finished);
}

void
call_end(struct call *call, enum outcome outcome, enum sigmsg_method method,
    const char *reason, const char *why, ...)
{
	va_list ap;

	if (call_over(call))
		return;
	call->state = CALL_ENDING;
	call->report.outcome = outcome;
	call->goodbye = method;
	snprintf(call->reason, sizeof(call->reason), "%s",
	    reason != NULL ? reason : "");
	va_start(ap, why);
	vsnprintf(call->why, WHY_TEXT, why, ap);
	va_end(ap);
	loop_event_stop(call->deadline);
	loop_event_soon(call->finish);
}

void
call_distrust(struct call *call, int err, const char *why)
{
	enum outcome outcome = err != -EACCES ? OUTCOME_ERROR :
	    call->report.known == IDENTITY_CHANGED ? OUTCOME_IDENTITY :
	    OUTCOME_UNVERIFIED;

	call_end(call, outcome, SIGMSG_HANGUP, err == -EACCES ? "identity" :
	    "failed", "%s", why);
}

/*
 * What the two sides do.
 */

/*
 * Reveal our nonce, which the words need. The callee's can no longer depend on
 * it.
 */
static void
reveal(struct call *call)
{
	char text[VERIFY_REVEAL];

	if (verify_reveal(&call->trust.verify, text) == 0)
		(void)call_send(call, SIGMSG_INFO, VERIFY_CONTENT_TYPE, text,
		    strlen(text));
}

int
call_new(struct call **out, const struct call_options *options,
    const struct call_handlers *handlers, void *arg, char why[static WHY_TEXT])
{
	struct call *call = calloc(1, sizeof(*call));
	int err = -ENOMEM;

	why_set(why, "out of memory");
	if (call == NULL)
		return -ENOMEM;
	call->options = *options;
	call->handlers = *handlers;
	call->arg = arg;
	restart_init(&call->restart);
	presence_init(&call->presence, options->caller);
	report_init(&call->report);
	call->deadline = loop_timer_new(options->loop, on_deadline, call);
	call->finish = loop_timer_new(options->loop, on_finish, call);
	call->gone = loop_timer_new(options->loop, call_judge, call);
	if (call->deadline != NULL && call->finish != NULL &&
	    call->gone != NULL)
		err = trust_init(&call->trust, options->caller,
		    options->identity, options->account, &call->report);
	if (err == 0)
		err = call_media_open(call, why);
	if (err < 0) {
		call_free(call);
		return err;
	}
	call_set_deadline(call, PATIENCE_MS);
	*out = call;
	return 0;
}

ssize_t
call_description(const struct call *call, char *text, size_t text_max)
{
	struct sdp extra = { .has_commit = false };

	if (call->media == NULL)
		return -ENOTCONN;
	verify_describe(&call->trust.verify, &extra);
	return media_description(call->media, &extra, text, text_max);
}

int
call_begin(struct call *call, struct reply *reply)
{
	leg_session(call->leg, reply->session, reply->server_name,
	    reply->port);
	call->has_session = true;
	if (*reply->server_name != '\0')
		snprintf(call->report.switch_name,
		    sizeof(call->report.switch_name), "%s",
		    reply->server_name);
	if (call_over(call))
		return 0;
	if (call->watch == NULL && call_watch(call) < 0)
		return -ENOMEM;
	call_reach(call, reply);
	call_relay(call, &reply->servers[0].addr);
	return media_server(call->media, reply->servers, reply->n_tries);
}

static int
describe_peer(struct call *call, const struct sdp *remote)
{
	if (!call->described)
		return media_remote(call->media, remote);
	trust_forget(&call->trust);
	call->secure = false;
	return media_replace(call->media, remote);
}

int
call_remote(struct call *call, const char *text, size_t len)
{
	char why[WHY_TEXT];
	struct sdp remote;
	int err;

	if (call_over(call))
		return -ECANCELED;
	err = sdp_parse(&remote, text, len, why);
	if (err == 0 && call->described &&
	    strcmp(remote.ufrag, call->peer_ufrag) == 0)
		return 0;	/* repeated after a RESUME */
	if (err == 0) {
		err = describe_peer(call, &remote);
		why_set(why, "%s", strerror(-err));
	}
	if (err < 0) {
		call_end(call, OUTCOME_DROPPED, SIGMSG_HANGUP, "failed",
		    "the other side's description: %s", why);
		return err;
	}
	call->described = true;
	strcpy(call->peer_ufrag, remote.ufrag);
	err = trust_described(&call->trust, call_peer(call), &remote, why);
	if (err < 0)
		call_distrust(call, err, why);
	return err;
}

int
call_send(struct call *call, enum sigmsg_method method,
    const char *content_type, const char *body, size_t len)
{
	int err = call_over(call) ? -ENOTCONN : leg_send(call->leg, method,
	    NULL, content_type, body, len);

	if (err < 0)
		log_debug("not_sent", "method=%s error=\"%s\"",
		    sigmsg_method_name(method), strerror(-err));
	return err;
}

void
call_ringing(struct call *call)
{
	report_step(&call->report, REPORT_RING);
	if (call->state == CALL_CALLING)
		call->state = CALL_RINGING;
}

void
call_answered(struct call *call)
{
	if (call->answered || call_over(call))
		return;
	report_step(&call->report, REPORT_ANSWER);
	call->answered = true;
	call->state = CALL_ANSWERED;
	call_set_deadline(call, MEDIA_MS);
	reveal(call);
	call_talk_if_ready(call);
}

enum call_state
call_state(const struct call *call)
{
	return call->state;
}

struct report *
call_report(struct call *call)
{
	return &call->report;
}

const char *
call_why(const struct call *call)
{
	return call->why;
}

void
call_stats(const struct call *call, struct media_stats *out)
{
	memset(out, 0, sizeof(*out));
	if (call->media != NULL)
		media_stats(call->media, out);
}

bool
call_placed(const struct call *call)
{
	return call->options.caller;
}

const char *
call_peer(const struct call *call)
{
	return call->options.caller ? call->report.callee :
	    call->report.caller;
}

void
call_free(struct call *call)
{
	if (call == NULL)
		return;
	netwatch_free(call->netwatch);
	leg_free(call->leg);
	media_free(call->media);
	loop_event_free(call->deadline);
	loop_event_free(call->finish);
	loop_event_free(call->watch);
	loop_event_free(call->gone);
	trust_clear(&call->trust);
	report_clear(&call->report);
	free(call);
}
