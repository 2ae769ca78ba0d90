/*
 * pushreg: check a client's registration, by type. Pure. See pushreg.h.
 */
#include "wire/pushreg.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "wire/base64.h"
#include "wire/sigmsg.h"
#include "wire/why.h"

#define P256_POINT 65		/* RFC 8291: an uncompressed point */
#define AUTH_SECRET 16

static int
wrong(char why[static WHY_TEXT], const char *what)
{
	why_set(why, "%s", what);
	return -EBADMSG;
}

/* Copy a string member of printable ASCII, of at most `max` characters. */
static bool
copy_string(json_t *out, const json_t *from, const char *key, size_t max)
{
	const json_t *value = json_object_get(from, key);
	const char *text = json_string_value(value);
	size_t len = json_string_length(value), i;

	if (text == NULL || len == 0 || len > max)
		return false;
	for (i = 0; i < len; i++)
		if (text[i] <= ' ' || text[i] > '~')
			return false;
	return json_object_set_new(out, key, json_string(text)) == 0;
}

/* Copy a member that is base64url of exactly `bytes` bytes. */
static bool
copy_key(json_t *out, const json_t *from, const char *key, size_t bytes)
{
	const json_t *value = json_object_get(from, key);
	uint8_t raw[P256_POINT];
	size_t len = bytes;

	if (!json_is_string(value) ||
	    base64_decode(raw, &len, json_string_value(value),
	    json_string_length(value)) < 0 || len != bytes)
		return false;
	return copy_string(out, from, key, BASE64_TEXT(P256_POINT));
}

/*
 * Copy a browser's PushSubscription as it is; UnifiedPush uses the same form.
 */
static int
webpush(json_t *out, const json_t *from, char why[static WHY_TEXT])
{
	json_t *keys = json_object();
	const json_t *given = json_object_get(from, "keys");
	const char *endpoint;

	if (keys == NULL || json_object_set_new(out, "keys", keys) < 0)
		return -ENOMEM;
	if (!copy_string(out, from, "endpoint", 1024))
		return wrong(why, "to.endpoint: wants a URL");
	endpoint = json_string_value(json_object_get(out, "endpoint"));
	if (strncmp(endpoint, "https://", 8) != 0 &&
	    strncmp(endpoint, "http://", 7) != 0)
		return wrong(why, "to.endpoint: wants a URL");
	if (!copy_key(keys, given, "p256dh", P256_POINT))
		return wrong(why, "to.keys.p256dh: wants 65 bytes, base64url");
	if (!copy_key(keys, given, "auth", AUTH_SECRET))
		return wrong(why, "to.keys.auth: wants 16 bytes, base64url");
	return 0;
}

/* Copy an FCM registration. Keys to encrypt for are optional. */
static int
fcm(json_t *out, const json_t *from, char why[static WHY_TEXT])
{
	const json_t *given = json_object_get(from, "keys");
	json_t *keys;

	if (!copy_string(out, from, "token", 1024))
		return wrong(why, "to.token: wants a string");
	if (given == NULL)
		return 0;
	keys = json_object();
	if (keys == NULL || json_object_set_new(out, "keys", keys) < 0)
		return -ENOMEM;
	if (!copy_key(keys, given, "p256dh", P256_POINT) ||
	    !copy_key(keys, given, "auth", AUTH_SECRET))
		return wrong(why, "to.keys: wants p256dh and auth");
	return 0;
}

static int
apns(json_t *out, const json_t *from, char why[static WHY_TEXT])
{
	const char *environment = json_string_value(
	    json_object_get(from, "environment"));

	if (!copy_string(out, from, "topic", 256))
		return wrong(why, "to.topic: wants a string");
	if (environment == NULL || (strcmp(environment, "sandbox") != 0 &&
	    strcmp(environment, "production") != 0) ||
	    !copy_string(out, from, "environment", 16))
		return wrong(why,
		    "to.environment: wants sandbox or production");
	return fcm(out, from, why);
}

static int
sms(json_t *out, const json_t *from, char why[static WHY_TEXT])
{
	if (!copy_string(out, from, "number", SIGMSG_NUMBER - 1) ||
	    !sigmsg_number_ok(json_string_value(json_object_get(out,
	    "number"))))
		return wrong(why, "to.number: wants a number");
	return 0;
}

static int
command(json_t *out, const json_t *from, char why[static WHY_TEXT])
{
	(void)out;
	(void)from;
	(void)why;
	return 0;		/* the client decides nothing about it */
}

static const struct {
	const char *type;
	int (*shape)(json_t *out, const json_t *from,
	    char why[static WHY_TEXT]);
} types[] = {
	{ "webpush", webpush },
	{ "fcm", fcm },
	{ "apns", apns },
	{ "sms", sms },
	{ "command", command },
};

/* Copy what belongs to the type into `to`. */
static int
shape(json_t *to, const char **type, const json_t *given,
    char why[static WHY_TEXT])
{
	const char *name = json_string_value(json_object_get(given, "type"));
	const json_t *from = json_object_get(given, "to");
	size_t i;

	if (!json_is_object(from))
		return wrong(why, "to: wants an object");
	for (i = 0; name != NULL && i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i].type, name) == 0) {
			*type = types[i].type;
			return types[i].shape(to, from, why);
		}
	return wrong(why,
	    "type: wants webpush, fcm, apns, sms or command");
}

int
pushreg_parse(char *out, size_t out_max, const char *text, size_t len,
    char why[static WHY_TEXT])
{
	json_t *given = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	json_t *to = json_object(), *anew = NULL;
	const char *type = "";
	size_t n;
	int err;

	if (given == NULL)
		err = wrong(why, "not a JSON object");
	else
		err = shape(to, &type, given, why);
	if (err == 0)
		anew = json_pack("{s:s, s:O}", "type", type, "to", to);
	if (err == 0 && anew == NULL)
		err = -ENOMEM;
	if (err == 0) {
		n = json_dumpb(anew, out, out_max, JSON_COMPACT);
		if (n == 0 || n >= out_max) {
			wrong(why, "too long");
			err = -EMSGSIZE;
		} else {
			out[n] = '\0';
		}
	}
	json_decref(anew);
	json_decref(to);
	json_decref(given);
	return err;
}
