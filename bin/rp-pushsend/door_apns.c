/*
 * Apple's push service over HTTP/2, by provider token: VoIP pushes, each of
 * which must ring, and alerts, which an extension of the app decrypts.
 */
#include "config.h"
#include "door_apns.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/jwt.h"
#include "base/webpush.h"
#include "http.h"
#include "settings.h"
#include "wire/base64.h"

/*
 * A provider token is refused when it is older than an hour, and a new one
 * when the last is younger than 20 minutes.
 */
#define TOKEN_RENEW_MS (40 * 60000ULL)
#define TOKEN_YOUNG_MS (20 * 60000ULL)

#define DEVICE_MAX 200		/* hexadecimal digits; 64 today */
#define TOPIC_MAX 160
#define VOIP ".voip"
#define ALERT_MAX 4096		/* bytes of a notification */
#define VOIP_MAX 5120
#define ROOM_AROUND 256		/* for what is not the payload */

enum push_type { TYPE_VOIP, TYPE_ALERT };

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
to_text(const struct pushmsg_request *request, const char *name)
{
	return json_string_value(json_object_get(request->to, name));
}

static bool
all_of(const char *text, size_t max, int (*ok)(int c), const char *also)
{
	size_t i;

	if (text == NULL || *text == '\0')
		return false;
	for (i = 0; text[i] != '\0'; i++)
		if (i == max || (!ok((unsigned char)text[i]) &&
		    strchr(also, text[i]) == NULL))
			return false;
	return true;
}

static bool
ends_in_voip(const char *topic)
{
	size_t n = strlen(topic);

	return n > strlen(VOIP) && strcmp(topic + n - strlen(VOIP), VOIP) == 0;
}

/* As to.push_type says; VoIP if it does not. */
static enum push_type
type_of(const struct pushmsg_request *request)
{
	const char *type = to_text(request, "push_type");

	return type != NULL && strcmp(type, "alert") == 0 ? TYPE_ALERT :
	    TYPE_VOIP;
}

static bool
is_kind(const struct pushmsg_request *request, const char *kind)
{
	const char *said = json_string_value(json_object_get(request->payload,
	    "kind"));

	return said != NULL && strcmp(said, kind) == 0;
}

static const char *
form_error(const struct pushmsg_request *request)
{
	const char *type = to_text(request, "push_type");
	const char *environment = to_text(request, "environment");

	if (!all_of(to_text(request, "token"), DEVICE_MAX, isxdigit, ""))
		return "to.token: wants a device token in hexadecimal";
	if (!all_of(to_text(request, "topic"), TOPIC_MAX, isalnum, ".-_"))
		return "to.topic: wants the app's bundle id";
	if (environment != NULL && strcmp(environment, "production") != 0 &&
	    strcmp(environment, "sandbox") != 0)
		return "to.environment: wants production or sandbox";
	if (type != NULL && strcmp(type, "voip") != 0 &&
	    strcmp(type, "alert") != 0)
		return "to.push_type: wants voip or alert";
	if (type_of(request) == TYPE_ALERT &&
	    ends_in_voip(to_text(request, "topic")))
		return "to.topic: a VoIP topic takes no alerts";
	if (type_of(request) == TYPE_VOIP && is_kind(request, "cancel"))
		return "a VoIP push always rings: it cannot cancel";
	return NULL;
}

static const char *
base_url(const struct apns *apns, const struct pushmsg_request *request)
{
	const char *environment = to_text(request, "environment");

	return environment != NULL && strcmp(environment, "sandbox") == 0 ?
	    apns->settings->apns_sandbox_url : apns->settings->apns_url;
}

