/*
 * turnauth: make and check nonces and time-limited credentials, without storing
 * them. See turnauth.h.
 */
#include "turn/turnauth.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nettle/hmac.h>
#include <nettle/memops.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "wire/base64.h"

#define NONCE_TAG 8		/* bytes: a guess is right once in 2^64 */

/*
 * A nonce with this prefix announces features in the next four characters, 24
 * bits (RFC 8489 9.2, 18.1). The first, password algorithms, is set. An
 * attacker who strips them from a challenge has to change the nonce, which is
 * detected. Username anonymity is not set, because no table of ours knows a
 * time-limited username before it is used.
 */
#define NONCE_COOKIE "obMatJos2gAAA"
#define NONCE_COOKIE_LEN 13
_Static_assert(TURNCRED_NONCE == NONCE_COOKIE_LEN +
    BASE64_TEXT(sizeof(uint32_t) + NONCE_TAG), "a nonce's time and tag");

struct turnauth {
	uint8_t nonce_key[TURNAUTH_NONCE_KEY];
	bool any_names;
	/*
	 * For the keys; not in the data path. Readers pass the gate, in which a
	 * writer waits, because otherwise there may always be one of them.
	 */
	pthread_rwlock_t lock;
	pthread_mutex_t gate;
	struct turnkeys *keys;
};

int
turnauth_new(struct turnauth **out, const char *realm,
    const struct conf_strings *secrets)
{
	const struct turn_service ours = {
		.name = "", .realm = realm, .secrets = secrets
	};
	struct turnauth *auth;
	int err;

	auth = calloc(1, sizeof(*auth));
	if (auth == NULL)
		return -ENOMEM;
	pthread_rwlock_init(&auth->lock, NULL);
	pthread_mutex_init(&auth->gate, NULL);
	err = crypto_random(auth->nonce_key, sizeof(auth->nonce_key));
	if (err < 0)
		goto failed;
	err = turnkeys_new(&auth->keys, &ours, 1);
	if (err < 0)
		goto failed;
	*out = auth;
	return 0;

failed:
	turnauth_free(auth);
	return err;
}

void
turnauth_take_any_names(struct turnauth *auth)
{
	auth->any_names = true;
}

void
turnauth_set_nonce_key(struct turnauth *auth,
    const uint8_t key[static TURNAUTH_NONCE_KEY])
{
	memcpy(auth->nonce_key, key, sizeof(auth->nonce_key));
}

const uint8_t *
turnauth_nonce_key(const struct turnauth *auth)
{
	return auth->nonce_key;
}

void
turnauth_free(struct turnauth *auth)
{
	if (auth == NULL)
		return;
	turnkeys_free(auth->keys);
	pthread_rwlock_destroy(&auth->lock);
	pthread_mutex_destroy(&auth->gate);
	crypto_wipe(auth->nonce_key, sizeof(auth->nonce_key));
	free(auth);
}

int
turnauth_set_services(struct turnauth *auth,
    const struct turn_service *services, size_t n)
{
	struct turnkeys *keys, *old;
	int err = turnkeys_new(&keys, services, n);

	if (err < 0)
		return err;
	pthread_mutex_lock(&auth->gate);
	pthread_rwlock_wrlock(&auth->lock);
	old = auth->keys;
	auth->keys = keys;
	pthread_rwlock_unlock(&auth->lock);
	pthread_mutex_unlock(&auth->gate);
	turnkeys_free(old);
	return 0;
}

/* Only the locks in it change. */
static void
lock_keys(const struct turnauth *auth)
{
	struct turnauth *locks = (struct turnauth *)auth;

	pthread_mutex_lock(&locks->gate);
	pthread_rwlock_rdlock(&locks->lock);
	pthread_mutex_unlock(&locks->gate);
}

static void
unlock_keys(const struct turnauth *auth)
{
	pthread_rwlock_unlock(&((struct turnauth *)auth)->lock);
}

void
turnauth_realm(const struct turnauth *auth, const struct stun_attr *realm,
    const char *server_name, char out[static TURNUSER_REALM])
{
	lock_keys(auth);
	snprintf(out, TURNUSER_REALM, "%s", turnkeys_realm(auth->keys, realm,
	    server_name));
	unlock_keys(auth);
}

