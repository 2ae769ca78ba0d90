/*
 * refusal: send BUSY for a push that came during another call. Called by
 * answer; frees itself. See refusal.h.
 */
#include "callee/refusal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call/reply.h"
#include "conf/context.h"
#include "net/resolve.h"
#include "signal_client/signal_client.h"
#include "who/account.h"

#define DEADLINE_MS 5000

struct refusal {
	const struct dial_context *context;
	struct reply_push push;
	struct refusal **slot;
	struct resolve *resolve;
	struct signal_client *client;
};

static void
end_refusal(struct refusal *r)
{
	*r->slot = NULL;
	refusal_free(r);
}

static void
on_answer(const struct sigmsg *msg, void *arg)
{
	struct refusal *r = arg;

	(void)msg;	/* accepted, or already over: both are fine */
	resolve_keep(r->resolve, signal_client_addr(r->client));
	end_refusal(r);
}

static void
on_request(const struct sigmsg *msg, void *arg)
{
	(void)msg;
	(void)arg;
}

static void
on_closed(int err, const char *why, void *arg)
{
	(void)err;	/* the switch stops ringing in time by itself */
	(void)why;
	end_refusal(arg);
}

static int
tell(struct refusal *r, const struct resolve_answer *found)
{
	static const struct signal_client_handlers handlers = {
		.request = on_request,
		.closed = on_closed
	};
	struct signal_client_options options = {
		.tls = r->context->tls,
		.server_name = r->push.server_name,
		.number = r->context->account->number,
		.token = r->context->account->token,
		.deadline_ms = DEADLINE_MS,
		.more = found->more
	};
	struct sigmsg busy = { .method = SIGMSG_BUSY, .reason = "busy" };

	snprintf(busy.target, sizeof(busy.target), "/session/%s",
	    r->push.session);
	return signal_client_new(&r->client, r->context->loop, found->addrs,
	    found->n, &options, &handlers, r, &busy, on_answer);
}

static void
on_resolved(const struct resolve_answer *found, void *arg)
{
	struct refusal *r = arg;

	if (!found->first)
		(void)signal_client_add(r->client, found->addrs, found->n,
		    found->more, NULL);
	else if (found->err < 0 || tell(r, found) < 0)
		end_refusal(r);
}

int
refusal_new(struct refusal **slot, const struct dial_context *context,
    const struct reply_push *push)
{
	struct refusal *r = calloc(1, sizeof(*r));
	int err;

	if (r == NULL)
		return -ENOMEM;
	r->context = context;
	r->push = *push;
	r->slot = slot;
	err = resolve_start(&r->resolve, context->loop, push->server_name,
	    push->port, context->resolve, on_resolved, r);
	if (err < 0) {
		free(r);
		return err;
	}
	*slot = r;
	return 0;
}

void
refusal_free(struct refusal *r)
{
	if (r == NULL)
		return;
	resolve_free(r->resolve);
	signal_client_free(r->client);
	free(r);
}
