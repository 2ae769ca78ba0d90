/*
 * pushmsg: parse and write push requests and results as JSON lines. Pure. See
 * pushmsg.h.
 */
#include "wire/pushmsg.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/why.h"

#define TTL_DEFAULT_S 30

static const char *const status_names[] = {
	"sent", "gone", "retry", "failed", "busy"
};
static const char *const urgency_names[] = {
	"high", "normal", "low", "very-low"
};

#define COUNT(names) (sizeof(names) / sizeof((names)[0]))

const char *
pushmsg_status_name(enum pushmsg_status status)
{
	return status_names[status];
}

const char *
pushmsg_urgency_name(enum pushmsg_urgency urgency)
{
	return urgency_names[urgency];
}

static int
name_index(const char *const names[], size_t n, const char *name)
{
	size_t i;

	for (i = 0; name != NULL && i < n; i++)
		if (strcmp(names[i], name) == 0)
			return (int)i;
	return -1;
}

/*
 * Copy a string member of at most `max` - 1 bytes. Return false if it is
 * invalid.
 */
static bool
take_string(char *out, size_t max, const json_t *object, const char *key)
{
	const json_t *s = json_object_get(object, key);
	size_t len = json_string_length(s);

	if (!json_is_string(s) || len == 0 || len >= max)
		return false;
	memcpy(out, json_string_value(s), len + 1);
	return true;
}

/* Read an optional number. Return false if it is invalid or out of bounds. */
static bool
take_long(long *out, const json_t *object, const char *key, long min, long max)
{
	const json_t *n = json_object_get(object, key);

	if (n == NULL)
		return true;
	if (!json_is_integer(n) || json_integer_value(n) < min ||
	    json_integer_value(n) > max)
		return false;
	*out = (long)json_integer_value(n);
	return true;
}

/*
 * Is it a valid topic? RFC 8030 5.4 allows at most 32 characters of base64url.
 */
static bool
topic_ok(const char *topic)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789-_";

	return topic[strspn(topic, letters)] == '\0';
}

/*
 * Read the session. An invalid one is left out, because it is for logs only,
 * and others may use a member of that name.
 */
static void
take_session(char session[static PUSHMSG_SESSION], const json_t *object)
{
	if (!take_string(session, PUSHMSG_SESSION, object, "session") ||
	    !topic_ok(session))
		session[0] = '\0';
}

static int
take_optional(struct pushmsg_request *out, const json_t *object,
    char why[static WHY_TEXT])
{
	const json_t *urgency = json_object_get(object, "urgency");
	long registered_s = 0;
	int level = 0;

	out->ttl_s = TTL_DEFAULT_S;
	if (!take_long(&out->ttl_s, object, "ttl", 0, PUSHMSG_TTL_MAX))
		return why_bad(why, "ttl: wants 0 to %d seconds",
		    PUSHMSG_TTL_MAX);
	out->deadline_ms = out->ttl_s > 0 ? out->ttl_s * 1000 :
	    TTL_DEFAULT_S * 1000;
	if (out->deadline_ms > PUSHMSG_DEADLINE_MAX)
		out->deadline_ms = PUSHMSG_DEADLINE_MAX;
	if (!take_long(&out->deadline_ms, object, "deadline_ms", 1,
	    PUSHMSG_DEADLINE_MAX))
		return why_bad(why, "deadline_ms: wants 1 to %d milliseconds",
		    PUSHMSG_DEADLINE_MAX);
	if (json_object_get(object, "topic") != NULL &&
	    (!take_string(out->topic, sizeof(out->topic), object, "topic") ||
	    !topic_ok(out->topic)))
		return why_bad(why, "topic: wants 1 to 32 letters of "
		    "base64url");
	if (urgency != NULL)
		level = name_index(urgency_names, COUNT(urgency_names),
		    json_string_value(urgency));
	if (level < 0)
		return why_bad(why, "urgency: wants very-low, low, normal or "
		    "high");
	out->urgency = (enum pushmsg_urgency)level;
	if (!take_long(&registered_s, object, "registered", 0, LONG_MAX))
		return why_bad(why, "registered: wants seconds since 1970");
	out->registered_s = registered_s;
	take_session(out->session, object);
	return 0;
}

/* Read the public key that the request is to be signed for. */
static int
take_public_key(struct pushmsg_request *out, const json_t *object,
    char why[static WHY_TEXT])
{
	const json_t *key = json_object_get(object, "key");

	if (key == NULL || (json_is_string(key) &&
	    pushreg_key(out->key, json_string_value(key)) == 0))
		return 0;
	return why_bad(why, "key: wants a VAPID public key in base64url");
}

static int
take_request(struct pushmsg_request *out, const json_t *object,
    char why[static WHY_TEXT])
{
	json_t *to = json_object_get(object, "to");
	json_t *payload = json_object_get(object, "payload");
	int err;

	if (!json_is_object(object))
		return why_bad(why, "not a JSON object");
	if (!take_string(out->id, sizeof(out->id), object, "id"))
		return why_bad(why, "id: wants a string of 1 to %d bytes",
		    PUSHMSG_ID - 1);
	if (!take_string(out->type, sizeof(out->type), object, "type"))
		return why_bad(why, "type: wants a string of 1 to %d bytes",
		    PUSHMSG_TYPE - 1);
	if (!json_is_object(to))
		return why_bad(why, "to: wants an object");
	if (!json_is_object(payload))
		return why_bad(why, "payload: wants an object");
	err = take_optional(out, object, why);
	if (err == 0)
		err = take_public_key(out, object, why);
	if (err < 0)
		return err;
	out->to = json_incref(to);
	out->payload = json_incref(payload);
	return 0;
}