/* The holder of a nonce. */
struct holder {
	enum { OF_TUPLE, OF_USERNAME } kind;
	const void *bytes;
	size_t len;
};

static struct holder
of_tuple(const struct tuple *tuple)
{
	return (struct holder){ OF_TUPLE, tuple->w, sizeof(tuple->w) };
}

static struct holder
of_username(const char *username)
{
	return (struct holder){ OF_USERNAME, username, strlen(username) };
}

/* Make a nonce of 32 bits of seconds and their tag. */
static void
make_nonce(const struct turnauth *auth, const struct holder *holder,
    uint32_t time_s, char nonce[static TURNCRED_NONCE])
{
	struct hmac_sha256_ctx mac;
	uint8_t bytes[sizeof(time_s) + NONCE_TAG];
	uint8_t kind = (uint8_t)holder->kind;

	memcpy(bytes, &time_s, sizeof(time_s));
	hmac_sha256_set_key(&mac, sizeof(auth->nonce_key), auth->nonce_key);
	hmac_sha256_update(&mac, sizeof(time_s), bytes);
	hmac_sha256_update(&mac, sizeof(kind), &kind);
	hmac_sha256_update(&mac, holder->len, holder->bytes);
	hmac_sha256_digest(&mac, NONCE_TAG, bytes + sizeof(time_s));
	memcpy(nonce, NONCE_COOKIE, NONCE_COOKIE_LEN);
	base64_encode_url(nonce + NONCE_COOKIE_LEN, bytes, sizeof(bytes));
}

void
turnauth_nonce(const struct turnauth *auth, const struct tuple *tuple,
    uint64_t now_s, char nonce[static TURNCRED_NONCE])
{
	const struct holder holder = of_tuple(tuple);

	make_nonce(auth, &holder, (uint32_t)now_s, nonce);
}

void
turnauth_early_nonce(const struct turnauth *auth, const char *username,
    uint64_t now_s, char nonce[static TURNCRED_NONCE])
{
	const struct holder holder = of_username(username);

	make_nonce(auth, &holder, (uint32_t)now_s, nonce);
}

static int
check_nonce(const struct turnauth *auth, const struct holder *holder,
    uint32_t now_s, uint32_t good_s, const struct stun_attr *nonce)
{
	uint8_t bytes[sizeof(uint32_t) + NONCE_TAG];
	size_t len = sizeof(bytes);
	char ours[TURNCRED_NONCE];
	uint32_t time_s;

	if (nonce->len != TURNCRED_NONCE - 1)
		return -ESTALE;
	if (base64_decode(bytes, &len,
	    (const char *)nonce->value + NONCE_COOKIE_LEN,
	    nonce->len - NONCE_COOKIE_LEN) < 0)
		return -ESTALE;
	memcpy(&time_s, bytes, sizeof(time_s));
	make_nonce(auth, holder, time_s, ours);
	if (!memeql_sec(ours, nonce->value, TURNCRED_NONCE - 1))
		return -ESTALE;
	/* We made it, so it is of the past; the difference may wrap. */
	return now_s - time_s < good_s ? 0 : -ESTALE;
}

int
turnauth_nonce_check(const struct turnauth *auth, const struct tuple *tuple,
    const char *username, uint64_t now_s, const struct stun_attr *nonce)
{
	const struct holder client = of_tuple(tuple);
	const struct holder user = of_username(username);

	if (check_nonce(auth, &client, (uint32_t)now_s, TURNAUTH_NONCE_S,
	    nonce) == 0)
		return 0;
	return check_nonce(auth, &user, (uint32_t)now_s, TURNAUTH_EARLY_S,
	    nonce);
}

int
turnauth_check_key(const struct stun_msg *msg, const struct stunauth_key *key)
{
	if (msg->integrity_sha256 != 0)
		return stunauth_check_sha256(msg, key->bytes, key->len);
	return stunauth_check(msg, key->bytes, key->len);
}

int
turnauth_check(const struct turnauth *auth, const struct turnkeys_asked *asked,
    struct turncred *cred, struct stunauth_key *key, unsigned *tried)
{
	struct turnkeys_asked all = *asked;
	int err;

	all.any_names = auth->any_names;
	all.wall_s = clock_wall_s();
	lock_keys(auth);
	err = turnkeys_find(auth->keys, &all, cred, key, tried);
	unlock_keys(auth);
	return err;
}
