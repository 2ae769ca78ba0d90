/*
 * Apple's push service over HTTP/2, by provider token: VoIP pushes, each of
 * which must ring, and alerts, which an extension of the app decrypts.
 */
#include "config.h"
#include "door_apns.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apns_message.h"
#include "base/clock.h"
#include "base/jwt.h"
#include "http.h"
#include "settings.h"

/*
 * A provider token is refused when it is older than an hour, and a new one
 * when the last is younger than 20 minutes.
 */
#define TOKEN_RENEW_MS (40 * 60000ULL)
#define TOKEN_YOUNG_MS (20 * 60000ULL)

struct apns {
	struct http *http;
	const struct settings *settings;
	struct jwt_key *key;
	char *header;			/* "Authorization: bearer ..." */
	uint64_t made_ms;
};

static void
apns_close(void *self)
{
	struct apns *apns = self;

	if (apns == NULL)
		return;
	free(apns->header);
	jwt_key_free(apns->key);
	free(apns);
}

static int
open_key(struct apns *apns, char why[static PUSHMSG_WHY])
{
	const struct settings *settings = apns->settings;
	uint8_t public[JWT_PUBLIC];
	char wrong[JWT_WHY];
	int err;

	if (settings->apns_key_id == NULL || settings->apns_team_id == NULL) {
		snprintf(why, PUSHMSG_WHY, "apns: wants key_id and team_id");
		return -EINVAL;
	}
	err = jwt_key_read(&apns->key, settings->apns_key, wrong);
	if (err == 0 && jwt_key_public(apns->key, public) < 0) {
		snprintf(wrong, sizeof(wrong), "wants a P-256 key");
		err = -EINVAL;
	}
	if (err < 0)
		snprintf(why, PUSHMSG_WHY, "apns.key: %.110s", wrong);
	return err == -ENOENT ? -EINVAL : err;
}

