/*
 * turn_auth: the client's side of STUN's long-term credentials (RFC 8489 9.2).
 * Pure.
 */
#ifndef RP_TURN_CLIENT_TURN_AUTH_H
#define RP_TURN_CLIENT_TURN_AUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/stunauth.h"

#define TURN_AUTH_USERNAME 513	/* RFC 8489 14.3 and a NUL */
#define TURN_AUTH_REALM 764	/* 14.9, 14.10 */
#define TURN_AUTH_NONCE 764

struct turn_auth {
	char username[TURN_AUTH_USERNAME];
	char password[TURN_AUTH_USERNAME];
	char realm[TURN_AUTH_REALM];
	uint8_t nonce[TURN_AUTH_NONCE];
	size_t nonce_len;		/* 0: no challenge seen yet */
	uint8_t key[STUNAUTH_MD5];
};

/* Initialize. Return -EINVAL if one is too long. */
int turn_auth_init(struct turn_auth *auth, const char *username,
    const char *password);

/*
 * Set the realm and nonce that came with the credentials, for the first
 * request. Return -EINVAL if one is too long.
 */
int turn_auth_expect(struct turn_auth *auth, const char *realm,
    const char *nonce);

/* Take the realm and nonce from a 401 or 438. Return -EPROTO if it has none. */
int turn_auth_challenged(struct turn_auth *auth, const struct stun_msg *msg);

/* Sign a request. Nothing is added before the first challenge. */
void turn_auth_sign(const struct turn_auth *auth, struct stun_builder *b);

/*
 * Is the answer authentic (RFC 8489 9.2.5)? A success must be signed with our
 * key. An error about missing or stale credentials cannot be, so it need not;
 * but if it is signed, our key must fit.
 */
bool turn_auth_accepts(const struct turn_auth *auth,
    const struct stun_msg *msg);

void turn_auth_wipe(struct turn_auth *auth);

#endif
