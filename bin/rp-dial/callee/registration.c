/*
 * registration: tell the switch where to wake us, and again when that may have
 * been lost. See registration.h.
 */
#include "callee/registration.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/backoff.h"
#include "conf/context.h"
#include "net/loop.h"
#include "net/resolve.h"
#include "signal_client/signal_client.h"
#include "who/account.h"
#include "wire/why.h"

#define ANSWER_MS 10000
#define AGAIN_MS 300000
#define END_MS 2000

struct registration {
	const struct dial_context *context;
	const char *body;
	struct registration_handlers handlers;
	void (*done)(void *arg);	/* ending */
	void *arg;
	bool was_registered;
	struct resolve *resolve;
	struct signal_client *client;
	struct loop_event *timer;
	struct backoff backoff;
};

static void
set_timer(struct registration *r, uint32_t ms)
{
	loop_timer_set_ms(r->timer, ms);
}

static void
drop_attempt(struct registration *r)
{
	resolve_free(r->resolve);
	r->resolve = NULL;
	signal_client_free(r->client);
	r->client = NULL;
}

static void
again(struct registration *r, const char *why)
{
	char copy[256];

	snprintf(copy, sizeof(copy), "%s", why);
	drop_attempt(r);
	if (r->done != NULL) {
		set_timer(r, 0);
		return;
	}
	set_timer(r, backoff_next_ms(&r->backoff));
	r->handlers.delayed(copy, r->arg);
}

static void
refuse_registration(struct registration *r, enum outcome outcome,
    const char *why)
{
	char copy[256];

	snprintf(copy, sizeof(copy), "%s", why);
	drop_attempt(r);
	loop_event_stop(r->timer);
	r->handlers.refused(outcome, copy, r->arg);
}

static void
on_answer(const struct sigmsg *msg, void *arg)
{
	struct registration *r = arg;
	int status = msg->status;
	char why[WHY_TEXT];

	resolve_keep(r->resolve, signal_client_addr(r->client));
	why_set(why, "PUT /push was answered %d %s", status,
	    sigmsg_phrase(status));
	if (r->done != NULL || status >= 500 || status == 429) {
		again(r, why);
	} else if (status >= 300) {
		refuse_registration(r, status == 401 ? OUTCOME_UNAUTHORISED :
		    OUTCOME_ERROR, why);
	} else {
		drop_attempt(r);
		backoff_reset(&r->backoff);
		r->was_registered = true;
		set_timer(r, AGAIN_MS);
		r->handlers.registered(r->arg);
	}
}

static void
on_request(const struct sigmsg *msg, void *arg)
{
	(void)msg;	/* no call runs on this connection */
	(void)arg;
}

static void
on_closed(int err, const char *why, void *arg)
{
	struct registration *r = arg;

	/*
	 * A refusal from the start is our mistake; later it may be the
	 * switch's.
	 */
	if (err == -EACCES && !r->was_registered && r->done == NULL)
		refuse_registration(r, OUTCOME_UNTRUSTED, why);
	else
		again(r, why);
}

static int
ask_switch(struct registration *r, const struct resolve_answer *found)
{
	static const struct signal_client_handlers handlers = {
		.request = on_request,
		.closed = on_closed
	};
	struct signal_client_options options = {
		.tls = r->context->tls,
		.server_name = r->context->switch_name,
		.number = r->context->account->number,
		.token = r->context->account->token,
		.deadline_ms = ANSWER_MS,
		.more = found->more,
		.missing = found->missing
	};
	struct sigmsg msg = {
		.method = r->done != NULL ? SIGMSG_DELETE : SIGMSG_PUT,
		.target = "/push"
	};

	if (r->done == NULL) {
		strcpy(msg.content_type, "application/json");
		msg.body = r->body;
		msg.body_len = strlen(r->body);
	}
	return signal_client_new(&r->client, r->context->loop, found->addrs,
	    found->n, &options, &handlers, r, &msg, on_answer);
}

static void
on_resolved(const struct resolve_answer *found, void *arg)
{
	struct registration *r = arg;
	int err;

	if (found->err < 0) {
		again(r, found->why);
		return;
	}
	err = found->first ? ask_switch(r, found) : signal_client_add(r->client,
	    found->addrs, found->n, found->more, found->missing);
	if (err < 0 && found->first)
		again(r, strerror(-err));
}

static void
attempt(struct registration *r)
{
	int err;

	drop_attempt(r);
	err = resolve_start(&r->resolve, r->context->loop,
	    r->context->switch_name, r->context->switch_port,
	    r->context->resolve, on_resolved, r);
	if (err < 0)
		again(r, strerror(-err));
}

static void
on_timer(void *arg)
{
	struct registration *r = arg;

	if (r->done == NULL) {
		attempt(r);
		return;
	}
	drop_attempt(r);
	r->done(r->arg);
}

int
registration_new(struct registration **out, const struct dial_context *context,
    const char *body, const struct registration_handlers *handlers, void *arg)
{
	struct registration *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return -ENOMEM;
	r->context = context;
	r->body = body;
	r->handlers = *handlers;
	r->arg = arg;
	r->backoff = (struct backoff){ 500, 30000, 0 };
	r->timer = loop_timer_new(context->loop, on_timer, r);
	if (r->timer == NULL) {
		free(r);
		return -ENOMEM;
	}
	set_timer(r, 0);
	*out = r;
	return 0;
}

void
registration_end(struct registration *r, void (*done)(void *arg))
{
	r->done = done;
	set_timer(r, END_MS);
	attempt(r);
}

void
registration_free(struct registration *r)
{
	if (r == NULL)
		return;
	drop_attempt(r);
	loop_event_free(r->timer);
	free(r);
}
