/*
 * deviceproof: how a device with a key of its own proves who it is
 * (rp-signal(7)). It signs the TLS session that it has with the switch
 * (RFC 9266), so that nobody can use the proof elsewhere. A page cannot see its
 * session; it signs the switch's name and the time. The directory keeps a hash
 * of the public half where it keeps the hash of a token.
 */
#ifndef RP_BASE_DEVICEPROOF_H
#define RP_BASE_DEVICEPROOF_H

#include <stddef.h>
#include <stdint.h>

#include "base/crypto.h"
#include "base/p256sig.h"
#include "wire/p256.h"

struct jwt_key;

#define DEVICEPROOF_EXPORTER 32

/* The content of a signature. Strings must not hold line ends. */
struct deviceproof {
	const char *number;
	const uint8_t *exporter; /* DEVICEPROOF_EXPORTER bytes; or NULL, then */
	const char *name;	/* of the switch, as the page reached it */
	int64_t time_s;		/* wall clock */
};

/*
 * Write the hash of a public half, as the directory keeps it. No token has this
 * hash, because what is hashed is longer than any token.
 */
void deviceproof_id(uint8_t id[static CRYPTO_SHA256],
    const uint8_t public[static P256_POINT]);

/*
 * Decode a public half in base64url. Return -EINVAL unless it is a point of the
 * curve.
 */
int deviceproof_key(uint8_t public[static P256_POINT], const char *text);

/* Sign with a key of P-256. Return -EIO if it cannot be signed. */
int deviceproof_sign(uint8_t signature[static P256SIG_BYTES],
    const struct deviceproof *proof, const struct jwt_key *key);

/* Check a signature. Errors are those of p256sig_check. */
int deviceproof_check(const struct deviceproof *proof,
    const uint8_t public[static P256_POINT],
    const uint8_t signature[static P256SIG_BYTES]);

#endif
