/*
 * pushreg: check a client's registration, and copy what belongs to its type.
 * Pure. See pushreg.h.
 */
#include "wire/pushreg.h"

#include <errno.h>
#include <string.h>

#include <jansson.h>

#include "wire/pushform.h"
#include "wire/pushurl.h"
#include "wire/reach.h"

/* Niue's numbers are the shortest. Only special ones are shorter. */
#define OWN_NUMBER_MIN 7
#define MEMBERS 5

/* May a push go there, as far as the URL alone tells? */
static int
check_reach(const struct reach *reach, const json_t *to,
    char why[static WHY_TEXT])
{
	struct addr v4, v6;
	struct pushurl url;
	int err = pushform_endpoint(&url, to, why);

	if (err < 0 || reach == NULL)
		return err;
	if (!url.tls && !reach_plain(reach))
		return why_bad(why, "to.endpoint: wants https");
	if (url.is_literal && !reach_ok(reach, &url.addr, url.tls))
		return why_bad(why, "to.endpoint: %s is not an address to "
		    "which pushes may go", url.host);
	addr_parse(&v4, "127.0.0.1", url.port);
	addr_parse(&v6, "::1", url.port);
	if (pushurl_is_localhost(&url) && !reach_ok(reach, &v4, url.tls) &&
	    !reach_ok(reach, &v6, url.tls))
		return why_bad(why, "to.endpoint: %s is the sender itself",
		    url.host);
	return 0;
}

/* Is it a number that somebody can own? The sender takes shorter ones. */
static int
check_number(const struct reach *reach, const json_t *to,
    char why[static WHY_TEXT])
{
	const char *number = pushform_text(to, "number");

	(void)reach;
	if (strlen(number) - (*number == '+') >= OWN_NUMBER_MIN)
		return 0;
	return why_bad(why, "to.number: wants a telephone number "
	    "of your own, of %d digits or more", OWN_NUMBER_MIN);
}

/* The members that are kept of each type. */
static const struct type {
	const char *name;
	const char *members[MEMBERS];
	int (*check_own)(const struct reach *reach, const json_t *to,
	    char why[static WHY_TEXT]);
	bool is_signed;		/* by a VAPID key, which is noted */
} types[] = {
	{ "webpush", { "endpoint", "keys" }, check_reach, true },
	{ "fcm", { "token", "keys" }, NULL, false },
	{ "apns", { "token", "topic", "environment", "push_type", "keys" },
	    NULL, false },
	{ "sms", { "number" }, check_number, false },
	{ "command", { NULL }, NULL, false },
};

static const struct type *
find_type(const char *name)
{
	size_t i;

	for (i = 0; name != NULL && i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i].name, name) == 0)
			return &types[i];
	return NULL;
}

int
pushreg_key(char key[static PUSHREG_KEY], const char *text)
{
	uint8_t point[P256_POINT];
	size_t n = sizeof(point);

	if (base64_decode(point, &n, text, strlen(text)) < 0 ||
	    n != sizeof(point) || !p256_is_point(point))
		return -EBADMSG;
	base64_encode_url(key, point, sizeof(point));
	return 0;
}

/*
 * Find the key of a client that names none. A subscription that is registered
 * already was made with the key that stands there, which the first release did
 * not note. Another one is new, and so is its key.
 */
static void
assume_key(char key[static PUSHREG_KEY], const json_t *given,
    const struct pushreg_options *options)
{
	const char *given_endpoint = pushform_text(json_object_get(given,
	    "to"), "endpoint");
	json_t *registered = NULL;
	const char *old = NULL, *endpoint = NULL;

	if (options->registered != NULL)
		registered = json_loads(options->registered, 0, NULL);
	if (registered != NULL)
		endpoint = pushform_text(json_object_get(registered, "to"),
		    "endpoint");
	if (endpoint != NULL && strcmp(endpoint, given_endpoint) == 0) {
		old = pushform_text(registered, "key");
		if (old != NULL && strlen(old) < PUSHREG_KEY)
			strcpy(key, old);
	} else if (options->n_keys > 0) {
		strcpy(key, options->keys[0]);
	}
	json_decref(registered);
}

