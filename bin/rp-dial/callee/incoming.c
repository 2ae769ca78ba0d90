/*
 * incoming: one call from its push to ANSWER or to the end. Uses call for what
 * both sides share. See incoming.h.
 */
#include "callee/incoming.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "call/call.h"
#include "call/reply.h"
#include "call/reply_early.h"
#include "conf/context.h"
#include "conf/names.h"
#include "conf/options.h"
#include "net/loop.h"
#include "net/resolve.h"
#include "who/account.h"
#include "who/switchnames.h"
#include "wire/why.h"

#define MEDIA_MS 500		/* ANSWER waits this long for media */

struct incoming {
	const struct dial_context *context;
	struct reply_push push;
	struct incoming_handlers handlers;
	void *arg;
	struct resolve *resolve;
	struct call *call;
	struct loop_event *ring;	/* the minimum ringing time */
	struct loop_event *media;	/* how long ANSWER waits for media */
	bool rung, agreed, secure;
	bool connecting;		/* by the addresses in the push */
	bool began;			/* media, by the push */
	bool described;			/* RING has our answer */
	const char *certified;		/* as in switchnames_certified */
	char out[PATH_MAX];		/* made from the pattern of --out */
};

static void
answer(struct incoming *in)
{
	if (call_send(in->call, SIGMSG_ANSWER, NULL, NULL, 0) < 0)
		call_end(in->call, OUTCOME_DROPPED, SIGMSG_HANGUP, "failed",
		    "ANSWER cannot be sent");
	else
		call_answered(in->call);
}

/*
 * Answer once media is up, so that audio starts at once. The caller knows only
 * one of our subscriber's devices until another answers; the others have no
 * media yet.
 */
static void
answer_if_ready(struct incoming *in)
{
	if (!in->rung || !in->agreed || call_state(in->call) != CALL_RINGING)
		return;
	if (in->secure)
		answer(in);
	else if (!loop_event_is_set(in->media))
		loop_timer_set_ms(in->media, MEDIA_MS);
}

static void
on_media_late(void *arg)
{
	struct incoming *in = arg;

	if (call_state(in->call) == CALL_RINGING)
		answer(in);
}

static void
on_rung(void *arg)
{
	struct incoming *in = arg;

	in->rung = true;
	answer_if_ready(in);
}

/* Is the session that of the push, by which RING has answered? */
static bool
is_pushed(const struct incoming *in, const struct reply *reply)
{
	return reply_early_is_offer(in->push.early, reply->offer) &&
	    (!reply->has_caller ||
	    strcmp(reply->caller, in->push.caller) == 0);
}

/* Send our answer to the caller's offer. */
static int
send_answer(struct incoming *in, const struct reply *reply)
{
	char text[SDP_MAX];
	ssize_t len;

	if (call_remote(in->call, reply->offer, strlen(reply->offer)) < 0)
		return 0;	/* the call was ended, with a reason */
	len = call_description(in->call, text, sizeof(text));
	if (len < 0)
		return (int)len;
	return call_send(in->call, SIGMSG_RING, "application/sdp", text,
	    (size_t)len);
}

/* Allocate at the relay and answer, unless that was done by the push. */
static int
join(struct incoming *in, struct reply *reply)
{
	int err = call_begin(in->call, reply);

	if (err < 0)
		return err;
	if (call_state(in->call) >= CALL_ENDING)
		return 0;	/* declined meanwhile; its session can say so */
	if (!in->described)
		return send_answer(in, reply);
	/* There is one answer to a call, and it was another offer's. */
	if (!is_pushed(in, reply))
		call_end(in->call, OUTCOME_INCOMPATIBLE, SIGMSG_HANGUP,
		    "not-acceptable", "the push had another offer or caller "
		    "than the session");
	return 0;
}

static void
ring(struct incoming *in, struct reply *reply)
{
	uint32_t ring_ms = in->context->options->ring_ms;
	int err;

	err = join(in, reply);
	if (err < 0) {
		call_end(in->call, OUTCOME_DROPPED, SIGMSG_HANGUP, "failed",
		    "%s", strerror(-err));
		return;
	}
	if (call_state(in->call) >= CALL_ENDING)
		return;
	call_ringing(in->call);
	if (in->context->options->decline) {
		incoming_decline(in);
		return;
	}
	loop_timer_set_ms(in->ring, ring_ms);
	in->handlers.ringing(in->call, in->arg);
}

/*
 * End the look-up: the race is won, or the call over. It is remembered if a
 * switch has answered.
 */
