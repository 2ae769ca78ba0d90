/*
 * provider_fcm: Firebase Cloud Messaging, HTTP v1. It sends data only, so that
 * the app and not the system decides what to show, with high priority, which
 * wakes it.
 */
#include "config.h"
#include "providers/provider_fcm.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/webpush.h"
#include "conf/pushconf.h"
#include "http/http.h"
#include "providers/oauth.h"
#include "providers/answer_words.h"
#include "wire/base64.h"
#include "wire/pushform.h"
#include "wire/why.h"

#define SCOPE "https://www.googleapis.com/auth/firebase.messaging"
#define DATA_MAX 4096		/* bytes of all keys and values */
#define ENCRYPTED "encrypted"	/* the only key of encrypted data */
#define PLAIN "payload"

_Static_assert(PUSHFORM_ROOM_FCM == (DATA_MAX - (sizeof(ENCRYPTED) - 1)) /
    4 * 3 - WEBPUSH_OVERHEAD, "the longest plain text whose base64 fits");

struct fcm {
	struct http *http;
	const struct pushconf *settings;
	struct oauth *oauth;
	char *url;
};

/* One attempt. */
struct message {
	struct oauth_waiter waiter;	/* first: a waiter is its message */
	struct fcm *fcm;
	struct provider_attempt *attempt;
	struct http_call *call;		/* NULL while it waits for a token */
	unsigned serial;		/* of the token */
	char *body;
};

static void
fcm_close(void *self)
{
	struct fcm *fcm = self;

	if (fcm == NULL)
		return;
	oauth_free(fcm->oauth);
	free(fcm->url);
	free(fcm);
}

static int
fcm_open(void **self, const struct provider_env *env,
    char why[static WHY_TEXT])
{
	const struct pushconf *settings = env->settings;
	char wrong[WHY_TEXT] = "out of memory";
	struct fcm *fcm;
	int err = -ENOMEM;

	if (settings->fcm_service_account == NULL)
		return -ENOENT;
	fcm = calloc(1, sizeof(*fcm));
	if (fcm != NULL) {
		fcm->http = env->services;
		fcm->settings = settings;
		err = oauth_new(&fcm->oauth, env->services,
		    settings->fcm_service_account, SCOPE, wrong);
	}
	if (err == 0 && asprintf(&fcm->url, "%s/v1/projects/%s/messages:send",
	    settings->fcm_url, oauth_project(fcm->oauth)) < 0)
		err = -ENOMEM;
	if (err < 0) {
		why_set(why, "fcm.service_account: %.100s", wrong);
		fcm_close(fcm);
		return err == -ENOENT ? -EINVAL : err;
	}
	*self = fcm;
	return 0;
}

static void
fcm_inherit(void *self, const void *former)
{
	const struct fcm *old = former;

	oauth_inherit(((struct fcm *)self)->oauth, old->oauth);
}

static const char *
token_of(const struct pushmsg_request *request)
{
	return json_string_value(json_object_get(request->to, "token"));
}

static int
fcm_service(void *self, const struct pushmsg_request *request,
    char name[static PROVIDER_SERVICE], char why[static WHY_TEXT])
{
	(void)self;
	strcpy(name, "fcm");
	return pushform_check(provider_fcm.type, request->to, why) < 0 ?
	    -EBADMSG : 0;
}

static unsigned
fcm_rate(void *self)
{
	return (unsigned)((struct fcm *)self)->settings->fcm_rate;
}

static unsigned
fcm_in_flight(void *self)
{
	return (unsigned)((struct fcm *)self)->settings->
	    in_flight_per_service;
}

static void
message_free(struct message *message)
{
	free(message->body);
	free(message);
}

/* Free the message and tell the engine. */
static void
message_end(struct message *message, enum pushmsg_status status,
    const char *reason)
{
	struct provider_attempt *attempt = message->attempt;

	message_free(message);
	provider_finish(attempt, status, "%s", reason);
}

/*
 * Interpret an answer. Only UNREGISTERED concerns the token. A bare 404 is a
 * wrong project, and INVALID_ARGUMENT may concern any part of the message.
 */
static void
on_answer(const struct http_answer *answer, void *arg)
{
	struct message *message = arg;
	struct provider_attempt *attempt = message->attempt;
	struct oauth *oauth = message->fcm->oauth;
	unsigned serial = message->serial;
	const struct answer_row *row;
	struct provider_outcome outcome;
	enum answer_verdict verdict;
	struct answer_words words;

	message_free(message);
	if (answer->end != HTTP_ANSWERED) {
		provider_finish_http(attempt, answer);
		return;
	}
	answer_words_read(&words, answer->head, answer->body, answer->body_len);
	row = answer_table_find(ANSWERS_FCM, answer->status, words.code);
	verdict = row->verdict;
	if (verdict == ANSWER_RENEW && !oauth_reject(oauth, serial))
		verdict = ANSWER_REFUSED;
	provider_judge(&outcome, attempt, answer, row, verdict, &words);
	provider_end(attempt, &outcome);
}

