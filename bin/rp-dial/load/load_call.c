/* load_call: look-up, INITIATE, and the end. See load_call.h. */
#include "load/load_call.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call/call.h"
#include "call/reply.h"
#include "conf/options.h"
#include "load/load_list.h"
#include "net/resolve.h"
#include "wire/sdp.h"

struct load_call {
	struct load_pair *pair;
	struct resolve *resolve;
	struct call *call;
	load_call_ended *ended;
	void *arg;
};

static void
end_lookup(struct load_call *c)
{
	resolve_free(c->resolve);
	c->resolve = NULL;
}

static void
on_accepted(const struct sigmsg *msg, void *arg)
{
	struct load_call *c = arg;
	char why[WHY_TEXT];
	struct reply reply;
	int err;

	end_lookup(c);
	err = reply_parse(&reply, msg->body, msg->body_len, why);
	if (err < 0) {
		call_end(c->call, OUTCOME_DROPPED, SIGMSG_HANGUP, NULL,
		    "the switch's answer: %s", why);
		return;
	}
	strcpy(call_report(c->call)->session, reply.session);
	err = *reply.session == '\0' || reply.n_servers == 0 ? -EBADMSG :
	    call_begin(c->call, &reply);
	if (err < 0)
		call_end(c->call, OUTCOME_DROPPED, SIGMSG_HANGUP, "failed",
		    "relay: %s", strerror(-err));
	reply_clear(&reply);
}

static void
on_request(const struct sigmsg *msg, void *arg)
{
	struct load_call *c = arg;

	/* No description after ANSWER, as in dial. */
	if (msg->method == SIGMSG_RING && call_state(c->call) < CALL_ANSWERED) {
		call_ringing(c->call);
		if (msg->body_len > 0)
			(void)call_remote(c->call, msg->body, msg->body_len);
	}
	if (msg->method == SIGMSG_ANSWER)
		call_answered(c->call);
}

static void
on_secure(void *arg)
{
	(void)arg;	/* audio waits for ANSWER */
}

static void
on_ended(void *arg)
{
	struct load_call *c = arg;

	end_lookup(c);
	c->ended(c, c->arg);
}

/* Begin the call with the first addresses of the look-up. */
static int
connect_to(struct load_call *c, const struct resolve_answer *found)
{
	struct sigmsg initiate = { .method = SIGMSG_INITIATE };
	char offer[SDP_MAX];
	ssize_t len = call_description(c->call, offer, sizeof(offer));

	if (len < 0)
		return (int)len;
	report_step(call_report(c->call), REPORT_DNS);
	snprintf(initiate.target, sizeof(initiate.target), "/session/%s",
	    c->pair->callee);
	strcpy(initiate.content_type, "application/sdp");
	initiate.body = offer;
	initiate.body_len = (size_t)len;
	return call_connect(c->call, found,
	    c->pair->caller->context.switch_name,
	    c->pair->caller->context.switch_name, &initiate);
}

static void
on_resolved(const struct resolve_answer *found, void *arg)
{
	struct load_call *c = arg;
	int err;

	if (found->err < 0) {
		call_end(c->call, OUTCOME_UNREACHABLE, SIGMSG_HANGUP, NULL,
		    "%s", found->why);
		return;
	}
	if (!found->first) {
		call_add(c->call, found);
		return;
	}
	err = connect_to(c, found);
	if (err < 0)
		call_end(c->call, OUTCOME_ERROR, SIGMSG_HANGUP, NULL, "%s",
		    strerror(-err));
}

static int
start_call(struct load_call *c, char why[static WHY_TEXT])
{
	static const struct call_handlers handlers = {
		.accepted = on_accepted,
		.request = on_request,
		.secure = on_secure,
		.ended = on_ended
	};
	const struct dial_context *context = &c->pair->caller->context;
	struct call_options options = {
		.loop = context->loop,
		.account = context->account,
		.identity = context->identity,
		.tls = context->tls,
		.caller = true,
		.in = context->options->in,
		.duration_ms = context->options->duration_ms,
		.min_mos = context->options->min_mos
	};
	struct report *report;
	int err;

	err = call_new(&c->call, &options, &handlers, c, why);
	if (err < 0)
		return err;
	report = call_report(c->call);
	strcpy(report->callee, c->pair->callee);
	snprintf(report->switch_name, sizeof(report->switch_name), "%s",
	    context->switch_name);
	err = resolve_start(&c->resolve, context->loop, context->switch_name,
	    context->switch_port, context->resolve, on_resolved, c);
	if (err < 0)
		why_set(why, "%s", strerror(-err));
	return err;
}

int
load_call_new(struct load_call **out, struct load_pair *pair,
    load_call_ended *ended, void *arg, char why[static WHY_TEXT])
{
	struct load_call *c = calloc(1, sizeof(*c));
	int err;

	why_set(why, "out of memory");
	if (c == NULL)
		return -ENOMEM;
	c->pair = pair;
	c->ended = ended;
	c->arg = arg;
	err = start_call(c, why);
	if (err < 0) {
		load_call_free(c);
		return err;
	}
	*out = c;
	return 0;
}

void
load_call_stop(struct load_call *c)
{
	bool talking = call_state(c->call) == CALL_TALKING;

	call_end(c->call, talking ? OUTCOME_COMPLETED : OUTCOME_CANCELLED,
	    SIGMSG_HANGUP, talking ? "hung-up" : "cancelled", "%s", "");
}

struct call *
load_call_call(struct load_call *c)
{
	return c->call;
}

struct load_pair *
load_call_pair(struct load_call *c)
{
	return c->pair;
}

void
load_call_free(struct load_call *c)
{
	if (c == NULL)
		return;
	resolve_free(c->resolve);
	call_free(c->call);
	free(c);
}