static int
apns_service(void *self, const struct pushmsg_request *request,
    char name[static DOOR_SERVICE], char why[static PUSHMSG_WHY])
{
	const char *wrong = form_error(request);

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

/*
 * An id that stays the same when it is tried again, in the form of a UUID (RFC
 * 9562, version 8).
 */
static void
apns_id(char out[static 64], const char *id)
{
	uint8_t hash[CRYPTO_SHA256];
	char hex[HEX_TEXT(16)];

	crypto_sha256(hash, id, strlen(id));
	hash[6] = (uint8_t)((hash[6] & 0x0f) | 0x80);
	hash[8] = (uint8_t)((hash[8] & 0x3f) | 0x80);
	hex_encode(hex, hash, 16);
	snprintf(out, 64, "apns-id: %.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8,
	    hex + 12, hex + 16, hex + 20);
}

/* The payload under "rp", encrypted if there are keys. */
static json_t *
content_of(const struct pushmsg_request *request, size_t max,
    char why[static PUSHMSG_WHY])
{
	size_t plain_max = (max - ROOM_AROUND) / 4 * 3 - WEBPUSH_OVERHEAD, n;
	uint8_t body[VOIP_MAX];
	char text[BASE64_TEXT(VOIP_MAX)];

	if (!door_has_keys(request))
		return json_incref(request->payload);
	if (plain_max > WEBPUSH_PLAIN_MAX)
		plain_max = WEBPUSH_PLAIN_MAX;
	if (door_encrypt(body, &n, request, plain_max, why) < 0)
		return NULL;
	base64_encode_url(text, body, n);
	return json_pack("{s:s}", "encrypted", text);
}

static json_t *
aps_of(const struct apns *apns, const struct pushmsg_request *request)
{
	bool cancel = is_kind(request, "cancel");

	if (type_of(request) == TYPE_VOIP)
		return json_object();
	return json_pack("{s:{s:s}, s:i, s:s*, s:s}", "alert", "body",
	    cancel ? apns->settings->apns_alert_cancel :
	    apns->settings->apns_alert_call, "mutable-content", 1, "sound",
	    cancel ? NULL : "default", "interruption-level",
	    "time-sensitive");
}

static char *
body_of(const struct apns *apns, const struct pushmsg_request *request,
    char why[static PUSHMSG_WHY])
{
	size_t max = type_of(request) == TYPE_VOIP ? VOIP_MAX : ALERT_MAX;
	json_t *content, *object;
	char *body = NULL;

	strcpy(why, "out of memory");
	content = content_of(request, max, why);
	if (content == NULL)
		return NULL;
	object = json_pack("{s:o, s:o}", "aps", aps_of(apns, request), "rp",
	    content);
	if (object != NULL)
		body = json_dumps(object, JSON_COMPACT);
	json_decref(object);
	if (body != NULL && strlen(body) > max) {
		snprintf(why, PUSHMSG_WHY, "payload: makes %zu bytes, at most "
		    "%zu fit through this door", strlen(body), max);
		free(body);
		return NULL;
	}
	return body;
}

/* The texts of an attempt's headers and URL. */
struct heads {
	char url[512], topic[TOPIC_MAX + 32], id[64], collapse[64],
	    expiration[64], priority[32];
};

static void
fill_heads(struct heads *h, const struct apns *apns,
    const struct pushmsg_request *request)
{
	static const char *const priorities[] = { "10", "5", "1", "1" };
	const char *topic = to_text(request, "topic");
	bool add = type_of(request) == TYPE_VOIP && !ends_in_voip(topic);
	long long end = request->ttl_s == 0 ? 0 :
	    (long long)clock_wall_s() + request->ttl_s;

	snprintf(h->url, sizeof(h->url), "%s/3/device/%s",
	    base_url(apns, request), to_text(request, "token"));
	snprintf(h->topic, sizeof(h->topic), "apns-topic: %s%s", topic,
	    add ? VOIP : "");
	snprintf(h->expiration, sizeof(h->expiration), "apns-expiration: %lld",
	    end);
	snprintf(h->priority, sizeof(h->priority), "apns-priority: %s",
	    priorities[request->urgency]);
	snprintf(h->collapse, sizeof(h->collapse), "apns-collapse-id: %s",
	    request->topic);
	apns_id(h->id, request->id);
}

static int
post(struct push *push, const char *body, const char *bearer)
{
	const struct pushmsg_request *r = push->attempt->request;
	struct heads h;
	struct http_request request = {
		.url = h.url, .body = body, .body_len = strlen(body),
		.timeout_ms = push->attempt->timeout_ms,
		.fresh = push->attempt->fresh,
		.headers = { "Content-Type: application/json", bearer,
		    h.topic, h.id, h.expiration, h.priority,
		    type_of(r) == TYPE_VOIP ? "apns-push-type: voip" :
		    "apns-push-type: alert",
		    r->topic[0] != '\0' ? h.collapse : NULL }
	};

	fill_heads(&h, push->apns, r);
	return http_post(&push->call, push->apns->http, &request, on_answer,
	    push);
}

static void
apns_start(void *self, struct door_attempt *attempt)
{
	const char *bearer = authorization(self);
	char why[PUSHMSG_WHY] = "cannot sign with apns.key";
	struct push *push = calloc(1, sizeof(*push));
	char *body = NULL;
	int err = -ENOMEM;

	if (push != NULL && bearer != NULL)
		body = body_of(self, attempt->request, why);
	if (body != NULL) {
		push->apns = self;
		push->attempt = attempt;
		err = post(push, body, bearer);
		if (err < 0)
			snprintf(why, sizeof(why), "%s", strerror(-err));
	}
	free(body);
	if (err == 0) {
		attempt->state = push;
		return;
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
