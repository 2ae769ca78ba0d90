/*
 * turnlogin: find the algorithm and key of a request's signature, and check
 * that its allocation is the client's. Called by turnreq. See turnlogin.h.
 */
#include "turn/turnlogin.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "table/alloc.h"

/*
 * The PASSWORD-ALGORITHMS that we offer: SHA-256 and MD5, without parameters.
 */
static const uint8_t offered[] = {
	0, STUNAUTH_ALGORITHM_SHA256, 0, 0,
	0, STUNAUTH_ALGORITHM_MD5, 0, 0
};

#define ALGORITHM 4		/* bytes per algorithm */

/*
 * Find the algorithm that the client chose. A client that does not know the
 * list uses MD5. One that does must repeat our list; otherwise somebody has
 * changed it (RFC 8489 9.2.4).
 */
static int
chosen(const struct stun_msg *msg, uint16_t *out)
{
	struct stun_attr list, one;
	bool has_list, has_one;
	size_t i;

	has_list = stun_find(msg, STUN_ATTR_PASSWORD_ALGORITHMS, &list) == 0;
	has_one = stun_find(msg, STUN_ATTR_PASSWORD_ALGORITHM, &one) == 0;
	*out = STUNAUTH_ALGORITHM_MD5;
	if (!has_list && !has_one)
		return TURNREQ_OK;
	if (!has_list || !has_one || list.len != sizeof(offered) ||
	    memcmp(list.value, offered, sizeof(offered)) != 0 ||
	    one.len != ALGORITHM)
		return TURNREQ_400;
	for (i = 0; i < sizeof(offered); i += ALGORITHM)
		if (memcmp(one.value, offered + i, ALGORITHM) == 0) {
			*out = offered[i + 1];
			return TURNREQ_OK;
		}
	return TURNREQ_400;
}

static void
blame(struct turnlogin *login, enum turnreq_fault fault)
{
	static const char *const texts[TURNREQ_FAULTS] = {
#define X(id, name, text) text,
		TURNREQ_FAULT_LIST(X)
#undef X
	};

	login->fault = (int)fault;
	login->why = texts[fault];
}

static int
take_username(struct turnlogin *login, const struct stun_attr *username)
{
	if (username->len >= sizeof(login->username) ||
	    memchr(username->value, '\0', username->len) != NULL) {
		blame(login, TURNREQ_FAULT_USERNAME);
		return TURNREQ_401;
	}
	memcpy(login->username, username->value, username->len);
	login->username[username->len] = '\0';
	return TURNREQ_OK;
}

/*
 * Check the credential. With an allocation it must be the one that made it, and
 * it stays valid after its expiry. A Refresh therefore never fails just because
 * of time.
 */
static int
check_credential(struct turnlogin *login, const struct turnauth *auth,
    const struct stun_msg *msg, uint16_t algorithm, const struct alloc *alloc)
{
	const struct turnkeys_asked asked = {
		.msg = msg, .username = login->username,
		.realm = &login->realm, .algorithm = algorithm
	};
	int err;

	if (alloc != NULL) {
		if (strcmp(alloc->username, login->username) != 0) {
			blame(login, TURNREQ_FAULT_OTHER_USER);
			return TURNREQ_441;
		}
		login->key = alloc->key;
		err = algorithm != alloc->key.algorithm ? -1 :
		    turnauth_check_key(msg, &login->key);
	} else {
		err = turnauth_check(auth, &asked, &login->cred, &login->key,
		    &login->tried);
	}
	login->authentic = err == 0;
	if (err < 0)
		blame(login, err == -ETIMEDOUT ? TURNREQ_FAULT_EXPIRED :
		    err == -EINVAL ? TURNREQ_FAULT_USERNAME :
		    TURNREQ_FAULT_PASSWORD);
	return err == 0 ? TURNREQ_OK : TURNREQ_401;
}

int
turnlogin_check(struct turnlogin *login, const struct turnauth *auth,
    const struct stun_msg *msg, const struct tuple *tuple,
    const struct alloc *alloc, uint64_t now_ns)
{
	struct stun_attr username, nonce;
	uint16_t algorithm;
	int err;

	if (msg->integrity == 0 && msg->integrity_sha256 == 0)
		return TURNREQ_401;
	if (stun_find(msg, STUN_ATTR_REALM, &login->realm) < 0 ||
	    stun_find(msg, STUN_ATTR_NONCE, &nonce) < 0)
		return TURNREQ_400;
	/* It is not offered, because only static users' could be told. */
	if (stun_find(msg, STUN_ATTR_USERNAME, &username) < 0) {
		blame(login, TURNREQ_FAULT_NO_USERNAME);
		return stun_has(msg, STUN_ATTR_USERHASH) ?
		    TURNREQ_401 : TURNREQ_400;
	}
	err = take_username(login, &username);
	if (err != TURNREQ_OK)
		return err;
	if (turnauth_nonce_check(auth, tuple, login->username,
	    now_ns / CLOCK_S, &nonce) < 0) {
		blame(login, TURNREQ_FAULT_NONCE);
		return TURNREQ_438;
	}
	err = chosen(msg, &algorithm);
	if (err != TURNREQ_OK)
		return err;
	login->sha256 = msg->integrity_sha256 != 0;
	return check_credential(login, auth, msg, algorithm, alloc);
}

void
turnlogin_challenge(const struct turnlogin *login,
    const struct turnauth *auth, const struct tuple *tuple, uint64_t now_ns,
    struct stun_builder *b)
{
	char nonce[TURNCRED_NONCE], realm[TURNUSER_REALM];

	turnauth_realm(auth, login->realm.type != 0 ? &login->realm : NULL,
	    login->server_name, realm);
	turnauth_nonce(auth, tuple, now_ns / CLOCK_S, nonce);
	stun_add(b, STUN_ATTR_REALM, realm, strlen(realm));
	stun_add(b, STUN_ATTR_NONCE, nonce, strlen(nonce));
	stun_add(b, STUN_ATTR_PASSWORD_ALGORITHMS, offered, sizeof(offered));
}

void
turnlogin_sign(const struct turnlogin *login, struct stun_builder *b)
{
	if (!login->authentic)
		return;
	if (login->sha256)
		stunauth_add_sha256(b, login->key.bytes, login->key.len);
	else
		stunauth_add(b, login->key.bytes, login->key.len);
}
