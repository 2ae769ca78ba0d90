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

#include "base/clock.h"
#include "base/jwt.h"
#include "conf/pushconf.h"
#include "http/http.h"
#include "providers/apns_message.h"
#include "providers/apns_token.h"
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
		why_set(why, "apns: wants key_id and team_id");
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
 * Return whether the device token is dead. A 410 says since when, in
 * milliseconds since 1970. If the device has registered again after that, it
 * lives.
 */
static bool
dead(const struct pushmsg_request *request, const json_t *answer)
{
	const json_t *since = json_object_get(answer, "timestamp");

	if (!json_is_integer(since) || request->registered_s == 0)
		return true;
	return json_integer_value(since) / 1000 >= request->registered_s;
}

struct push {
	struct apns *apns;
	struct provider_attempt *attempt;
	struct http_call *call;
	unsigned serial;		/* of the provider token */
};

/*
 * The meaning of a refusal. BadDeviceToken may also be a token of the other
 * environment, and DeviceTokenNotForTopic one of another app: neither is dead.
 * A reason outside the table is retried if the service is to blame, and
 * otherwise counts as wrong.
 */
enum meaning { DEAD, RENEW, LATER, TROUBLE, WRONG };

static const struct {
	int status;
	const char *reason;		/* NULL: any */
	enum meaning meaning;
} meanings[] = {
	{ 410, "Unregistered", DEAD },
	{ 410, "ExpiredToken", DEAD },
	{ 403, "ExpiredProviderToken", RENEW },
	{ 400, "IdleTimeout", LATER },
	{ 429, NULL, LATER },
};

static enum meaning
meaning_of(int status, const char *reason)
{
	size_t i;

	for (i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
		if (meanings[i].status == status &&
		    (meanings[i].reason == NULL ||
		    strcmp(meanings[i].reason, reason) == 0))
			return meanings[i].meaning;
	return status >= 500 ? TROUBLE : WRONG;
}

static void
judge(const struct push *push, const struct http_answer *answer,
    const json_t *object)
{
	const char *reason = json_string_value(json_object_get(object,
	    "reason"));
	struct provider_attempt *attempt = push->attempt;
	unsigned after_ms = answer->retry_after_ms;
	int status = answer->status;
	enum meaning meaning;

	if (reason == NULL)
		reason = "without a reason";
	meaning = meaning_of(status, reason);
	if (meaning == DEAD && dead(attempt->request, object))
		provider_finish(attempt, PUSHMSG_GONE, "%d %s", status, reason);
	else if (meaning == DEAD)
		provider_finish(attempt, PUSHMSG_FAILED,
		    "%d %s, but registered "
		    "since", status, reason);
	else if (meaning == RENEW && apns_token_expired(push->apns->token,
	    push->serial, clock_ms()))
		provider_finish_retry(attempt, 0, false, "%d %s", status,
		    reason);
	else if (meaning == LATER || meaning == TROUBLE)
		provider_finish_retry(attempt, after_ms, meaning == TROUBLE,
		    "%d %.60s", status, reason);
	else
		provider_finish(attempt, PUSHMSG_FAILED, "%d %.60s", status,
		    reason);
}

static void
on_answer(const struct http_answer *answer, void *arg)
{
	struct push push = *(struct push *)arg;
	json_t *object;

	free(arg);
	if (answer->end != HTTP_ANSWERED) {
		provider_finish_http(push.attempt, answer);
		return;
	}
	if (answer->status == 200) {
		provider_finish(push.attempt, PUSHMSG_SENT, "200");
		return;
	}
	object = json_loadb(answer->body, answer->body_len, 0, NULL);
	judge(&push, answer, object);
	json_decref(object);
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
	const char *bearer = apns_token_header(push->apns->token, clock_ms(),
	    clock_wall_s(), &push->serial);
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

	if (push != NULL) {
		push->apns = self;
		push->attempt = attempt;
		if (push_start(push, why) == 0) {
			attempt->state = push;
			return;
		}
	}
	free(push);
	provider_finish(attempt, PUSHMSG_FAILED, "%s", why);
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
	.service = apns_service,
	.rate = apns_rate,
	.in_flight = apns_in_flight,
	.start = apns_start,
	.cancel = apns_cancel
};