static void
end_lookup(struct incoming *in)
{
	struct addr proved;

	if (in->call != NULL &&
	    report_switch(call_report(in->call), &proved))
		resolve_keep(in->resolve, &proved);
	resolve_free(in->resolve);
	in->resolve = NULL;
}

static void
on_accepted(const struct sigmsg *msg, void *arg)
{
	struct incoming *in = arg;
	char why[WHY_TEXT];
	struct reply reply;
	int err;

	end_lookup(in);
	err = reply_parse(&reply, msg->body, msg->body_len, why);
	if (err == 0 && (reply.n_servers == 0 || reply.offer == NULL)) {
		why_set(why, "no offer or no iceServers");
		reply_clear(&reply);
		err = -EBADMSG;
	}
	if (err < 0) {
		call_end(in->call, OUTCOME_DROPPED, SIGMSG_HANGUP, NULL,
		    "the switch's answer: %s", why);
		return;
	}
	/* The push names the call's switch; the answer need not repeat it. */
	strcpy(reply.session, in->push.session);
	strcpy(reply.server_name, in->push.server_name);
	reply.port = in->push.port;
	if (reply.has_caller)
		strcpy(call_report(in->call)->caller, reply.caller);
	ring(in, &reply);
	reply_clear(&reply);
}

static void
on_request(const struct sigmsg *msg, void *arg)
{
	(void)msg;	/* RING and ANSWER are ours to send */
	(void)arg;
}

static void
on_secure(void *arg)
{
	struct incoming *in = arg;

	in->secure = true;
	answer_if_ready(in);
}

static void
on_ended(void *arg)
{
	struct incoming *in = arg;

	in->handlers.ended(in->call, in->arg);
}

/* Put our answer into RING, if media has begun by an offer in the push. */
static int
describe(struct incoming *in, struct sigmsg *ring, char text[static SDP_MAX])
{
	ssize_t len;

	if (!in->began || in->push.early->reply.offer == NULL)
		return 0;
	len = call_description(in->call, text, SDP_MAX);
	if (len < 0)
		return (int)len;
	strcpy(ring->content_type, "application/sdp");
	ring->body = text;
	ring->body_len = (size_t)len;
	in->described = true;
	if (in->agreed && in->context->options->ring_ms == 0)
		call_answer_at_once(in->call);
	return 0;
}

static int
connect_to(struct incoming *in, const struct resolve_answer *found)
{
	struct sigmsg first = { .method = SIGMSG_RING };
	char text[SDP_MAX];
	int err = describe(in, &first, text);

	if (err < 0)
		return err;
	report_step(call_report(in->call), REPORT_DNS);
	snprintf(first.target, sizeof(first.target), "/session/%s",
	    in->push.session);
	return call_connect(in->call, found, in->push.server_name,
	    in->certified, &first);
}

/* The addresses of the look-up join a race that runs already. */
static void
add_found(struct incoming *in, const struct resolve_answer *found)
{
	struct resolve_answer more = *found;

	if (found->err < 0)
		more.missing = found->why;
	call_add(in->call, &more);
}

static void
on_resolved(const struct resolve_answer *found, void *arg)
{
	struct incoming *in = arg;
	int err;

	if (in->connecting) {
		add_found(in, found);
		return;
	}
	if (found->err < 0) {
		call_end(in->call, OUTCOME_UNREACHABLE, SIGMSG_HANGUP, NULL,
		    "%s", found->why);
		return;
	}
	if (!found->first) {
		call_add(in->call, found);
		return;
	}
	err = connect_to(in, found);
	if (err < 0)
		call_end(in->call, OUTCOME_ERROR, SIGMSG_HANGUP, NULL, "%s",
		    strerror(-err));
}

/*
 * Begin by what the push says: media first, whose packets are on their way when
 * we connect. The addresses race beside those that the look-up will find.
 */
static int
start_early(struct incoming *in)
{
	const struct reply_early *early = in->push.early;
	struct resolve_answer found = { .first = true, .more = true };
	int err;

	if (early == NULL)
		return 0;
	err = call_early(in->call, early);
	in->began = err == 0;
	log_debug("early", "began=%d addresses=%zu error=\"%s\"", in->began,
	    early->n_addresses, strerror(-err));
	found.addrs = early->addresses;
	found.n = early->n_addresses;
	in->connecting = found.n > 0;
	return in->connecting ? connect_to(in, &found) : 0;
}

