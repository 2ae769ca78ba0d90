/*
 * provider_apns: Apple's push service over HTTP/2, by provider token. It sends
 * VoIP pushes, each of which must ring, and alerts, which an extension of the
 * app decrypts.
 */
#include "providers/provider_apns.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/jwt.h"
#include "conf/pushconf.h"
#include "http/http.h"
#include "providers/apns_message.h"
#include "providers/apns_token.h"
#include "providers/token_age.h"
#include "providers/answer_words.h"
#include "wire/why.h"

struct apns {
	struct http *http;
	const struct pushconf *settings;
	struct apns_token *token;
};

static void
apns_close(void *self)
{
	struct apns *apns = self;

	if (apns == NULL)
		return;
	apns_token_free(apns->token);
	free(apns);
}

static int
open_key(struct apns *apns, char why[static WHY_TEXT])
{
	const struct pushconf *settings = apns->settings;
	uint8_t public[JWT_PUBLIC];
	char wrong[WHY_TEXT];
	struct jwt_key *key;
	int err;

	if (settings->apns_key_id == NULL || settings->apns_team_id == NULL) {
		why_set(why, "apns.key: wants apns.key_id and "
		    "apns.team_id");
		return -EINVAL;
	}
	err = jwt_key_read(&key, settings->apns_key, wrong);
	if (err < 0) {
		why_set(why, "apns.key: %.110s", wrong);
		return err == -ENOENT ? -EINVAL : err;
	}
	if (jwt_key_public(key, public) < 0) {
		why_set(why, "apns.key: wants a P-256 key");
		jwt_key_free(key);
		return -EINVAL;
	}
	why_set(why, "out of memory");
	return apns_token_new(&apns->token, key, settings->apns_key_id,
	    settings->apns_team_id);
}

static int
apns_open(void **self, const struct provider_env *env,
    char why[static WHY_TEXT])
{
	struct apns *apns;
	int err;

	if (env->settings->apns_key == NULL)
		return -ENOENT;
	apns = calloc(1, sizeof(*apns));
	if (apns == NULL) {
		why_set(why, "out of memory");
		return -ENOMEM;
	}
	apns->http = env->services;
	apns->settings = env->settings;
	err = open_key(apns, why);
	if (err < 0) {
		apns_close(apns);
		return err;
	}
	*self = apns;
	return 0;
}

static void
apns_inherit(void *self, const void *former)
{
	const struct apns *old = former;

	apns_token_inherit(((struct apns *)self)->token, old->token);
}

static const char *
base_url(const struct apns *apns, const struct pushmsg_request *request)
{
	return apns_message_sandbox(request) ?
	    apns->settings->apns_sandbox_url : apns->settings->apns_url;
}

static int
apns_service(void *self, const struct pushmsg_request *request,
    char name[static PROVIDER_SERVICE], char why[static WHY_TEXT])
{
	int err = apns_message_check(request, why);

	if (err < 0)
		return err;
	snprintf(name, PROVIDER_SERVICE, "%s", base_url(self, request));
	return 0;
}

static unsigned
apns_rate(void *self)
{
	return (unsigned)((struct apns *)self)->settings->apns_rate;
}

static unsigned
apns_in_flight(void *self)
{
	return (unsigned)((struct apns *)self)->settings->
	    in_flight_per_service;
}

/*
 * Return whether the device token is dead. A 410 says since when. If the device
 * has registered again after that, it lives.
 */
static bool
dead(const struct pushmsg_request *request, const struct answer_words *words)
{
	return words->since_s == 0 || request->registered_s == 0 ||
	    words->since_s >= request->registered_s;
}

struct push {
	struct apns *apns;
	struct provider_attempt *attempt;
	struct http_call *call;
	unsigned serial;		/* of the provider token */
};

/*
 * Does the server say that it is about to close the connection? Apple's may
 * stay open, and would answer all repeats so.
 */
static bool
is_closing(const char *reason)
{
	return strcmp(reason, "Shutdown") == 0 ||
	    strcmp(reason, "IdleTimeout") == 0;
}

static void
judge(const struct push *push, const struct http_answer *answer)
{
	struct provider_attempt *attempt = push->attempt;
	const struct token_moment now = token_moment_now();
	const struct answer_row *row;
	struct provider_outcome outcome;
	enum answer_verdict verdict;
	struct answer_words words;

	answer_words_read(&words, answer->head, answer->body, answer->body_len);
	if (is_closing(words.code))
		http_leave(push->call);
	row = answer_table_find(ANSWERS_APNS, answer->status, words.code);
	verdict = row->verdict;
	if (verdict == ANSWER_GONE && !dead(attempt->request, &words)) {
		provider_finish(attempt, PUSHMSG_FAILED, "%d: %s, but "
		    "registered since", answer->status, row->code);
		return;
	}
	if (verdict == ANSWER_RENEW &&
	    !apns_token_refused(push->apns->token, push->serial, &now))
		verdict = ANSWER_REFUSED;
	provider_judge(&outcome, attempt, answer, row, verdict, &words);
	provider_end(attempt, &outcome);
}

static void
on_answer(const struct http_answer *answer, void *arg)
{
	struct push push = *(struct push *)arg;

	free(arg);
	if (answer->end == HTTP_ANSWERED)
		judge(&push, answer);
	else
		provider_finish_http(push.attempt, answer);
}

static int
post(struct push *push, const struct apns_message *m, const char *bearer)
{
	struct http_request request = {
		.url = m->url, .body = m->body, .body_len = strlen(m->body),
		.timeout_ms = push->attempt->timeout_ms,
		.headers = { "Content-Type: application/json", bearer,
		    m->topic, m->id, m->expiration, m->priority,
		    m->push_type, m->collapse[0] != '\0' ? m->collapse :
		    NULL }
	};

	return http_post(&push->call, push->apns->http, &request, on_answer,
	    push);
}

/* Start the request. Return 0, or an error with `why`. */
static int
push_start(struct push *push, char why[static WHY_TEXT])
{
	const struct pushmsg_request *request = push->attempt->request;
	const struct pushconf *s = push->apns->settings;
	const struct token_moment now = token_moment_now();
	const char *bearer = apns_token_header(push->apns->token, &now,
	    &push->serial);
	struct apns_message message;
	int err;

	if (bearer == NULL) {
		why_set(why, "cannot sign with apns.key");
		return -EIO;
	}
	err = apns_message_make(&message, request, base_url(push->apns,
	    request), apns_message_cancels(request) ? s->apns_alert_cancel :
	    s->apns_alert_call, why);
	if (err < 0)
		return err;
	err = post(push, &message, bearer);
	if (err < 0)
		why_set(why, "%s", strerror(-err));
	apns_message_clear(&message);
	return err;
}

static void
apns_start(void *self, struct provider_attempt *attempt)
{
	char why[WHY_TEXT] = "out of memory";
	struct push *push = calloc(1, sizeof(*push));
	int err = -ENOMEM;

	if (push != NULL) {
		push->apns = self;
		push->attempt = attempt;
		err = push_start(push, why);
	}
	provider_started(attempt, push, err, why);
}

static void
apns_cancel(void *self, struct provider_attempt *attempt)
{
	struct push *push = attempt->state;

	(void)self;
	http_cancel(push->call);
	free(push);
	attempt->state = NULL;
}

const struct provider provider_apns = {
	.type = "apns",
	.open = apns_open,
	.close = apns_close,
	.inherit = apns_inherit,
	.service = apns_service,
	.rate = apns_rate,
	.in_flight = apns_in_flight,
	.start = apns_start,
	.cancel = apns_cancel
};
