/*
 * registration: tell the switch where to wake us, and again when that may have
 * been lost. See registration.h.
 */
#include "callee/registration.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/backoff.h"
#include "base/log.h"
#include "callee/push_endpoint.h"
#include "conf/context.h"
#include "net/loop.h"
#include "signal_client/ask_once.h"
#include "who/account.h"
#include "who/switchnames.h"
#include "wire/base64.h"
#include "wire/p256.h"
#include "wire/why.h"

#define ANSWER_MS 10000
#define AGAIN_MS 300000
#define END_MS 2000

/* The requests on one connection, in this order. */
enum step {
	KEY,			/* GET /push/key: who signs pushes */
	PLACE,			/* PUT /push; or DELETE, at the end */
	NAMES			/* GET /switches: who may ring us */
};

struct registration {
	const struct dial_context *context;
	struct push_endpoint *endpoint;
	struct registration_handlers handlers;
	void (*done)(void *arg);	/* ending */
	void *arg;
	bool was_registered;
	struct addr home;		/* where it was, if it was */
	enum step step;
	struct ask_once *ask;
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
	ask_once_free(r->ask);
	r->ask = NULL;
}

static void
again(struct registration *r, const char *why)
{
	char copy[WHY_TEXT];

	why_set(copy, "%s", why);
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
	char copy[WHY_TEXT];

	why_set(copy, "%s", why);
	drop_attempt(r);
	loop_event_stop(r->timer);
	r->handlers.refused(outcome, copy, r->arg);
}

/* Report that the switch knows us, and come again. */
static void
conclude_attempt(struct registration *r)
{
	drop_attempt(r);
	backoff_reset(&r->backoff);
	r->was_registered = true;
	set_timer(r, AGAIN_MS);
	r->handlers.registered(r->arg);
}

/*
 * Ask for the names of the region's switches, any of which may ring us. Without
 * them a switch has to prove itself by our switch's name.
 */
static void
ask_names(struct registration *r)
{
	struct sigmsg msg = { .method = SIGMSG_GET, .target = "/switches" };

	r->step = NAMES;
	if (ask_once_more(r->ask, &msg) < 0)
		conclude_attempt(r);
}

static void
take_names(struct registration *r, const struct ask_once_result *result)
{
	const struct sigmsg *answer = result->answer;

	if (answer == NULL || answer->status != 200 ||
	    switchnames_take(r->context->names, answer->body,
	    answer->body_len) < 0)
		log_debug("no_switches", "error=\"%s\"",
		    answer == NULL ? result->why : "no list");
	conclude_attempt(r);
}

/* Read the switch's VAPID key for `text`, "" if it has none. */
static int
read_key(char text[static BASE64_TEXT(P256_POINT)],
    const struct sigmsg *answer)
{
	json_t *root = json_loadb(answer->body, answer->body_len,
	    JSON_REJECT_DUPLICATES, NULL);
	const char *key = json_string_value(json_object_get(root, "key"));
	int err = 0;

	*text = '\0';
	if (key != NULL && strlen(key) < BASE64_TEXT(P256_POINT))
		strcpy(text, key);
	else if (answer->status < 300)
		err = -EBADMSG;
	json_decref(root);
	return err;
}

/* Register, once the endpoint knows whose pushes it may take. */
static void
take_key(struct registration *r, const struct sigmsg *answer)
{
	char key[BASE64_TEXT(P256_POINT)];
	struct sigmsg msg = {
		.method = SIGMSG_PUT,
		.target = "/push",
		.content_type = "application/json"
	};
	int err = read_key(key, answer);

	if (err == 0)
		err = push_endpoint_set_key(r->endpoint, *key != '\0' ? key :
		    NULL);
	if (err == 0) {
		msg.body = push_endpoint_registration(r->endpoint);
		msg.body_len = strlen(msg.body);
		r->step = PLACE;
		err = ask_once_more(r->ask, &msg);
	}
	if (err < 0)
		again(r, err == -EBADMSG || err == -EINVAL ?
		    "GET /push/key: the answer is not a VAPID key" :
		    strerror(-err));
}

static void
take_answer(struct registration *r, const struct ask_once_result *result)
{
	const struct sigmsg *answer = result->answer;
	int status = answer->status;
	char why[WHY_TEXT];

	why_set(why, "%s /push%s was answered %d %s", r->step == KEY ? "GET" :
	    r->done != NULL ? "DELETE" : "PUT", r->step == KEY ? "/key" : "",
	    answer->status, sigmsg_phrase(answer->status));
	if (status == 503 && r->done == NULL && ask_once_next(r->ask) == 0) {
		r->step = KEY;
	} else if (r->done != NULL || status >= 500 || status == 429) {
		again(r, why);
	} else if (r->step == KEY && (status < 300 || status == 404)) {
		take_key(r, answer);
	} else if (status >= 300) {
		refuse_registration(r, status == 401 ? OUTCOME_UNAUTHORISED :
		    OUTCOME_ERROR, why);
	} else {
		r->home = *signal_client_addr(result->client);
		ask_names(r);
	}
}

static void
on_asked(const struct ask_once_result *result, void *arg)
{
	struct registration *r = arg;

	/*
	 * A certificate that is not trusted from the start is our mistake.
	 * Later it may be the switch's.
	 */
	if (r->step == NAMES)
		take_names(r, result);
	else if (result->err == 0)
		take_answer(r, result);
	else if (result->err == -EACCES && !r->was_registered &&
	    r->done == NULL)
		refuse_registration(r, OUTCOME_UNTRUSTED, result->why);
	else
		again(r, result->why);
}

static int
ask_switch(struct registration *r)
{
	static const struct ask_once_handlers handlers = { .done = on_asked };
	const struct dial_context *c = r->context;
	struct ask_once_options options = {
		.name = c->switch_name,
		.port = c->switch_port,
		.resolve = c->resolve,
		.client = {
			.tls = c->tls,
			.number = c->account->number,
			.token = c->account->token,
			.key = c->account->key,
			.deadline_ms = ANSWER_MS,
			.race = c->account->race,
			.proxy_races = account_proxy_races(c->account,
			    c->switch_name)
		}
	};
	struct sigmsg msg = { .method = SIGMSG_GET, .target = "/push/key" };

	r->step = KEY;
	if (r->done != NULL) {
		r->step = PLACE;
		msg.method = SIGMSG_DELETE;
		strcpy(msg.target, "/push");
	}
	return ask_once_new(&r->ask, c->loop, &options, &msg, &handlers, r);
}

static void
attempt(struct registration *r)
{
	int err;

	drop_attempt(r);
	err = ask_switch(r);
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
    struct push_endpoint *endpoint, const struct registration_handlers *handlers, void *arg)
{
	struct registration *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return -ENOMEM;
	r->context = context;
	r->endpoint = endpoint;
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

const struct addr *
registration_home(const struct registration *r)
{
	return r->was_registered ? &r->home : NULL;
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
