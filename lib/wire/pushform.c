/*
 * pushform: check the `to` of a push request or registration, by its type.
 * Pure. See pushform.h.
 */
#include "wire/pushform.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "wire/base64.h"
#include "wire/pushurl.h"

#define VOIP ".voip"
#define NUMBER_MIN 3		/* digits: an SMS service may have short ones */
#define NUMBER_MAX 15		/* E.164 6.1 */

const char *
pushform_text(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

/* Check a required string of printable characters without a NUL in it. */
static int
check_text(const json_t *to, const char *name, size_t max, const char *what,
    char why[static WHY_TEXT])
{
	const json_t *value = json_object_get(to, name);
	const char *text = json_string_value(value);
	size_t len = json_string_length(value), i;

	if (len == 0)
		return why_bad(why, "to.%s: wants %s", name, what);
	if (len > max)
		return why_bad(why, "to.%s: too long: %zu bytes, at most %zu",
		    name, len, max);
	for (i = 0; i < len; i++)
		if (text[i] <= ' ' || text[i] > '~')
			return why_bad(why, "to.%s: wants %s", name, what);
	return 0;
}

/* Decode base64 of exactly `len` bytes, in either alphabet. */
static bool
take_key(uint8_t *out, size_t len, const json_t *keys, const char *name)
{
	const json_t *text = json_object_get(keys, name);
	size_t n = len;

	return json_is_string(text) && base64_decode(out, &n,
	    json_string_value(text), json_string_length(text)) == 0 &&
	    n == len;
}

bool
pushform_has_keys(const json_t *to)
{
	const json_t *keys = json_object_get(to, "keys");

	return keys != NULL && !json_is_null(keys);
}

int
pushform_keys(uint8_t public[static P256_POINT],
    uint8_t auth[static PUSHFORM_AUTH], const json_t *to,
    char why[static WHY_TEXT])
{
	const json_t *keys = json_object_get(to, "keys");

	if (!json_is_object(keys))
		return why_bad(why, "to.keys: wants p256dh and auth");
	if (!take_key(public, P256_POINT, keys, "p256dh"))
		return why_bad(why, "to.keys.p256dh: wants 65 bytes in "
		    "base64url");
	if (!p256_is_point(public))
		return why_bad(why, "to.keys.p256dh: not a point of P-256");
	if (!take_key(auth, PUSHFORM_AUTH, keys, "auth"))
		return why_bad(why, "to.keys.auth: wants 16 bytes in "
		    "base64url");
	return 0;
}

static int
check_keys(const json_t *to, char why[static WHY_TEXT])
{
	uint8_t public[P256_POINT], auth[PUSHFORM_AUTH];

	return pushform_keys(public, auth, to, why);
}

int
pushform_endpoint(struct pushurl *url, const json_t *to,
    char why[static WHY_TEXT])
{
	const json_t *endpoint = json_object_get(to, "endpoint");
	const char *text = json_string_value(endpoint);
	char wrong_url[WHY_TEXT];

	if (text == NULL || strlen(text) != json_string_length(endpoint))
		return why_bad(why, "to.endpoint: wants an https URL");
	if (pushurl_parse(url, text, wrong_url) < 0)
		return why_bad(why, "to.endpoint: %.200s", wrong_url);
	return 0;
}

static int
check_webpush(const json_t *to, char why[static WHY_TEXT])
{
	struct pushurl url;
	int err = pushform_endpoint(&url, to, why);

	return err < 0 ? err : check_keys(to, why);
}

static int
check_fcm(const json_t *to, char why[static WHY_TEXT])
{
	int err = check_text(to, "token", PUSHFORM_TOKEN_MAX,
	    "a registration token", why);

	if (err < 0 || !pushform_has_keys(to))
		return err;
	return check_keys(to, why);
}

/* Check an optional member that is one of two words. */
static int
check_word(const json_t *to, const char *name, const char *one,
    const char *other, char why[static WHY_TEXT])
{
	const json_t *value = json_object_get(to, name);
	const char *text = json_string_value(value);

	if (value == NULL || json_is_null(value) || (text != NULL &&
	    (strcmp(text, one) == 0 || strcmp(text, other) == 0)))
		return 0;
	return why_bad(why, "to.%s: wants %s or %s", name, one, other);
}

static bool
ends_in(const char *text, const char *end)
{
	size_t len = strlen(text), n = strlen(end);

	return len > n && strcmp(text + len - n, end) == 0;
}

static bool
is_bundle_id(const char *text)
{
	for (; *text != '\0'; text++)
		if (!isalnum((unsigned char)*text) &&
		    strchr(".-_", *text) == NULL)
			return false;
	return true;
}

static bool
is_alert(const json_t *to)
{
	const char *type = pushform_text(to, "push_type");

	return type != NULL && strcmp(type, "alert") == 0;
}

static int
check_apns(const json_t *to, char why[static WHY_TEXT])
{
	static const char hex[] = "a device token in hexadecimal";
	static const char bundle_id[] = "the app's bundle id";
	const char *token, *topic;
	int err;

	err = check_text(to, "token", PUSHFORM_DEVICE_MAX, hex, why);
	if (err == 0)
		err = check_text(to, "topic", PUSHFORM_TOPIC_MAX, bundle_id,
		    why);
	if (err == 0)
		err = check_word(to, "environment", "production", "sandbox",
		    why);
	if (err == 0)
		err = check_word(to, "push_type", "voip", "alert", why);
	if (err < 0)
		return err;
	token = pushform_text(to, "token");
	topic = pushform_text(to, "topic");
	if (token[strspn(token, "0123456789abcdefABCDEF")] != '\0')
		return why_bad(why, "to.token: wants %s", hex);
	if (!is_bundle_id(topic))
		return why_bad(why, "to.topic: wants %s", bundle_id);
	if (is_alert(to) && ends_in(topic, VOIP))
		return why_bad(why, "to.topic: a VoIP topic takes no alerts");
	return pushform_has_keys(to) ? check_keys(to, why) : 0;
}

static size_t
count_digits(const char *number)
{
	size_t n;

	number += *number == '+';
	n = strspn(number, "0123456789");
	return number[n] == '\0' ? n : 0;
}

static int
check_sms(const json_t *to, char why[static WHY_TEXT])
{
	static const char what[] = "a telephone number";
	int err = check_text(to, "number", NUMBER_MAX + 1, what, why);
	size_t n;

	if (err < 0)
		return err;
	n = count_digits(pushform_text(to, "number"));
	if (n < NUMBER_MIN || n > NUMBER_MAX)
		return why_bad(why, "to.number: wants %s", what);
	return 0;
}

static int
check_command(const json_t *to, char why[static WHY_TEXT])
{
	(void)to;
	(void)why;
	return 0;		/* the operator's program decides about it */
}

static const struct {
	const char *type;
	int (*check)(const json_t *to, char why[static WHY_TEXT]);
} forms[] = {
	{ "webpush", check_webpush },
	{ "fcm", check_fcm },
	{ "apns", check_apns },
	{ "sms", check_sms },
	{ "command", check_command },
};

int
pushform_check(const char *type, const json_t *to, char why[static WHY_TEXT])
{
	size_t i;

	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (strcmp(forms[i].type, type) == 0)
			return forms[i].check(to, why);
	why_set(why, "type: no such provider");
	return -ENOENT;
}

size_t
pushform_room(const char *type, const json_t *to)
{
	if (!pushform_has_keys(to))
		return 0;
	if (strcmp(type, "webpush") == 0)
		return PUSHFORM_ROOM_WEBPUSH;
	if (strcmp(type, "fcm") == 0)
		return PUSHFORM_ROOM_FCM;
	if (strcmp(type, "apns") != 0)
		return 0;
	return is_alert(to) ? PUSHFORM_ROOM_ALERT : PUSHFORM_ROOM_APNS;
}
