/*
 * answer: wait for pushes and take calls one by one; refuse calls that come
 * meanwhile. See answer.h.
 */
#include "callee/answer.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/tool.h"
#include "call/call.h"
#include "call/conclude.h"
#include "call/live.h"
#include "call/source.h"
#include "callee/incoming.h"
#include "callee/push_endpoint.h"
#include "callee/refusal.h"
#include "callee/registration.h"
#include "conf/context.h"
#include "conf/options.h"
#include "net/loop.h"
#include "who/account.h"
#include "wire/addr.h"
#include "wire/why.h"

#define SEEN 32			/* sessions whose repeated push does nothing */
#define REDIAL_S 30		/* for a moved call's caller to redial */
#define REFUSALS 4		/* concurrent refusals of callers */

struct answer {
	const struct dial_context *context;	/* `own` */
	struct dial_context own;	/* with our source */
	struct push_endpoint *endpoint;
	struct registration *registration;
	struct incoming *incoming;	/* the one call, or NULL */
	struct reply_push next;		/* the call that replaces it */
	bool has_next;
	struct refusal *refusals[REFUSALS];
	char seen[SEEN][SIGMSG_SESSION];
	size_t seen_next;
	struct loop_event *interrupt, *terminate, *keys;
	struct loop_event *moved;	/* the caller's time to redial */
	int moved_status;
	struct live *live;
	bool ask;		/* a user answers */
	bool ready;		/* the ready file is written */
	bool delayed;		/* already reported */
	bool stopping;
	int status;
};

static void
leave(void *arg)
{
	struct answer *a = arg;

	loop_stop(a->context->loop);
}

static void
stop(struct answer *a, int status)
{
	if (a->stopping)
		return;
	a->stopping = true;
	a->status = status;
	registration_end(a->registration, leave);
}

/* The registration. */

static void
on_registered(void *arg)
{
	struct answer *a = arg;
	const char *file = a->context->options->ready_file;
	char text[ADDR_TEXT + 8], addr[ADDR_TEXT];
	int err;

	a->delayed = false;
	if (a->ready)
		return;
	a->ready = true;
	if (a->live != NULL)
		fprintf(stderr, "%s waits for calls\n",
		    a->context->account->number);
	if (file == NULL)
		return;
	snprintf(text, sizeof(text), "push=%s\n",
	    addr_format(push_endpoint_addr(a->endpoint), addr));
	err = tool_write_file(file, text);
	if (err < 0) {
		tool_warn(file, "%s", strerror(-err));
		stop(a, outcome_exit(OUTCOME_ERROR));
	}
}

static void
on_delayed(const char *why, void *arg)
{
	struct answer *a = arg;

	if (!a->delayed)
		tool_warn(a->context->switch_name, "cannot be told where to "
		    "wake us: %s: trying again", why);
	a->delayed = true;
}

static void
on_refused(enum outcome outcome, const char *why, void *arg)
{
	struct answer *a = arg;
	const struct account *account = a->context->account;
	char hint[WHY_TEXT];

	conclude_hint(hint, outcome, why, account);
	if (outcome == OUTCOME_UNAUTHORISED)
		tool_warn(account->number, "not authorised: check number and "
		    "token in %s", account->file);
	else if (outcome == OUTCOME_UNTRUSTED)
		tool_warn(a->context->switch_name, "the switch's certificate "
		    "is not trusted: %s%s", why, hint);
	else
		tool_warn(a->context->switch_name, "%s", why);
	a->status = outcome_exit(outcome);
	leave(a);
}

/*
 * The call.
 */

static void
on_ringing(struct call *call, void *arg)
{
	struct answer *a = arg;

	live_watch(a->live, call);
	if (!a->ask)
		return;
	live_clear(a->live);
	fprintf(stderr, "%s is calling: Enter answers, q and Enter declines\n",
	    call_peer(call));
}

static void take_call(struct answer *a, const struct reply_push *push);

static void
on_ended(struct call *call, void *arg)
{
	struct answer *a = arg;
	int status = conclude_call(call, a->context->options,
	    a->context->account, a->live);
	bool moved = call_report(call)->outcome == OUTCOME_MOVED;

	incoming_free(a->incoming);
	a->incoming = NULL;
	if (a->has_next && !a->stopping) {
		a->has_next = false;
		take_call(a, &a->next);
	} else if (moved && !a->stopping) {
		/* The same call will come again from another switch. */
		a->moved_status = status;
		loop_timer_set_ms(a->moved, REDIAL_S * 1000);
	} else if (a->context->options->once || a->stopping) {
		a->stopping = false;
		stop(a, status);
	}
}

static void
on_moved(void *arg)
{
	struct answer *a = arg;

	if (a->context->options->once && a->incoming == NULL)
		stop(a, a->moved_status);
}

static void
take_call(struct answer *a, const struct reply_push *push)
{
	static const struct incoming_handlers handlers = {
		.ringing = on_ringing,
		.ended = on_ended
	};
	char why[WHY_TEXT];

	if (incoming_new(&a->incoming, a->context, push, a->ask, &handlers, a,
	    why) == 0)
		return;
	tool_warn(*push->caller != '\0' ? push->caller : "call", "%s", why);
	if (a->context->options->once)
		stop(a, outcome_exit(OUTCOME_ERROR));
}

static void
refuse_push(struct answer *a, const struct reply_push *push)
{
	size_t i;

	for (i = 0; i < REFUSALS; i++)
		if (a->refusals[i] == NULL)
			break;
	if (i == REFUSALS || refusal_new(&a->refusals[i], a->context,
	    push) < 0)
		log_debug("busy_not_told", "busy=%d", REFUSALS);
}