static void
post(struct message *message, const char *authorization)
{
	struct fcm *fcm = message->fcm;
	struct http_request request = {
		.url = fcm->url, .body = message->body,
		.body_len = strlen(message->body),
		.timeout_ms = message->attempt->timeout_ms,
		.headers = { "Content-Type: application/json; charset=UTF-8",
		    authorization }
	};
	int err = http_post(&message->call, fcm->http, &request, on_answer,
	    message);

	if (err < 0)
		message_end(message, PUSHMSG_FAILED, strerror(-err));
}

static void
on_token(struct oauth_waiter *waiter, const char *why, bool again)
{
	struct message *message = (struct message *)waiter;
	struct provider_attempt *attempt = message->attempt;
	struct oauth *oauth = message->fcm->oauth;
	const char *header;

	if (why != NULL) {
		message_free(message);
		if (again)
			provider_finish_retry(attempt, oauth_asked_ms(oauth),
			    true, "%s", why);
		else
			provider_finish(attempt, PUSHMSG_FAILED, "%s", why);
		return;
	}
	header = oauth_header(oauth, &message->serial);
	if (header != NULL) {
		post(message, header);
		return;
	}
	message_free(message);
	provider_finish_retry(attempt, 0, true, "token: ended already");
}

/* Return the payload as FCM's data: strings, encrypted if there are keys. */
static json_t *
data_of(const struct pushmsg_request *request, char why[static WHY_TEXT])
{
	uint8_t body[PUSHFORM_ROOM_FCM + WEBPUSH_OVERHEAD];
	char text[DATA_MAX], *plain;
	json_t *data = NULL;
	size_t n;

	strcpy(why, "out of memory");
	if (pushform_has_keys(request->to)) {
		if (provider_encrypt(body, &n, request, why) < 0)
			return NULL;
		base64_encode_url(text, body, n);
		return json_pack("{s:s}", ENCRYPTED, text);
	}
	plain = json_dumps(request->payload, JSON_COMPACT);
	if (plain == NULL)
		return NULL;
	n = strlen(plain) + sizeof(PLAIN) - 1;
	if (n > DATA_MAX)
		why_set(why, "payload: %zu bytes, at most %d "
		    "fit in an FCM message", n, DATA_MAX);
	else
		data = json_pack("{s:s}", PLAIN, plain);
	free(plain);
	return data;
}

static char *
body_of(const struct pushmsg_request *request, char why[static WHY_TEXT])
{
	const char *topic = request->topic[0] != '\0' ? request->topic : NULL;
	json_t *data = data_of(request, why), *object;
	char ttl[32], *body = NULL;

	if (data == NULL)
		return NULL;
	snprintf(ttl, sizeof(ttl), "%lds", request->ttl_s);
	object = json_pack("{s:{s:s, s:o, s:{s:s, s:s, s:s*}}}", "message",
	    "token", token_of(request), "data", data, "android",
	    "priority", request->urgency == PUSHMSG_HIGH ? "HIGH" : "NORMAL",
	    "ttl", ttl, "collapse_key", topic);
	if (object != NULL)
		body = json_dumps(object, JSON_COMPACT);
	json_decref(object);
	if (body == NULL)
		strcpy(why, "out of memory");
	return body;
}

static void
fcm_start(void *self, struct provider_attempt *attempt)
{
	struct message *message = calloc(1, sizeof(*message));
	char why[WHY_TEXT] = "out of memory";
	const char *header;

	if (message != NULL)
		message->body = body_of(attempt->request, why);
	if (message == NULL || message->body == NULL) {
		free(message);
		provider_finish(attempt, PUSHMSG_FAILED, "%s", why);
		return;
	}
	message->fcm = self;
	message->attempt = attempt;
	message->waiter.ready = on_token;
	attempt->state = message;
	header = oauth_header(message->fcm->oauth, &message->serial);
	if (header != NULL)
		post(message, header);
	else if (oauth_wait(message->fcm->oauth, &message->waiter) < 0)
		message_end(message, PUSHMSG_FAILED,
		    "fcm.service_account: cannot sign");
}

static void
fcm_cancel(void *self, struct provider_attempt *attempt)
{
	struct message *message = attempt->state;

	if (message->call != NULL)
		http_cancel(message->call);
	else
		oauth_unwait(((struct fcm *)self)->oauth, &message->waiter);
	message_free(message);
	attempt->state = NULL;
}

const struct provider provider_fcm = {
	.type = "fcm",
	.open = fcm_open,
	.close = fcm_close,
	.inherit = fcm_inherit,
	.service = fcm_service,
	.rate = fcm_rate,
	.in_flight = fcm_in_flight,
	.start = fcm_start,
	.cancel = fcm_cancel
};
