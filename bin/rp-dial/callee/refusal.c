/*
 * refusal: send BUSY for a push that came during another call. Called by
 * answer; frees itself. See refusal.h.
 */
#include "callee/refusal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call/reply_push.h"
#include "conf/context.h"
#include "signal_client/ask_once.h"
#include "who/account.h"
#include "who/switchnames.h"

#define DEADLINE_MS 5000

struct refusal {
	struct reply_push push;
	struct refusal **slot;
	struct ask_once *ask;
};

static void
on_asked(const struct ask_once_result *result, void *arg)
{
	struct refusal *r = arg;

	/*
	 * Accepted, or already over: both are fine. If it was not heard, the
	 * switch stops ringing in time by itself.
	 */
	(void)result;
	*r->slot = NULL;
	refusal_free(r);
}

static int
send_busy(struct refusal *r, const struct dial_context *context)
{
	static const struct ask_once_handlers handlers = { .done = on_asked };
	struct ask_once_options options = {
		.name = r->push.server_name,
		.certified = switchnames_certified(context->names,
		    r->push.server_name),
		.port = r->push.port,
		.resolve = context->resolve,
		.client = {
			.tls = context->tls,
			.number = context->account->number,
			.token = context->account->token,
			.key = context->account->key,
			.deadline_ms = DEADLINE_MS,
			.race = context->account->race,
			.proxy_races = account_proxy_races(context->account,
			    r->push.server_name)
		}
	};
	struct sigmsg busy = { .method = SIGMSG_BUSY, .reason = "busy" };

	snprintf(busy.target, sizeof(busy.target), "/session/%s",
	    r->push.session);
	return ask_once_new(&r->ask, context->loop, &options, &busy, &handlers,
	    r);
}

int
refusal_new(struct refusal **slot, const struct dial_context *context,
    const struct reply_push *push)
{
	struct refusal *r = calloc(1, sizeof(*r));
	int err;

	if (r == NULL)
		return -ENOMEM;
	r->push = *push;
	r->push.early = NULL;	/* not ours, and of no use to BUSY */
	r->slot = slot;
	err = send_busy(r, context);
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
	ask_once_free(r->ask);
	free(r);
}