static int
apns_open(void **self, const struct door_room *room,
    char why[static PUSHMSG_WHY])
{
	struct apns *apns;
	int err;

	if (room->settings->apns_key == NULL)
		return -ENOENT;
	apns = calloc(1, sizeof(*apns));
	if (apns == NULL) {
		snprintf(why, PUSHMSG_WHY, "out of memory");
		return -ENOMEM;
	}
	apns->http = room->services;
	apns->settings = room->settings;
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
    char name[static DOOR_SERVICE], char why[static PUSHMSG_WHY])
{
	const char *wrong = apns_message_error(request);

	if (wrong == NULL) {
		snprintf(name, DOOR_SERVICE, "%s", base_url(self, request));
		return 0;
	}
	snprintf(why, PUSHMSG_WHY, "%s", wrong);
	return -EBADMSG;
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

/* The provider token's header, made anew when it is time. NULL: cannot. */
static const char *
authorization(struct apns *apns)
{
	const struct settings *settings = apns->settings;
	uint64_t now = clock_ms();
	char *token, *header;
	json_t *claims;
	int err;

	if (apns->header != NULL && now - apns->made_ms < TOKEN_RENEW_MS)
		return apns->header;
	claims = json_pack("{s:s, s:I}", "iss", settings->apns_team_id, "iat",
	    (json_int_t)clock_wall_s());
	if (claims == NULL)
		return NULL;
	err = jwt_sign(&token, apns->key, settings->apns_key_id, claims);
	json_decref(claims);
	if (err < 0)
		return NULL;
	err = asprintf(&header, "Authorization: bearer %s", token);
	free(token);
	if (err < 0)
		return NULL;
	free(apns->header);
	apns->header = header;
	apns->made_ms = now;
	return header;
}

/*
 * The service calls our token expired. A new one helps if ours is old; too
 * many new ones are themselves refused.
 */
static bool
renew(struct apns *apns)
{
	if (clock_ms() - apns->made_ms < TOKEN_YOUNG_MS)
		return false;
	free(apns->header);
	apns->header = NULL;
	return true;
}

/*
 * 410 says since when the token is dead, in milliseconds since 1970. If the
 * device has registered it (again) after that, it lives.
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
	struct door_attempt *attempt;
	struct http_call *call;
};

/*
 * What a refusal means. BadDeviceToken may also be a token of the other
 * environment, and DeviceTokenNotForTopic one of another app: neither is
 * dead.
 */
static void
judge(struct apns *apns, struct door_attempt *attempt,
    const struct http_answer *answer, const json_t *object)
{
	const char *reason = json_string_value(json_object_get(object,
	    "reason"));
	int status = answer->status;

	if (reason == NULL)
		reason = "without a reason";
	if (status == 410 && (strcmp(reason, "Unregistered") == 0 ||
	    strcmp(reason, "ExpiredToken") == 0)) {
		if (dead(attempt->request, object))
			door_finish(attempt, PUSHMSG_GONE, "410 %s", reason);
		else
			door_finish(attempt, PUSHMSG_FAILED,
			    "410 %s, but registered since", reason);
	} else if (status == 403 &&
	    strcmp(reason, "ExpiredProviderToken") == 0 && renew(apns)) {
		door_finish_retry(attempt, 0, false, "403 %s", reason);
	} else if (status == 429 ||
	    (status == 400 && strcmp(reason, "IdleTimeout") == 0)) {
		door_finish_retry(attempt, answer->retry_after_ms, false,
		    "%d %.60s", status, reason);
	} else if (status >= 500) {
		door_finish_retry(attempt, answer->retry_after_ms, true,
		    "%d %.60s", status, reason);
	} else {
		door_finish(attempt, PUSHMSG_FAILED, "%d %.60s", status,
		    reason);
	}
}

static void
on_answer(const struct http_answer *answer, void *arg)
{
	struct push *push = arg;
	struct door_attempt *attempt = push->attempt;
	struct apns *apns = push->apns;
	json_t *object;

	free(push);
	if (answer->end != HTTP_ANSWERED) {
		door_finish_http(attempt, answer);
		return;
	}
	if (answer->status == 200) {
		door_finish(attempt, PUSHMSG_SENT, "200");
		return;
	}
	object = json_loadb(answer->body, answer->body_len, 0, NULL);
	judge(apns, attempt, answer, object);
	json_decref(object);
}

static int
post(struct push *push, const struct apns_message *m, const char *bearer)
{
	struct http_request request = {
		.url = m->url, .body = m->body, .body_len = strlen(m->body),
		.timeout_ms = push->attempt->timeout_ms,
		.fresh = push->attempt->fresh,
		.headers = { "Content-Type: application/json", bearer,
		    m->topic, m->id, m->expiration, m->priority,
		    m->push_type, m->collapse[0] != '\0' ? m->collapse :
		    NULL }
	};

	return http_post(&push->call, push->apns->http, &request, on_answer,
	    push);
}

/* 0 if it is under way, else why says why not. */
static int
push_start(struct push *push, char why[static PUSHMSG_WHY])
{
	const struct pushmsg_request *request = push->attempt->request;
	const struct settings *s = push->apns->settings;
	const char *bearer = authorization(push->apns);
	struct apns_message message;
	int err;

	if (bearer == NULL) {
		snprintf(why, PUSHMSG_WHY, "cannot sign with apns.key");
		return -EIO;
	}
	err = apns_message_make(&message, request, base_url(push->apns,
	    request), apns_message_cancels(request) ? s->apns_alert_cancel :
	    s->apns_alert_call, why);
	if (err < 0)
		return err;
	err = post(push, &message, bearer);
	if (err < 0)
		snprintf(why, PUSHMSG_WHY, "%s", strerror(-err));
	apns_message_clear(&message);
	return err;
}

static void
apns_start(void *self, struct door_attempt *attempt)
{
	char why[PUSHMSG_WHY] = "out of memory";
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
	door_finish(attempt, PUSHMSG_FAILED, "%s", why);
}

static void
apns_cancel(void *self, struct door_attempt *attempt)
{
	struct push *push = attempt->state;

	(void)self;
	http_cancel(push->call);
	free(push);
	attempt->state = NULL;
}

const struct door door_apns = {
	.type = "apns",
	.open = apns_open,
	.close = apns_close,
	.service = apns_service,
	.rate = apns_rate,
	.in_flight = apns_in_flight,
	.start = apns_start,
	.cancel = apns_cancel
};
