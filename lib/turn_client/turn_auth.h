/*
 * turn_auth: a client's side of STUN's long-term credentials (RFC 8489 9.2).
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
	size_t nonce_len;		/* 0: nothing is known of the server */
	uint8_t key[STUNAUTH_MD5];
};

/* -EINVAL if one is too long. */
int turn_auth_init(struct turn_auth *auth, const char *username,
    const char *password);

/* The credentials came with them, for the first request. -EINVAL: too long. */
int turn_auth_expect(struct turn_auth *auth, const char *realm,
    const char *nonce);

/* A 401 or 438 named realm and nonce. -EPROTO if it did not. */
int turn_auth_challenged(struct turn_auth *auth, const struct stun_msg *msg);

/* Nothing yet if there was no challenge: the server will ask. */
void turn_auth_sign(const struct turn_auth *auth, struct stun_builder *b);

/*
 * RFC 8489 9.2.5: a success must be signed with our key. An error that tells
 * of missing or stale credentials cannot be, so it need not; if it is signed,
 * it must be so by our key.
 */
bool turn_auth_accepts(const struct turn_auth *auth,
    const struct stun_msg *msg);

void turn_auth_wipe(struct turn_auth *auth);

#endif
