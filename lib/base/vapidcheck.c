/*
 * vapidcheck: take an Authorization field of the scheme vapid apart, and check
 * its token's signature, audience and time. See vapidcheck.h.
 */
#include "base/vapidcheck.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include <jansson.h>

#include "base/crypto.h"
#include "base/p256sig.h"
#include "wire/base64.h"

#define SCHEME "vapid"
#define EXPIRY_MAX_S (24 * 3600)	/* RFC 8292 2 */
#define PART_MAX 2048	/* bytes of a token's part; the usual have 150 */
#define BLANKS " \t"

/* A part of the field's text, not NUL-terminated. */
struct span {
	const char *text;
	size_t len;
};

/*
 * Take the next parameter, NAME=VALUE with commas between (RFC 9110 11.4). A
 * value may be quoted, and has neither commas nor backslashes in any case.
 */
static bool
next_parameter(const char **at, struct span *name, struct span *value)
{
	const char *p = *at + strspn(*at, BLANKS ",");

	name->text = p;
	name->len = strcspn(p, "=, \t");
	p += name->len;
	p += strspn(p, BLANKS);
	if (name->len == 0 || *p != '=')
		return false;
	p++;
	p += strspn(p, BLANKS);
	if (*p == '"') {
		value->text = p + 1;
		value->len = strcspn(value->text, "\"");
		p = value->text + value->len;
		if (*p++ != '"')
			return false;
	} else {
		value->text = p;
		value->len = strcspn(p, ", \t");
		p += value->len;
	}
	*at = p;
	return true;
}

static bool
is_named(const struct span *name, char letter)
{
	return name->len == 1 && (name->text[0] | 0x20) == letter;
}

static bool
take_header(const char *header, struct span *token, struct span *key)
{
	size_t scheme = strlen(SCHEME);
	struct span name, value;

	if (header == NULL || strncasecmp(header, SCHEME, scheme) != 0 ||
	    strchr(BLANKS, header[scheme]) == NULL || header[scheme] == '\0')
		return false;
	header += scheme;
	while (next_parameter(&header, &name, &value)) {
		if (is_named(&name, 't'))
			*token = value;
		else if (is_named(&name, 'k'))
			*key = value;
	}
	return token->len > 0 && key->len > 0;
}

static bool
is_key(const struct vapidcheck *wanted, const struct span *text)
{
	uint8_t key[P256_POINT];
	size_t n = sizeof(key);

	return base64_decode(key, &n, text->text, text->len) == 0 &&
	    n == sizeof(key) && crypto_equal(key, wanted->key, sizeof(key));
}

static struct span
part_until(const struct span *token, const char *from, char end)
{
	size_t left = (size_t)(token->text + token->len - from);
	const char *at = memchr(from, end, left);

	return (struct span){ from, at != NULL ? (size_t)(at - from) : left };
}

/* Decode a part as a JSON object; NULL if it is none. */
static json_t *
object_of(const struct span *part)
{
	char text[PART_MAX];
	size_t n = sizeof(text);
	json_t *object;

	if (base64_decode(text, &n, part->text, part->len) < 0)
		return NULL;
	object = json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL);
	if (json_is_object(object))
		return object;
	json_decref(object);
	return NULL;
}

static bool
is_string(const json_t *object, const char *name, const char *wanted)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL && strcmp(text, wanted) == 0;
}

static int
check_claims(const struct vapidcheck *wanted, const json_t *claims,
    char why[static WHY_TEXT])
{
	const json_t *exp = json_object_get(claims, "exp");
	double left_s = json_number_value(exp) - (double)wanted->now_s;

	if (!is_string(claims, "aud", wanted->origin)) {
		why_set(why, "its VAPID token is not for %.200s",
		    wanted->origin);
		return -EKEYEXPIRED;
	}
	if (!json_is_number(exp) || !(left_s > 0 && left_s <= EXPIRY_MAX_S)) {
		why_set(why, "its VAPID token is out of date by our clock");
		return -EKEYEXPIRED;
	}
	return 0;
}

/* Check who signed the token, before anything in it counts. */
static int
check_token(const struct vapidcheck *wanted, const struct span *token,
    char why[static WHY_TEXT])
{
	struct span head = part_until(token, token->text, '.'), body, signature;
	const char *end = token->text + token->len;
	uint8_t bytes[P256SIG_BYTES];
	size_t n = sizeof(bytes);
	json_t *object;
	int err;

	why_set(why, "its VAPID token is not signed by the switch's key");
	if (head.text + head.len == end)
		return -EACCES;
	body = part_until(token, head.text + head.len + 1, '.');
	if (body.text + body.len == end)
		return -EACCES;
	signature = part_until(token, body.text + body.len + 1, '\0');
	if (base64_decode(bytes, &n, signature.text, signature.len) < 0 ||
	    n != sizeof(bytes))
		return -EACCES;
	object = object_of(&head);
	err = is_string(object, "alg", "ES256") ? p256sig_check(wanted->key,
	    token->text, head.len + 1 + body.len, bytes) : -EBADMSG;
	json_decref(object);
	if (err < 0)
		return err == -ENOMEM ? err : -EACCES;
	object = object_of(&body);
	err = check_claims(wanted, object, why);
	json_decref(object);
	return err;
}

int
vapidcheck_header(const struct vapidcheck *wanted, const char *header,
    char why[static WHY_TEXT])
{
	struct span token = { "", 0 }, key = { "", 0 };

	if (!take_header(header, &token, &key)) {
		why_set(why, "wants Authorization: vapid t=..., k=...");
		return -ENOENT;
	}
	if (!is_key(wanted, &key)) {
		why_set(why, "signed with another key than the switch's");
		return -EACCES;
	}
	return check_token(wanted, &token, why);
}