static bool
was_seen(struct answer *a, const char *session)
{
	size_t i;

	for (i = 0; i < SEEN; i++)
		if (strcmp(a->seen[i], session) == 0)
			return true;
	strcpy(a->seen[a->seen_next], session);
	a->seen_next = (a->seen_next + 1) % SEEN;
	return false;
}

/* Report a missed call, of which only the end was pushed. */
static void
miss(struct answer *a, const struct reply_push *push)
{
	tool_warn(*push->caller != '\0' ? push->caller : "call", "the call was "
	    "over before it could be answered: call back");
	if (a->context->options->once)
		stop(a, outcome_exit(OUTCOME_OVER));
}

static void
on_push(const char *text, size_t len, void *arg)
{
	struct answer *a = arg;
	struct reply_push push;
	char why[WHY_TEXT];
	bool seen;

	if (a->stopping)
		return;
	if (reply_push_parse(&push, text, len, why) < 0) {
		log_warn("push_ignored", "error=\"%s\"", why);
		return;
	}
	if (push.kind == REPLY_PUSH_TEST) {
		log_debug("push_test", "received=1");
		return;
	}
	seen = was_seen(a, push.session);
	if (push.kind == REPLY_PUSH_CANCEL) {
		if (!seen)
			miss(a, &push);
		else if (a->incoming != NULL && strcmp(push.session,
		    incoming_session(a->incoming)) == 0)
			incoming_cancelled(a->incoming);
	} else if (!seen) {
		if (a->incoming == NULL) {
			take_call(a, &push);
		} else if (incoming_give_way(a->incoming, &push)) {
			a->next = push;
			a->has_next = true;
		} else {
			refuse_push(a, &push);
		}
	}
}

/* The user and the system. */

static void
on_keys(void *arg)
{
	struct answer *a = arg;
	char line[64];
	ssize_t n = read(STDIN_FILENO, line, sizeof(line));

	if (n <= 0) {
		loop_event_stop(a->keys);
		return;
	}
	if (a->incoming == NULL)
		return;
	if (line[0] == 'q')
		incoming_decline(a->incoming);
	else
		incoming_accept(a->incoming);
}

static void
on_signal(void *arg)
{
	struct answer *a = arg;
	bool waiting = a->context->options->once &&
	    loop_event_is_set(a->moved);

	if (a->incoming == NULL) {
		stop(a, waiting ? a->moved_status : 0);
		return;
	}
	a->stopping = true;
	incoming_stop(a->incoming);
}

static int
listen_for_pushes(struct answer *a)
{
	const struct options *options = a->context->options;
	const char *listen = options->push_listen != NULL ?
	    options->push_listen : "127.0.0.1:0";
	struct addr addr;
	int err;

	err = addr_parse(&addr, listen, 0);
	if (err == 0)
		err = push_endpoint_new(&a->endpoint, a->context->loop, &addr,
		    options->push_url, on_push, a);
	if (err < 0)
		tool_warn("--push-listen", "%s: %s", listen, strerror(-err));
	return err;
}

static int
watch(struct answer *a)
{
	struct event_base *loop = a->context->loop;
	const struct options *options = a->context->options;

	a->ask = isatty(STDIN_FILENO) && !options->echo &&
	    !options->decline && options->in == NULL;
	a->interrupt = loop_signal_new(loop, SIGINT, on_signal, a);
	a->terminate = loop_signal_new(loop, SIGTERM, on_signal, a);
	a->keys = loop_reader_new(loop, STDIN_FILENO, on_keys,
	    a);
	a->moved = loop_timer_new(loop, on_moved, a);
	if (a->moved == NULL || a->interrupt == NULL || a->terminate == NULL ||
	    a->keys == NULL ||
	    loop_event_start(a->interrupt) < 0 ||
	    loop_event_start(a->terminate) < 0 ||
	    (a->ask && loop_event_start(a->keys) < 0))
		return -ENOMEM;
	return live_new(&a->live, loop);
}

static int
start_answering(struct answer *a)
{
	static const struct registration_handlers handlers = {
		.registered = on_registered,
		.delayed = on_delayed,
		.refused = on_refused
	};
	int err;

	err = source_open(&a->own.source, a->own.options, true);
	if (err < 0)
		return err;
	err = listen_for_pushes(a);
	if (err < 0)
		return err;
	err = watch(a);
	if (err == 0)
		err = registration_new(&a->registration, a->context,
		    push_endpoint_registration(a->endpoint), &handlers, a);
	if (err < 0)
		tool_warn("--answer", "%s", strerror(-err));
	return err;
}

static void
clear(struct answer *a)
{
	struct loop_event *const events[] = {
		a->interrupt, a->terminate, a->keys, a->moved
	};
	size_t i;

	for (i = 0; i < REFUSALS; i++)
		refusal_free(a->refusals[i]);
	for (i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		loop_event_free(events[i]);
	incoming_free(a->incoming);
	registration_free(a->registration);
	push_endpoint_free(a->endpoint);
	source_close(a->own.source);
	live_free(a->live);
}

int
answer_run(const struct dial_context *context)
{
	struct answer *a = calloc(1, sizeof(*a));
	int status = outcome_exit(OUTCOME_ERROR);

	if (a == NULL)
		return status;
	a->own = *context;
	a->context = &a->own;
	if (start_answering(a) == 0) {
		loop_run(context->loop);
		status = a->status;
	}
	clear(a);
	free(a);
	return status;
}