/* Find the key with which the client subscribed; "" for none. */
static int
find_key(char key[static PUSHREG_KEY], const json_t *given,
    const struct pushreg_options *options, char why[static WHY_TEXT])
{
	const json_t *value = json_object_get(given, "key");
	size_t i;

	*key = '\0';
	if (value == NULL || json_is_null(value)) {
		assume_key(key, given, options);
		return 0;
	}
	if (!json_is_string(value) ||
	    pushreg_key(key, json_string_value(value)) < 0)
		return why_bad(why, "key: wants a VAPID public key in "
		    "base64url");
	for (i = 0; i < options->n_keys; i++)
		if (strcmp(options->keys[i], key) == 0)
			return 0;
	if (options->n_keys > 0)
		return why_bad(why, "key: not a key of this switch; subscribe "
		    "again with the one of GET /push/key");
	return 0;
}

static int
add_key(json_t *out, const json_t *given,
    const struct pushreg_options *options, char why[static WHY_TEXT])
{
	char key[PUSHREG_KEY];
	int err = find_key(key, given, options, why);

	if (err < 0 || *key == '\0')
		return err;
	return json_object_set_new(out, "key", json_string(key)) < 0 ?
	    -ENOMEM : 0;
}

/* Copy the keys alone, whatever else stands beside them. */
static json_t *
copy_keys(const json_t *keys)
{
	return json_pack("{s:O, s:O}", "p256dh", json_object_get(keys,
	    "p256dh"), "auth", json_object_get(keys, "auth"));
}

static int
copy_members(json_t *to, const json_t *from, const struct type *type)
{
	json_t *value;
	size_t i;

	for (i = 0; i < MEMBERS && type->members[i] != NULL; i++) {
		value = json_object_get(from, type->members[i]);
		if (value == NULL || json_is_null(value))
			continue;
		value = json_is_object(value) ? copy_keys(value) :
		    json_incref(value);
		if (json_object_set_new(to, type->members[i], value) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* Fill `out` with what belongs to the type. */
static int
copy_registration(json_t *out, const json_t *given,
    const struct pushreg_options *options, char why[static WHY_TEXT])
{
	const struct type *type = find_type(pushform_text(given, "type"));
	const json_t *from = json_object_get(given, "to");
	json_t *to;
	int err;

	if (!json_is_object(from))
		return why_bad(why, "to: wants an object");
	if (type == NULL)
		return why_bad(why, "type: wants webpush, fcm, apns, sms or "
		    "command");
	err = pushform_check(type->name, from, why);
	if (err == 0 && type->check_own != NULL)
		err = type->check_own(options->reach, from, why);
	if (err < 0)
		return err;
	if (json_object_set_new(out, "type", json_string(type->name)) < 0)
		return -ENOMEM;
	to = json_object();
	if (json_object_set_new(out, "to", to) < 0)
		return -ENOMEM;
	err = copy_members(to, from, type);
	if (err == 0 && type->is_signed)
		err = add_key(out, given, options, why);
	return err;
}

static int
write_registration(char *out, size_t out_max, const json_t *registration,
    char why[static WHY_TEXT])
{
	size_t n = json_dumpb(registration, out, out_max, JSON_COMPACT);

	if (n == 0)
		return -ENOMEM;
	if (n >= out_max) {
		why_set(why, "too long: %zu bytes, at most %zu", n,
		    out_max - 1);
		return -EMSGSIZE;
	}
	out[n] = '\0';
	return 0;
}

/* Say why it cannot be read, where the client's author would wonder. */
static const char *
words_of(const json_error_t *error)
{
	switch (json_error_code(error)) {
	case json_error_duplicate_key:
		return "names a member twice";
	case json_error_numeric_overflow:
		return "has a number that is too large";
	case json_error_stack_overflow:
		return "is nested too deeply";
	case json_error_null_character:
		return "has a NUL in a string";
	case json_error_end_of_input_expected:
		return "has more after its end";
	default:
		return "not a JSON object";
	}
}

int
pushreg_parse(char *out, size_t out_max, const char *text, size_t len,
    const struct pushreg_options *options, char why[static WHY_TEXT])
{
	json_error_t error;
	json_t *given = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	json_t *anew = json_object();
	int err;

	why_set(why, "out of memory");
	if (given == NULL)
		err = why_bad(why, "%s", words_of(&error));
	else if (anew == NULL)
		err = -ENOMEM;
	else
		err = copy_registration(anew, given, options, why);
	if (err == 0)
		err = write_registration(out, out_max, anew, why);
	json_decref(anew);
	json_decref(given);
	return err;
}
