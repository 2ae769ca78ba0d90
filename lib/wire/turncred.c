/*
 * turncred: make and parse time-limited usernames and passwords. Pure. See
 * turncred.h.
 */
#include "wire/turncred.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <nettle/hmac.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>

#include "wire/base64.h"

#define EXPIRY_TEXT 17		/* 16 digits cannot overflow, and a NUL */
#define OUR_CALL 32		/* digits of a call that our signalling names */

/*
 * Copy a part up to a colon or the end, of printable ASCII. Return 0 if it is
 * invalid.
 */
static size_t
part(char *out, size_t out_max, const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len && text[i] != ':'; i++) {
		if (i + 1 >= out_max || text[i] <= ' ' || text[i] > '~')
			return 0;
		out[i] = text[i];
	}
	out[i] = '\0';
	return i;
}

static int
parse_expiry(int64_t *out, const char *text)
{
	int64_t value = 0;

	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9')
			return -EINVAL;
		value = value * 10 + (*text - '0');
	}
	*out = value;
	return 0;
}

int
turncred_parse(struct turncred *out, const char *username, size_t len)
{
	struct turncred cred = { 0 };
	char expiry[EXPIRY_TEXT];
	size_t n;

	n = part(expiry, sizeof(expiry), username, len);
	if (n == 0 || n == len || parse_expiry(&cred.expiry_s, expiry) < 0)
		return -EINVAL;
	username += n + 1;
	len -= n + 1;
	n = part(cred.call, sizeof(cred.call), username, len);
	if (n == 0)
		return -EINVAL;
	if (n < len) {
		username += n + 1;
		len -= n + 1;
		n = part(cred.party, sizeof(cred.party), username, len);
		if (n == 0 || n != len)
			return -EINVAL;
	}
	cred.ours = true;
	*out = cred;
	return 0;
}

void
turncred_set_user(struct turncred *cred, const char *service, const char *user,
    size_t len)
{
	struct sha256_ctx hash;
	uint8_t digest[SHA256_DIGEST_SIZE];
	size_t i;

	_Static_assert(TURNCRED_CALL > 2 * SHA256_DIGEST_SIZE, "its digits");
	sha256_init(&hash);
	sha256_update(&hash, strlen(service) + 1, (const uint8_t *)service);
	sha256_update(&hash, len, (const uint8_t *)user);
	sha256_digest(&hash, sizeof(digest), digest);
	for (i = 0; i < sizeof(digest); i++)
		snprintf(cred->call + 2 * i, 3, "%02x", digest[i]);
	cred->party[0] = '\0';
	cred->ours = false;
}

static bool
has_control(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == '\x7f')
			return true;
	return false;
}

/*
 * Is it a call and party as our signalling names them? The caller is "a", and
 * the devices are "b0", "b1" and so on. A trial names none.
 */
static bool
is_ours(const struct turncred *cred)
{
	const char *party = cred->party;

	if (strspn(cred->call, "0123456789abcdef") != OUR_CALL ||
	    cred->call[OUR_CALL] != '\0')
		return false;
	if (*party == '\0' || strcmp(party, "a") == 0)
		return true;
	return *party == 'b' && strlen(party) > 1 && strlen(party) < 4 &&
	    party[1 + strspn(party + 1, "0123456789")] == '\0';
}

/* Is it a number of seconds? Then return its digits, otherwise 0. */
static size_t
expiry(int64_t *out, const char *text, size_t len)
{
	char digits[EXPIRY_TEXT];
	size_t n = part(digits, sizeof(digits), text, len);

	return n > 0 && parse_expiry(out, digits) == 0 ? n : 0;
}

static size_t
digits(const char *text, size_t len)
{
	size_t n = 0;

	while (n < len && text[n] >= '0' && text[n] <= '9')
		n++;
	return n;
}

/* Find the expiry and the user of others' names. */
static int
split(struct turncred *cred, const char *username, size_t len)
{
	size_t first = digits(username, len), at = len;

	if (first > 0 && (first == len || username[first] == ':')) {
		if (expiry(&cred->expiry_s, username, len) == 0)
			return -EINVAL;
		at = first < len ? first + 1 : len;
		cred->user_at = (uint16_t)at;
		cred->user_len = (uint16_t)(len - at);
	} else {
		while (at > 0 && username[at - 1] != ':')
			at--;
		if (at == 0 || expiry(&cred->expiry_s, username + at,
		    len - at) == 0)
			return -EINVAL;
		cred->user_len = (uint16_t)(at - 1);
	}
	if (cred->user_len > 0)
		return 0;
	cred->user_at = 0;
	cred->user_len = (uint16_t)len;
	return 0;
}

int
turncred_parse_any(struct turncred *out, const char *username, size_t len)
{
	struct turncred cred = { 0 };
	int err;

	if (turncred_parse(&cred, username, len) == 0 && is_ours(&cred)) {
		/* A service that is not ours has a user of this name. */
		cred.user_at = (uint16_t)(digits(username, len) + 1);
		cred.user_len = (uint16_t)(len - cred.user_at);
		*out = cred;
		return 0;
	}
	if (len >= TURNCRED_ANY || has_control(username, len))
		return -EINVAL;
	cred = (struct turncred){ 0 };
	err = split(&cred, username, len);
	if (err == 0)
		*out = cred;
	return err;
}

int
turncred_username(char username[static TURNCRED_USERNAME],
    const struct turncred *cred)
{
	struct turncred again;
	int len;

	len = snprintf(username, TURNCRED_USERNAME, "%lld:%s%s%s",
	    (long long)cred->expiry_s, cred->call,
	    cred->party[0] != '\0' ? ":" : "", cred->party);
	if (len < 0 || len >= TURNCRED_USERNAME)
		return -EMSGSIZE;
	if (turncred_parse(&again, username, (size_t)len) < 0 ||
	    strcmp(again.call, cred->call) != 0 ||
	    strcmp(again.party, cred->party) != 0)
		return -EINVAL;
	return 0;
}

void
turncred_password(char password[static TURNCRED_PASSWORD],
    const char *username, const char *secret)
{
	struct hmac_sha1_ctx mac;
	uint8_t digest[SHA1_DIGEST_SIZE];

	hmac_sha1_set_key(&mac, strlen(secret), (const uint8_t *)secret);
	hmac_sha1_update(&mac, strlen(username), (const uint8_t *)username);
	hmac_sha1_digest(&mac, SHA1_DIGEST_SIZE, digest);
	base64_encode(password, digest, sizeof(digest));
}

uint16_t
turncred_kept_port(const char *call)
{
	uint32_t hash = 2166136261;	/* FNV-1a; a call's id is random */

	for (; *call != '\0'; call++)
		hash = (hash ^ (uint8_t)*call) * 16777619;
	hash ^= hash >> 16;
	return (uint16_t)(TURNCRED_PORT_MIN +
	    hash % (UINT16_MAX + 1 - TURNCRED_PORT_MIN));
}
