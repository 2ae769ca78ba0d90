/*
 * apns_message: turn a request into Apple's URL, headers and JSON, and its
 * error words into outcomes. See apns_message.h.
 */
#include "providers/apns_message.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/webpush.h"
#include "providers/provider.h"
#include "wire/base64.h"
#include "wire/pushform.h"
#include "wire/why.h"

#define VOIP ".voip"
#define ALERT_MAX 4096		/* bytes of a notification */
#define VOIP_MAX 5120		/* likewise, of a VoIP push; both are Apple's */
#define ROOM_AROUND 256		/* for everything but the payload */

/* The longest plain text whose base64 fits. */
#define PLAIN(max) (((max) - ROOM_AROUND) / 4 * 3 - WEBPUSH_OVERHEAD)
_Static_assert(PUSHFORM_ROOM_APNS == PLAIN(VOIP_MAX), "one table");
_Static_assert(PUSHFORM_ROOM_ALERT == PLAIN(ALERT_MAX), "one table");

enum push_type { TYPE_VOIP, TYPE_ALERT };

static const char *
to_text(const struct pushmsg_request *request, const char *name)
{
	return json_string_value(json_object_get(request->to, name));
}

static bool
ends_in_voip(const char *topic)
{
	size_t n = strlen(topic);

	return n > strlen(VOIP) && strcmp(topic + n - strlen(VOIP), VOIP) == 0;
}

/* Return the type in to.push_type; VoIP without one. */
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

int
apns_message_check(const struct pushmsg_request *request,
    char why[static WHY_TEXT])
{
	if (pushform_check("apns", request->to, why) < 0)
		return -EBADMSG;
	if (type_of(request) == TYPE_ALERT || !is_kind(request, "cancel"))
		return 0;
	why_set(why, "a VoIP push always rings: it cannot cancel");
	return -EBADMSG;
}

bool
apns_message_sandbox(const struct pushmsg_request *request)
{
	const char *environment = to_text(request, "environment");

	return environment != NULL && strcmp(environment, "sandbox") == 0;
}

bool
apns_message_cancels(const struct pushmsg_request *request)
{
	return is_kind(request, "cancel");
}

/*
 * Write an id that is equal for every attempt, in the form of a UUID (RFC 9562,
 * version 8).
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

/* Return the payload under "rp", encrypted if there are keys. */
static json_t *
content_of(const struct pushmsg_request *request, char why[static WHY_TEXT])
{
	uint8_t body[VOIP_MAX];
	char text[BASE64_TEXT(VOIP_MAX)];
	size_t n;

	if (!pushform_has_keys(request->to))
		return json_incref(request->payload);
	if (provider_encrypt(body, &n, request, why) < 0)
		return NULL;
	base64_encode_url(text, body, n);
	return json_pack("{s:s}", "encrypted", text);
}

static json_t *
aps_of(const struct pushmsg_request *request, const char *alert)
{
	if (type_of(request) == TYPE_VOIP)
		return json_object();
	return json_pack("{s:{s:s}, s:i, s:s*, s:s}", "alert", "body", alert,
	    "mutable-content", 1, "sound", apns_message_cancels(request) ?
	    NULL : "default", "interruption-level", "time-sensitive");
}

static char *
body_of(const struct pushmsg_request *request, const char *alert,
    char why[static WHY_TEXT])
{
	size_t max = type_of(request) == TYPE_VOIP ? VOIP_MAX : ALERT_MAX;
	json_t *content, *object;
	char *body = NULL;

	strcpy(why, "out of memory");
	content = content_of(request, why);
	if (content == NULL)
		return NULL;
	object = json_pack("{s:o, s:o}", "aps", aps_of(request, alert), "rp",
	    content);
	if (object != NULL)
		body = json_dumps(object, JSON_COMPACT);
	json_decref(object);
	if (body != NULL && strlen(body) > max) {
		why_set(why, "payload: makes %zu bytes, at most "
		    "%zu fit in an APNs message", strlen(body), max);
		free(body);
		return NULL;
	}
	return body;
}

static void
fill_heads(struct apns_message *m, const struct pushmsg_request *request,
    const char *base_url)
{
	static const char *const priorities[] = { "10", "5", "1", "1" };
	const char *topic = to_text(request, "topic");
	bool add = type_of(request) == TYPE_VOIP && !ends_in_voip(topic);
	long long end = request->ttl_s == 0 ? 0 :
	    (long long)clock_wall_s() + request->ttl_s;

	snprintf(m->url, sizeof(m->url), "%s/3/device/%s",
	    base_url, to_text(request, "token"));
	snprintf(m->topic, sizeof(m->topic), "apns-topic: %s%s", topic,
	    add ? VOIP : "");
	snprintf(m->expiration, sizeof(m->expiration), "apns-expiration: %lld",
	    end);
	snprintf(m->priority, sizeof(m->priority), "apns-priority: %s",
	    priorities[request->urgency]);
	m->push_type = type_of(request) == TYPE_VOIP ?
	    "apns-push-type: voip" : "apns-push-type: alert";
	m->collapse[0] = '\0';
	if (request->topic[0] != '\0')
		snprintf(m->collapse, sizeof(m->collapse),
		    "apns-collapse-id: %s", request->topic);
	apns_id(m->id, request->id);
}

int
apns_message_make(struct apns_message *out,
    const struct pushmsg_request *request, const char *base_url,
    const char *alert, char why[static WHY_TEXT])
{
	out->body = body_of(request, alert, why);
	if (out->body == NULL)
		return -EBADMSG;
	fill_heads(out, request, base_url);
	return 0;
}

void
apns_message_clear(struct apns_message *message)
{
	free(message->body);
}
