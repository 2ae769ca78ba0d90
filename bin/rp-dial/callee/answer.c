/*
 * answer: wait for pushes and take calls, as many at once as --at-once allows;
 * refuse calls that come meanwhile. See answer.h.
 */
#include "callee/answer.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/tool.h"
#include "call/call.h"
#include "call/conclude.h"
#include "call/live.h"
#include "call/phone.h"
#include "call/reply_early.h"
#include "call/source.h"
#include "call/stops.h"
#include "callee/incoming.h"
#include "callee/push_endpoint.h"
#include "callee/refusal.h"
#include "callee/registration.h"
#include "conf/context.h"
#include "conf/options.h"
#include "net/loop.h"
#include "who/account.h"
#include "who/switchnames.h"
#include "wire/addr.h"
#include "wire/why.h"

/* Sessions whose repeated push does nothing: as many as there may be calls. */
#define SEEN OPTIONS_AT_ONCE
/*
 * A moved call's caller may have no network for as long after its end, until it
 * redials; see dial.c.
 */
#define REDIAL_S 60
#define REFUSALS 4		/* concurrent refusals of callers */

/* A place for one call. */
struct place {
	struct answer *owner;
	struct incoming *incoming;	/* NULL: it is free */
	struct reply_push next;		/* the call that replaces it */
	bool has_next;
};

