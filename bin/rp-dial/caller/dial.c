/*
 * dial: the caller's side of a call: resolve, race, INITIATE, dial again if
 * the switch dies. Uses call for the rest. See dial.h.
 */
#include "caller/dial.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/backoff.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/tool.h"
#include "call/call.h"
#include "call/conclude.h"
#include "call/live.h"
#include "call/phone.h"
#include "call/reply.h"
#include "call/source.h"
#include "call/stops.h"
#include "conf/context.h"
#include "conf/options.h"
#include "net/loop.h"
#include "net/resolve.h"
#include "wire/sdp.h"
#include "wire/why.h"

#define REDIALS 5		/* after the switch moved the call, or died */
#define REDIAL_MS 50		/* spreads many callers' first attempts */
#define OFFLINE_MS 500		/* no attempt without a network: check again */
#define OFFLINE_LOOKS 120	/* for a minute, while a user waits */

struct dial {
	const struct dial_context *context;
	struct resolve *resolve;
	struct call *call;
	struct call *moved;	/* interrupted by its switch; redialled */
	struct loop_event *redial;
	unsigned redials, offline_looks;
	bool dns_told;		/* that DNS fails; each redial asks again */
	struct backoff backoff;
	uint32_t duration_ms;	/* remaining of the requested duration */
	struct live *live;
	struct audio_in *source;	/* of --in, or NULL */
	struct phone *phone;
	struct stops *stops;
	int status;
};

/*
 * End the look-up: the race is won, or the call over. No address is needed. It
 * is remembered if a switch has answered.
 */
static void
end_lookup(struct dial *d)
{
	struct addr proved;

	if (report_switch(call_report(d->call), &proved))
		resolve_keep(d->resolve, &proved);
	resolve_free(d->resolve);
	d->resolve = NULL;
}

static void
on_accepted(const struct sigmsg *msg, void *arg)
{
	struct dial *d = arg;
	char why[WHY_TEXT];
	struct reply reply;
	int err;

	end_lookup(d);
	err = reply_parse(&reply, msg->body, msg->body_len, why);
	if (err == 0)
		strcpy(call_report(d->call)->session, reply.session);
	if (err == 0 && (*reply.session == '\0' || reply.n_servers == 0)) {
		why_set(why, "no sessionId or no iceServers");
		err = -EBADMSG;
	}
	if (err < 0) {
		call_end(d->call, OUTCOME_DROPPED, SIGMSG_HANGUP, NULL,
		    "the switch's answer: %s", why);
		return;
	}
	err = call_begin(d->call, &reply);
	if (err < 0)
		call_end(d->call, OUTCOME_DROPPED, SIGMSG_HANGUP, "failed",
		    "relay: %s", strerror(-err));
	reply_clear(&reply);
}

static void
on_request(const struct sigmsg *msg, void *arg)
{
	struct dial *d = arg;

	/*
	 * Take no description after ANSWER, because its sender could know the
	 * nonce that we reveal then.
	 */
	if (msg->method == SIGMSG_RING && call_state(d->call) < CALL_ANSWERED) {
		if (call_state(d->call) == CALL_CALLING)
			phone_ring(d->phone);
		call_ringing(d->call);
		if (msg->body_len > 0)
			(void)call_remote(d->call, msg->body, msg->body_len);
	}
	if (msg->method != SIGMSG_ANSWER)
		return;
	if (call_state(d->call) < CALL_ANSWERED)
		phone_quiet(d->phone);
	call_answered(d->call);
}

static void
on_secure(void *arg)
{
	(void)arg;	/* audio waits for ANSWER */
}

/* Follow this call at the terminal, or none. */
static void
show_call(struct dial *d, struct call *call)
{
	live_watch(d->live, call);
	phone_watch(d->phone, call);
}

static void
conclude(struct dial *d, struct call *call)
{
	phone_watch(d->phone, NULL);
	d->status = conclude_call(call, d->context->options,
	    d->context->account, d->live);
	loop_stop(d->context->loop);
}

