/*
 * vapidkey: find the VAPID key in what other tools write. See vapidkey.h.
 */
#include "base/vapidkey.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/crypto.h"
#include "base/tool.h"
#include "wire/base64.h"

#define FILE_MAX 65536
#define DER_MAX 512		/* PKCS #8 with both halves has 138 bytes */
#define BLANKS " \t\r\n"
#define BYTE_ORDER_MARK "\xef\xbb\xbf"
#define PRINTED "Private Key:"	/* by web-push generate-vapid-keys */
#define PRINTED_PUBLIC "Public Key:"

/* A key as text, in a form that may have both halves. Not NUL-terminated. */
struct halves {
	const char *private, *public;	/* `public`: NULL if it is not there */
	size_t private_len, public_len;
};

/*
 * Read a private half in base64. By its length it is the number itself, the
 * public half by mistake, or DER.
 */
static int
take_private(struct jwt_key **out, const struct halves *halves,
    char why[static WHY_TEXT])
{
	uint8_t bytes[DER_MAX];
	size_t n = sizeof(bytes);
	int err = -EINVAL;

	if (base64_decode(bytes, &n, halves->private, halves->private_len) < 0)
		why_set(why, "neither PEM nor base64url");
	else if (n == JWT_SCALAR)
		err = jwt_key_from_scalar(out, bytes, why);
	else if (n == JWT_PUBLIC && bytes[0] == 4)
		why_set(why, "a public key; wants the private one");
	else if (n > JWT_SCALAR && bytes[0] == 0x30)
		err = jwt_key_from_der(out, bytes, n, why);
	else
		why_set(why, "%zu bytes in base64url; a private key has %d", n,
		    JWT_SCALAR);
	crypto_wipe(bytes, sizeof(bytes));
	return err;
}

static bool
same_public(const struct jwt_key *key, const struct halves *halves)
{
	uint8_t ours[JWT_PUBLIC], theirs[JWT_PUBLIC];
	size_t n = sizeof(theirs);

	return jwt_key_public(key, ours) == 0 && base64_decode(theirs, &n,
	    halves->public, halves->public_len) == 0 && n == JWT_PUBLIC &&
	    memcmp(ours, theirs, JWT_PUBLIC) == 0;
}

static int
take_halves(struct jwt_key **out, const struct halves *halves,
    char why[static WHY_TEXT])
{
	struct jwt_key *key;
	int err = take_private(&key, halves, why);

	if (err < 0)
		return err;
	if (halves->public != NULL && !same_public(key, halves)) {
		why_set(why, "its public key is not that of its private key");
		jwt_key_free(key);
		return -EINVAL;
	}
	*out = key;
	return 0;
}

/* The word after a heading, as web-push prints it. */
static const char *
word_after(const char *text, const char *heading, size_t *len)
{
	const char *word = strstr(text, heading);

	if (word == NULL)
		return NULL;
	word += strlen(heading);
	word += strspn(word, BLANKS);
	*len = strcspn(word, BLANKS);
	return word;
}

static int
take_printed(struct jwt_key **out, const char *text, char why[static WHY_TEXT])
{
	struct halves halves = { 0 };

	halves.private = word_after(text, PRINTED, &halves.private_len);
	halves.public = word_after(text, PRINTED_PUBLIC, &halves.public_len);
	return take_halves(out, &halves, why);
}

static const char *
string_at(const json_t *object, const char *name, size_t *len)
{
	const json_t *string = json_object_get(object, name);

	*len = json_string_length(string);
	return json_string_value(string);
}

/* The two members of web-push's JSON, or the one of a JSON Web Key. */
static int
take_json(struct jwt_key **out, const char *text, char why[static WHY_TEXT])
{
	json_t *object = json_loads(text, 0, NULL);
	struct halves halves = { 0 };
	int err = -EINVAL;

	halves.private = string_at(object, "privateKey", &halves.private_len);
	halves.public = string_at(object, "publicKey", &halves.public_len);
	if (halves.private == NULL)
		halves.private = string_at(object, "d", &halves.private_len);
	if (object == NULL)
		why_set(why, "damaged JSON");
	else if (halves.private == NULL)
		why_set(why, "JSON without privateKey or d");
	else
		err = take_halves(out, &halves, why);
	json_decref(object);
	return err;
}

/* One word in base64. It may be broken into lines. */
static int
take_base64(struct jwt_key **out, const char *text, char why[static WHY_TEXT])
{
	struct halves halves = { 0 };
	char word[2 * DER_MAX];
	int err = -EINVAL;
	size_t n = 0;

	for (; *text != '\0' && n < sizeof(word); text++)
		if (strchr(BLANKS, *text) == NULL)
			word[n++] = *text;
	halves.private = word;
	halves.private_len = n;
	if (n == 0)
		why_set(why, "empty");
	else if (n == sizeof(word))
		why_set(why, "neither PEM nor base64url");
	else
		err = take_halves(out, &halves, why);
	crypto_wipe(word, sizeof(word));
	return err;
}

static int
take_any(struct jwt_key **out, const char *text, char why[static WHY_TEXT])
{
	if (strncmp(text, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)) == 0)
		text += strlen(BYTE_ORDER_MARK);
	text += strspn(text, BLANKS);
	if (*text == '{')
		return take_json(out, text, why);
	if (strstr(text, "-----BEGIN ") != NULL)
		return jwt_key_parse(out, text, why);
	if (strstr(text, PRINTED) != NULL)
		return take_printed(out, text, why);
	return take_base64(out, text, why);
}

int
vapidkey_parse(struct jwt_key **out, char public[static VAPIDKEY_TEXT],
    const char *text, size_t len, char why[static WHY_TEXT])
{
	uint8_t bytes[JWT_PUBLIC];
	struct jwt_key *key;
	int err;

	if (strlen(text) != len || (len > 1 && text[0] == 0x30 &&
	    (signed char)text[1] < ' ')) {
		why_set(why, text[0] == 0x30 ? "DER; wants PEM, as openssl "
		    "pkey -inform DER writes it" : "not text");
		return -EINVAL;
	}
	err = take_any(&key, text, why);
	if (err < 0)
		return err;
	if (jwt_key_public(key, bytes) < 0) {
		why_set(why, "an RSA key; wants a P-256 key");
		jwt_key_free(key);
		return -EINVAL;
	}
	base64_encode_url(public, bytes, sizeof(bytes));
	*out = key;
	return 0;
}

int
vapidkey_read(struct jwt_key **out, char public[static VAPIDKEY_TEXT],
    const char *file, char why[static WHY_TEXT])
{
	struct tool_file text;
	int err;

	err = tool_load_file(&text, file, FILE_MAX, false);
	if (err < 0) {
		why_set(why, "%s", tool_read_text(err));
		return err;
	}
	err = vapidkey_parse(out, public, text.text, text.len, why);
	crypto_wipe(text.text, text.len);
	free(text.text);
	return err;
}