struct answer {
	const struct dial_context *context;	/* `own` */
	struct dial_context own;	/* with our source */
	struct push_endpoint *endpoint;
	struct registration *registration;
	struct place *places;
	size_t n_places;
	struct refusal *refusals[REFUSALS];
	char seen[SEEN][SIGMSG_SESSION];
	size_t seen_next;
	struct stops *stops;
	struct phone *phone;
	struct loop_event *moved;	/* the caller's time to redial */
	int moved_status;
	char expected[SIGMSG_NUMBER];	/* that caller; "": nobody */
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

/*
 * Is it the call that a user was in until its switch was lost? That answers once
 * for the call in its place, too.
 */
static bool
goes_on(struct answer *a, const struct call *call)
{
	if (!a->ask || !loop_event_is_set(a->moved) ||
	    *a->expected == '\0' || strcmp(a->expected, call_peer(call)) != 0)
		return false;
	a->expected[0] = '\0';
	return true;
}

static void
on_ringing(struct call *call, void *arg)
{
	struct place *place = arg;
	struct answer *a = place->owner;

	live_watch(a->live, call);
	phone_watch(a->phone, call);
	if (goes_on(a, call)) {
		incoming_accept(place->incoming);
		return;
	}
	if (a->ask || a->context->options->ring_ms > 0)
		phone_ring(a->phone);
	if (!a->ask)
		return;
	live_clear(a->live);
	fprintf(stderr, "%s is calling: Enter answers, q declines\n",
	    call_peer_name(call));
}

static bool
has_calls(const struct answer *a)
{
	size_t i;

	for (i = 0; i < a->n_places; i++)
		if (a->places[i].incoming != NULL)
			return true;
	return false;
}

/* Return a free place, or NULL if there are as many calls as are allowed. */
static struct place *
free_place(struct answer *a)
{
	size_t i;

	for (i = 0; i < a->n_places; i++)
		if (a->places[i].incoming == NULL)
			return &a->places[i];
	return NULL;
}

static void take_call(struct place *place, struct reply_push *push);

/* The switch was not reached in time: its repeated push is another attempt. */
static void
forget_session(struct answer *a, const char *session)
{
	size_t i;

	for (i = 0; i < SEEN; i++)
		if (strcmp(a->seen[i], session) == 0)
			a->seen[i][0] = '\0';
}

/* The same call will come again from another switch. */
static void
expect(struct answer *a, struct call *call)
{
	strcpy(a->expected, call_report(call)->step_ns[REPORT_ANSWER] != 0 ?
	    call_peer(call) : "");
	loop_timer_set_ms(a->moved, REDIAL_S * 1000);
}

static void
on_ended(struct call *call, void *arg)
{
	struct place *place = arg;
	struct answer *a = place->owner;
	bool moved = call_report(call)->outcome == OUTCOME_MOVED;
	int status;

	phone_watch(a->phone, NULL);
	if (call_report(call)->outcome == OUTCOME_UNREACHABLE)
		forget_session(a, incoming_session(place->incoming));
	if (moved && !a->stopping)
		expect(a, call);
	status = conclude_call(call, a->context->options,
	    a->context->account, a->live);
	incoming_free(place->incoming);
	place->incoming = NULL;
	if (place->has_next && !a->stopping) {
		place->has_next = false;
		take_call(place, &place->next);
	} else if (moved && !a->stopping) {
		a->moved_status = status;
	} else if ((a->context->options->once || a->stopping) &&
	    !has_calls(a)) {
		a->stopping = false;
		stop(a, status);
	}
}

static void
on_moved(void *arg)
{
	struct answer *a = arg;

	if (a->context->options->once && !has_calls(a))
		stop(a, a->moved_status);
}

static void
take_call(struct place *place, struct reply_push *push)
{
	static const struct incoming_handlers handlers = {
		.ringing = on_ringing,
		.ended = on_ended
	};
	struct answer *a = place->owner;
	char why[WHY_TEXT];

	if (incoming_new(&place->incoming, a->context, push, a->ask, &handlers,
	    place, why) == 0)
		return;
	tool_warn(*push->caller != '\0' ? push->caller : "anonymous", "%s",
	    why);
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
	tool_warn(*push->caller != '\0' ? push->caller : "anonymous", "the "
	    "call was over before it could be answered: call back");
	if (a->context->options->once)
		stop(a, outcome_exit(OUTCOME_OVER));
}

static void
cancel(struct answer *a, const struct reply_push *push)
{
	size_t i;

	for (i = 0; i < a->n_places; i++)
		if (a->places[i].incoming != NULL && strcmp(push->session,
		    incoming_session(a->places[i].incoming)) == 0)
			incoming_cancelled(a->places[i].incoming);
}

/* Return whether the call replaces one that its caller has lost. */
static bool
replace_call(struct answer *a, struct reply_push *push)
{
	size_t i;

	for (i = 0; i < a->n_places; i++) {
		struct place *place = &a->places[i];

		if (place->incoming == NULL || place->has_next ||
		    !incoming_give_way(place->incoming, push))
			continue;
		place->next = *push;
		push->early = NULL;
		place->has_next = true;
		return true;
	}
	return false;
}

/* Take, replace or refuse: in this order of preference. */
static void
ring_by(struct answer *a, struct reply_push *push)
{
	struct place *place = free_place(a);

	if (place != NULL)
		take_call(place, push);
	else if (!replace_call(a, push))
		refuse_push(a, push);
}

/*
 * May media begin by what the push says, before its switch has proven anything?
 * Only the service's key speaks for it, and we give credentials to this switch
 * by its own name (DESIGN, "Media").
 */
static bool
may_be_early(const struct answer *a, const struct reply_push *push,
    bool is_signed)
{
	const struct addr *home = registration_home(a->registration);

	return is_signed && home != NULL && !a->context->options->decline &&
	    switchnames_has(a->context->names, push->server_name) &&
	    reply_early_place(push->early, home);
}

static void
take_push(struct answer *a, struct reply_push *push, bool is_signed)
{
	bool seen;

	if (push->kind == REPLY_PUSH_TEST) {
		log_debug("push_test", "received=1");
		return;
	}
	seen = was_seen(a, push->session);
	if (push->kind == REPLY_PUSH_CANCEL) {
		if (!seen)
			miss(a, push);
		else
			cancel(a, push);
		return;
	}
	if (seen)
		return;
	if (push->early != NULL && !may_be_early(a, push, is_signed)) {
		log_debug("early_unused", "signed=%d", is_signed);
		reply_push_clear(push);
	}
	ring_by(a, push);
}

static void
on_push(const char *text, size_t len, bool is_signed, void *arg)
{
	struct answer *a = arg;
	struct reply_push push;
	char why[WHY_TEXT];

	if (a->stopping)
		return;
	if (reply_push_parse(&push, text, len, why) < 0) {
		log_warn("push_ignored", "error=\"%s\"", why);
		return;
	}
	take_push(a, &push, is_signed);
	reply_push_clear(&push);
}

/* The user and the system. */

static void
on_answer(void *arg)
{
	struct answer *a = arg;

	/* Only one call at a time is put to a user. */
	if (a->places[0].incoming == NULL)
		return;
	phone_quiet(a->phone);
	incoming_accept(a->places[0].incoming);
}

/* Decline or hang up, and wait for the next call. */
static void
on_quit(void *arg)
{
	struct answer *a = arg;

	a->expected[0] = '\0';
	if (a->places[0].incoming != NULL)
		incoming_stop(a->places[0].incoming);
}

static void
on_signal(void *arg)
{
	struct answer *a = arg;
	bool waiting = a->context->options->once &&
	    loop_event_is_set(a->moved);
	size_t i;

	if (!has_calls(a)) {
		stop(a, waiting ? a->moved_status : 0);
		return;
	}
	a->stopping = true;
	for (i = 0; i < a->n_places; i++)
		if (a->places[i].incoming != NULL)
			incoming_stop(a->places[i].incoming);
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

/*
 * Let a user answer who can be asked: unless we answer by ourselves, because
 * we have a file to play or send back what we hear.
 */
static void
choose_asking(struct answer *a)
{
	const struct options *options = a->context->options;
	bool plays = options->in != NULL && strcmp(options->in, "-") != 0;

	a->ask = phone_has_keys(a->phone) && !options->echo &&
	    !options->decline && !plays;
}

static int
watch(struct answer *a)
{
	static const struct phone_handlers handlers = { on_answer, on_quit };
	struct event_base *loop = a->context->loop;
	struct phone_options options = { a->context->handset, NULL };
	int err;

	a->moved = loop_timer_new(loop, on_moved, a);
	if (a->moved == NULL || stops_new(&a->stops, loop, on_signal, a) < 0)
		return -ENOMEM;
	if (a->context->options->stats_ms == 0) {
		err = live_new(&a->live, loop);
		if (err < 0)
			return err;
	}
	options.live = a->live;
	err = phone_new(&a->phone, loop, &options, &handlers, a);
	choose_asking(a);
	return err;
}

static int
make_places(struct answer *a)
{
	size_t i, n = a->context->options->at_once;

	a->places = calloc(n, sizeof(*a->places));
	if (a->places == NULL)
		return -ENOMEM;
	for (i = 0; i < n; i++)
		a->places[i].owner = a;
	a->n_places = n;
	return 0;
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
	err = make_places(a);
	if (err == 0)
		err = watch(a);
	if (err == 0)
		err = registration_new(&a->registration, a->context,
		    a->endpoint, &handlers, a);
	if (err < 0)
		tool_warn("--answer", "%s", strerror(-err));
	return err;
}

static void
clear(struct answer *a)
{
	size_t i;

	for (i = 0; i < REFUSALS; i++)
		refusal_free(a->refusals[i]);
	loop_event_free(a->moved);
	stops_free(a->stops);
	for (i = 0; i < a->n_places; i++) {
		incoming_free(a->places[i].incoming);
		reply_push_clear(&a->places[i].next);
	}
	free(a->places);
	registration_free(a->registration);
	push_endpoint_free(a->endpoint);
	phone_free(a->phone);
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
	if (context->options->at_once > 1)
		tool_raise_files();
	if (start_answering(a) == 0) {
		loop_run(context->loop);
		status = a->status;
	}
	clear(a);
	free(a);
	return status;
}