/* Return whether duration is left, after subtracting the time talked. */
static bool
wants_more(struct dial *d, const struct report *report)
{
	uint64_t answered_ns = report->step_ns[REPORT_ANSWER];
	uint64_t talked_ms = answered_ns == 0 ? 0 :
	    (report->end_ns - answered_ns) / CLOCK_MS;

	if (d->context->options->duration_ms == 0)
		return true;
	if (talked_ms >= d->duration_ms)
		return false;
	d->duration_ms -= (uint32_t)talked_ms;
	return true;
}

/*
 * Return whether a redial was too early. No switch was there, or the callee is
 * still in the interrupted call, because the news of its end takes another way
 * than the next call's push.
 */
static bool
is_too_early(const struct dial *d, enum outcome outcome)
{
	return d->moved != NULL && d->redials < REDIALS &&
	    (outcome == OUTCOME_UNREACHABLE || outcome == OUTCOME_REFUSED ||
	    outcome == OUTCOME_BUSY);
}

static void
redial_in(struct dial *d, uint32_t ms)
{
	loop_timer_set_ms(d->redial, ms);
}

static void
dial_again(struct dial *d)
{
	redial_in(d, d->redials++ == 0 ? crypto_random_between(0, REDIAL_MS) :
	    backoff_next_ms(&d->backoff));
}

/*
 * Dial again if the switch shut down ("moved") or died: elsewhere, or at its
 * successor. Do so too if the other side is gone. The call is lost only if
 * there is no switch, or nobody answers.
 */
static void
on_ended(void *arg)
{
	struct dial *d = arg;
	const struct report *report = call_report(d->call);
	bool reached = report->outcome != OUTCOME_UNREACHABLE &&
	    report->outcome != OUTCOME_REFUSED &&
	    report->outcome != OUTCOME_NO_ANSWER;

	end_lookup(d);
	if (report->outcome == OUTCOME_MOVED && d->redials < REDIALS &&
	    wants_more(d, report)) {
		show_call(d, NULL);
		call_free(d->moved);
		d->moved = d->call;
		d->call = NULL;
		dial_again(d);
	} else if (is_too_early(d, report->outcome)) {
		show_call(d, NULL);
		call_free(d->call);
		d->call = NULL;
		dial_again(d);
	} else if (d->moved == NULL || reached) {
		conclude(d, d->call);
	} else {
		conclude(d, d->moved);
	}
}

/* Begin the call with the first addresses of the look-up. */
static int
connect_to(struct dial *d, const struct resolve_answer *found)
{
	struct sigmsg initiate = { .method = SIGMSG_INITIATE };
	char offer[SDP_MAX];
	ssize_t len;

	report_step(call_report(d->call), REPORT_DNS);
	snprintf(initiate.target, sizeof(initiate.target), "/session/%s",
	    d->context->options->callee);
	strcpy(initiate.content_type, "application/sdp");
	len = call_description(d->call, offer, sizeof(offer));
	if (len < 0)
		return (int)len;
	initiate.body = offer;
	initiate.body_len = (size_t)len;
	return call_connect(d->call, found, d->context->switch_name,
	    d->context->switch_name, &initiate);
}

static void
on_resolved(const struct resolve_answer *found, void *arg)
{
	struct dial *d = arg;
	int err;

	if (found->err < 0) {
		call_end(d->call, OUTCOME_UNREACHABLE, SIGMSG_HANGUP, NULL,
		    "%s", found->why);
		return;
	}
	if (found->why != NULL && !d->dns_told) {
		tool_warn(d->context->switch_name, "%s", found->why);
		d->dns_told = true;
	}
	if (!found->first) {
		call_add(d->call, found);
		return;
	}
	err = connect_to(d, found);
	if (err < 0)
		call_end(d->call, OUTCOME_ERROR, SIGMSG_HANGUP, NULL, "%s",
		    strerror(-err));
}