int
pushmsg_request_parse(struct pushmsg_request *out, const char *line,
    size_t len, char why[static WHY_TEXT])
{
	json_error_t error;
	json_t *object;
	int err;

	memset(out, 0, sizeof(*out));
	if (len >= PUSHMSG_LINE_MAX) {
		why_set(why, "line over %d bytes", PUSHMSG_LINE_MAX);
		return -EMSGSIZE;
	}
	object = json_loadb(line, len, JSON_REJECT_DUPLICATES, &error);
	if (object == NULL)
		return why_bad(why, "not JSON: at byte %d", error.position);
	err = take_request(out, object, why);
	json_decref(object);
	return err;
}

void
pushmsg_request_clear(struct pushmsg_request *request)
{
	json_decref(request->to);
	json_decref(request->payload);
	request->to = NULL;
	request->payload = NULL;
}

char *
pushmsg_line_of(json_t *object)
{
	char *text = NULL, *line = NULL;
	size_t len;

	if (object != NULL)
		text = json_dumps(object, JSON_COMPACT);
	json_decref(object);
	if (text == NULL)
		return NULL;
	len = strlen(text);
	line = realloc(text, len + 2);
	if (line == NULL) {
		free(text);
		return NULL;
	}
	memcpy(line + len, "\n", 2);
	return line;
}

/*
 * Add the members that are left out when empty. Return false if out of memory.
 */
static bool
add_optional(json_t *object, const struct pushmsg_request *request)
{
	int err = 0;

	if (request->topic[0] != '\0')
		err |= json_object_set_new(object, "topic",
		    json_string(request->topic));
	if (request->urgency != PUSHMSG_HIGH)
		err |= json_object_set_new(object, "urgency",
		    json_string(pushmsg_urgency_name(request->urgency)));
	if (request->key[0] != '\0')
		err |= json_object_set_new(object, "key",
		    json_string(request->key));
	if (request->session[0] != '\0')
		err |= json_object_set_new(object, "session",
		    json_string(request->session));
	if (request->registered_s != 0)
		err |= json_object_set_new(object, "registered",
		    json_integer(request->registered_s));
	return err == 0;
}

char *
pushmsg_request_line(const struct pushmsg_request *request)
{
	json_t *object;

	object = json_pack("{s:s, s:s, s:O, s:O, s:I, s:I}",
	    "id", request->id, "type", request->type, "to", request->to,
	    "payload", request->payload, "ttl", (json_int_t)request->ttl_s,
	    "deadline_ms", (json_int_t)request->deadline_ms);
	if (object == NULL || !add_optional(object, request)) {
		json_decref(object);
		return NULL;
	}
	return pushmsg_line_of(object);
}

static int
take_result(struct pushmsg_result *out, const json_t *object)
{
	const json_t *id = json_object_get(object, "id");
	const json_t *reason = json_object_get(object, "reason");
	long attempts = 0, ms = 0;
	int status;

	status = name_index(status_names, COUNT(status_names),
	    json_string_value(json_object_get(object, "status")));
	if (status < 0 || !json_is_string(id) ||
	    json_string_length(id) >= sizeof(out->id))
		return -EBADMSG;
	if (reason != NULL && !json_is_string(reason))
		return -EBADMSG;
	take_session(out->session, object);
	if (!take_long(&attempts, object, "attempts", 0, INT_MAX) ||
	    !take_long(&ms, object, "ms", 0, INT_MAX))
		return -EBADMSG;
	strcpy(out->id, json_string_value(id));
	out->status = (enum pushmsg_status)status;
	snprintf(out->reason, sizeof(out->reason), "%s",
	    reason != NULL ? json_string_value(reason) : "");
	out->attempts = (unsigned)attempts;
	out->ms = (unsigned)ms;
	return 0;
}

int
pushmsg_result_parse(struct pushmsg_result *out, const char *line, size_t len)
{
	json_error_t error;
	json_t *object;
	int err;

	if (len >= PUSHMSG_LINE_MAX)
		return -EMSGSIZE;
	object = json_loadb(line, len, JSON_REJECT_DUPLICATES, &error);
	if (object == NULL)
		return -EBADMSG;
	err = take_result(out, object);
	json_decref(object);
	return err;
}

char *
pushmsg_result_line(const struct pushmsg_result *result)
{
	char reason[PUSHMSG_REASON];
	json_t *object;
	size_t i;

	for (i = 0; i < sizeof(reason) - 1 && result->reason[i] != '\0'; i++)
		reason[i] = result->reason[i] >= ' ' &&
		    result->reason[i] <= '~' ? result->reason[i] : '?';
	reason[i] = '\0';
	object = json_pack("{s:s, s:s, s:s, s:I, s:I}",
	    "id", result->id, "status", pushmsg_status_name(result->status),
	    "reason", reason, "attempts", (json_int_t)result->attempts,
	    "ms", (json_int_t)result->ms);
	if (result->session[0] != '\0')
		json_object_set_new(object, "session",
		    json_string(result->session));
	return pushmsg_line_of(object);
}
