#include "turnauth.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <nettle/hmac.h>
#include <nettle/memops.h>

#include "base/crypto.h"
#include "wire/base64.h"

#define NONCE_TAG 8

/*
 * A nonce that begins so tells of features in the four characters that follow
 * (RFC 8489 9.2); none of the 24 bits is set.
 */
#define NONCE_COOKIE "obMatJos2AAAA"
#define NONCE_COOKIE_LEN 13

struct turnauth {
	uint8_t nonce_key[32];
	char *realm;
	size_t n_secrets;
	char *secrets[];
};

int
turnauth_new(struct turnauth **out, const char *realm,
    const struct conf_strings *secrets)
{
	struct turnauth *auth;
	size_t i;
	int err;

	auth = calloc(1, sizeof(*auth) + secrets->n * sizeof(char *));
	if (auth == NULL)
		return -ENOMEM;
	err = crypto_random(auth->nonce_key, sizeof(auth->nonce_key));
	if (err < 0)
		goto failed;
	err = -ENOMEM;
	auth->realm = strdup(realm);
	if (auth->realm == NULL)
		goto failed;
	for (i = 0; i < secrets->n; i++) {
		auth->secrets[i] = strdup(secrets->item[i]);
		if (auth->secrets[i] == NULL)
			goto failed;
		auth->n_secrets++;
	}
	*out = auth;
	return 0;

failed:
	turnauth_free(auth);
	return err;
}

void
turnauth_free(struct turnauth *auth)
{
	size_t i;

	if (auth == NULL)
		return;
	for (i = 0; i < auth->n_secrets; i++) {
		crypto_wipe(auth->secrets[i], strlen(auth->secrets[i]));
		free(auth->secrets[i]);
	}
	free(auth->realm);
	crypto_wipe(auth->nonce_key, sizeof(auth->nonce_key));
	free(auth);
}

const char *
turnauth_realm(const struct turnauth *auth)
{
	return auth->realm;
}

/* 32 bits of seconds and their tag. */
static void
make_nonce(const struct turnauth *auth, const struct tuple *tuple,
    uint32_t time_s, char nonce[static TURNAUTH_NONCE])
{
	struct hmac_sha256_ctx mac;
	uint8_t bytes[sizeof(time_s) + NONCE_TAG];

	memcpy(bytes, &time_s, sizeof(time_s));
	hmac_sha256_set_key(&mac, sizeof(auth->nonce_key), auth->nonce_key);
	hmac_sha256_update(&mac, sizeof(time_s), bytes);
	hmac_sha256_update(&mac, sizeof(tuple->w), (const uint8_t *)tuple->w);
	hmac_sha256_digest(&mac, NONCE_TAG, bytes + sizeof(time_s));
	memcpy(nonce, NONCE_COOKIE, NONCE_COOKIE_LEN);
	base64_encode_url(nonce + NONCE_COOKIE_LEN, bytes, sizeof(bytes));
}

void
turnauth_nonce(const struct turnauth *auth, const struct tuple *tuple,
    uint64_t now_s, char nonce[static TURNAUTH_NONCE])
{
	make_nonce(auth, tuple, (uint32_t)now_s, nonce);
}

int
turnauth_nonce_check(const struct turnauth *auth, const struct tuple *tuple,
    uint64_t now_s, const struct stun_attr *nonce)
{
	uint8_t bytes[sizeof(uint32_t) + NONCE_TAG];
	size_t len = sizeof(bytes);
	char ours[TURNAUTH_NONCE];
	uint32_t time_s;

	if (nonce->len != TURNAUTH_NONCE - 1)
		return -ESTALE;
	if (base64_decode(bytes, &len,
	    (const char *)nonce->value + NONCE_COOKIE_LEN,
	    nonce->len - NONCE_COOKIE_LEN) < 0)
		return -ESTALE;
	memcpy(&time_s, bytes, sizeof(time_s));
	make_nonce(auth, tuple, time_s, ours);
	if (!memeql_sec(ours, nonce->value, TURNAUTH_NONCE - 1))
		return -ESTALE;
	/* Made by us, so it is of the past; the difference may wrap. */
	return (uint32_t)now_s - time_s < TURNAUTH_NONCE_S ? 0 : -ESTALE;
}

int
turnauth_check(const struct turnauth *auth, const struct stun_msg *msg,
    const char *username, int64_t wall_s, struct turncred *cred,
    uint8_t key[static STUNAUTH_MD5])
{
	char password[TURNCRED_PASSWORD];
	struct turncred parsed;
	uint8_t candidate[STUNAUTH_MD5];
	size_t i;

	if (turncred_parse(&parsed, username, strlen(username)) < 0)
		return -EINVAL;
	if (wall_s >= parsed.expiry_s)
		return -ETIMEDOUT;
	for (i = 0; i < auth->n_secrets; i++) {
		turncred_password(password, username, auth->secrets[i]);
		stunauth_key_md5(candidate, username, strlen(username),
		    auth->realm, password);
		if (stunauth_check(msg, candidate, sizeof(candidate)) < 0)
			continue;
		*cred = parsed;
		memcpy(key, candidate, sizeof(candidate));
		return 0;
	}
	return -EACCES;
}