static void
on_signal(void *arg)
{
	struct dial *d = arg;

	if (d->call == NULL)	/* between two calls */
		conclude(d, d->moved);
	else if (call_state(d->call) == CALL_TALKING)
		call_end(d->call, OUTCOME_COMPLETED, SIGMSG_HANGUP, "hung-up",
		    "%s", "");
	else
		call_end(d->call, OUTCOME_CANCELLED, SIGMSG_HANGUP,
		    "cancelled", "%s", "");
}

static int
start_call(struct dial *d, char why[static WHY_TEXT])
{
	static const struct call_handlers handlers = {
		.accepted = on_accepted,
		.request = on_request,
		.secure = on_secure,
		.ended = on_ended
	};
	const struct dial_context *c = d->context;
	struct call_options options = {
		.loop = c->loop,
		.account = c->account,
		.identity = c->identity,
		.tls = c->tls,
		.tickets = c->tickets,
		.caller = true,
		.source = d->source,
		.live = c->options->live,
		.out = c->options->out,
		.handset = c->handset,
		.duration_ms = d->duration_ms,
		.min_mos = c->options->min_mos,
		.stats_ms = c->options->stats_ms
	};
	int err;

	err = call_new(&d->call, &options, &handlers, d, why);
	if (err < 0)
		return err;
	snprintf(call_report(d->call)->callee, SIGMSG_NUMBER, "%s",
	    c->options->callee);
	snprintf(call_report(d->call)->switch_name,
	    sizeof(call_report(d->call)->switch_name), "%s", c->switch_name);
	err = resolve_start(&d->resolve, c->loop, c->switch_name,
	    c->switch_port, c->resolve, on_resolved, d);
	if (err < 0)
		why_set(why, "%s", strerror(-err));
	return err;
}

static void
on_redial(void *arg)
{
	struct dial *d = arg;
	char why[WHY_TEXT];

	if (!call_online(d->moved) && d->offline_looks++ < OFFLINE_LOOKS) {
		redial_in(d, OFFLINE_MS);
		return;
	}
	if (start_call(d, why) < 0) {
		tool_warn(d->context->options->callee, "%s", why);
		call_free(d->call);
		d->call = NULL;
		conclude(d, d->moved);
		return;
	}
	show_call(d, d->call);
}

/* Offer keys and tones. The call works without them. */
static void
start_phone(struct dial *d)
{
	static const struct phone_handlers handlers = { .quit = on_signal };
	const struct phone_options options = { d->context->handset, d->live };

	(void)phone_new(&d->phone, d->context->loop, &options, &handlers, d);
}

static int
start_dial(struct dial *d, char why[static WHY_TEXT])
{
	int err;

	d->redial = loop_timer_new(d->context->loop, on_redial, d);
	if (d->redial == NULL ||
	    stops_new(&d->stops, d->context->loop, on_signal, d) < 0) {
		why_set(why, "%s", strerror(ENOMEM));
		return -ENOMEM;
	}
	err = start_call(d, why);
	if (err < 0)
		return err;
	/* The figures are for programs: no line of ours between them. */
	if (d->context->options->stats_ms == 0)
		(void)live_new(&d->live, d->context->loop);
	start_phone(d);
	show_call(d, d->call);
	return 0;
}

int
dial_run(const struct dial_context *context)
{
	struct dial d = {
		.context = context,
		.backoff = { 250, 4000, 0 },
		.duration_ms = context->options->duration_ms,
		.status = 1
	};
	char why[WHY_TEXT];

	if (source_open(&d.source, context->options, false) < 0)
		return d.status;
	if (start_dial(&d, why) < 0)
		tool_warn(context->options->callee, "%s", why);
	else
		loop_run(context->loop);
	phone_free(d.phone);
	live_free(d.live);
	resolve_free(d.resolve);
	call_free(d.call);
	call_free(d.moved);
	source_close(d.source);
	loop_event_free(d.redial);
	stops_free(d.stops);
	return d.status;
}