/* Make the name of this call's own file, if --out is a pattern. */
static int
choose_out(struct incoming *in, int64_t wall_s, char why[static WHY_TEXT])
{
	const struct names_call names = {
		in->push.session, in->push.caller, wall_s
	};
	int err;

	if (!names_is_pattern(in->context->options->out))
		return 0;
	err = names_make(in->out, in->context->options->out, &names);
	if (err < 0)
		why_set(why, "--out: %s", strerror(-err));
	return err;
}

static int
start_call(struct incoming *in, char why[static WHY_TEXT])
{
	static const struct call_handlers handlers = {
		.accepted = on_accepted,
		.request = on_request,
		.secure = on_secure,
		.ended = on_ended
	};
	const struct dial_context *c = in->context;
	struct call_options options = {
		.loop = c->loop,
		.account = c->account,
		.identity = c->identity,
		.tls = c->tls,
		.tickets = c->tickets,
		.in = c->options->in,
		.source = c->source,
		.live = c->options->live,
		.out = c->options->out,
		.handset = c->handset,
		.echo = c->options->echo,
		.duration_ms = c->options->duration_ms,
		.stats_ms = c->options->stats_ms
	};
	int64_t wall_s = clock_wall_s();
	struct report *report;
	int err = choose_out(in, wall_s, why);

	if (err == 0 && *in->out != '\0') {
		options.out = in->out;
		options.out_new = true;
	}
	if (err == 0)
		err = call_new(&in->call, &options, &handlers, in, why);
	if (err < 0)
		return err;
	report = call_report(in->call);
	report->start_wall_s = wall_s;	/* --json has the same time */
	strcpy(report->callee, c->account->number);
	strcpy(report->caller, in->push.caller);
	strcpy(report->session, in->push.session);
	strcpy(report->switch_name, in->push.server_name);
	in->certified = switchnames_certified(c->names, in->push.server_name);
	err = resolve_start(&in->resolve, c->loop, in->push.server_name,
	    in->push.port, c->resolve, on_resolved, in);
	if (err == 0)
		err = start_early(in);
	if (err < 0)
		why_set(why, "%s", strerror(-err));
	return err;
}

int
incoming_new(struct incoming **out, const struct dial_context *context,
    struct reply_push *push, bool ask,
    const struct incoming_handlers *handlers, void *arg,
    char why[static WHY_TEXT])
{
	struct incoming *in = calloc(1, sizeof(*in));
	int err = -ENOMEM;

	why_set(why, "out of memory");
	if (in == NULL)
		return -ENOMEM;
	in->context = context;
	in->push = *push;
	push->early = NULL;
	in->agreed = !ask;
	in->handlers = *handlers;
	in->arg = arg;
	in->ring = loop_timer_new(context->loop, on_rung, in);
	in->media = loop_timer_new(context->loop, on_media_late, in);
	if (in->ring != NULL && in->media != NULL)
		err = start_call(in, why);
	if (err < 0) {
		incoming_free(in);
		return err;
	}
	*out = in;
	return 0;
}

void
incoming_accept(struct incoming *in)
{
	in->agreed = in->rung = true;
	answer_if_ready(in);
}

void
incoming_decline(struct incoming *in)
{
	if (call_state(in->call) <= CALL_RINGING)
		call_end(in->call, OUTCOME_DECLINED, SIGMSG_HANGUP, "declined",
		    "%s", "");
}

void
incoming_cancelled(struct incoming *in)
{
	enum call_state state = call_state(in->call);

	if (state <= CALL_RINGING)
		call_end(in->call, state == CALL_RINGING ? OUTCOME_CANCELLED :
		    OUTCOME_OVER, SIGMSG_HANGUP, NULL, "%s", "");
}

bool
incoming_give_way(struct incoming *in, const struct reply_push *push)
{
	if (*push->caller == '\0' || !call_lost(in->call) ||
	    strcmp(push->caller, call_peer(in->call)) != 0)
		return false;
	/* If its switch lives, another device may too: cause no redial. */
	call_end(in->call, OUTCOME_MOVED, SIGMSG_HANGUP, "dropped", "%s", "");
	return true;
}

void
incoming_stop(struct incoming *in)
{
	if (call_state(in->call) <= CALL_RINGING)
		incoming_decline(in);
	else
		call_end(in->call, OUTCOME_COMPLETED, SIGMSG_HANGUP, "hung-up",
		    "%s", "");
}

const char *
incoming_session(const struct incoming *in)
{
	return in->push.session;
}

void
incoming_free(struct incoming *in)
{
	if (in == NULL)
		return;
	end_lookup(in);
	call_free(in->call);
	reply_push_clear(&in->push);
	loop_event_free(in->ring);
	loop_event_free(in->media);
	free(in);
}
