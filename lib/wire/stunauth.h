/*
 * stunauth: the authentication of STUN messages: keys (RFC 8489 9),
 * MESSAGE-INTEGRITY and its SHA-256 form (14.5, 14.6), and FINGERPRINT (14.7).
 * The key of a short-term credential (ICE) is the password itself. Pure.
 */
#ifndef RP_WIRE_STUNAUTH_H
#define RP_WIRE_STUNAUTH_H

#include <stddef.h>
#include <stdint.h>

#include "wire/stun.h"

#define STUNAUTH_MD5 16
#define STUNAUTH_SHA256 32

/* PASSWORD-ALGORITHM numbers (RFC 8489 18.5). */
enum {
	STUNAUTH_ALGORITHM_MD5 = 1,
	STUNAUTH_ALGORITHM_SHA256 = 2
};

/* Derive a long-term credential's key: a hash of "username:realm:password". */
void stunauth_key_md5(uint8_t key[static STUNAUTH_MD5], const void *username,
    size_t username_len, const char *realm, const char *password);
void stunauth_key_sha256(uint8_t key[static STUNAUTH_SHA256],
    const void *username, size_t username_len, const char *realm,
    const char *password);

/* A key of either kind, and its PASSWORD-ALGORITHM number. */
struct stunauth_key {
	uint16_t algorithm;
	uint8_t len;
	uint8_t bytes[STUNAUTH_SHA256];
};

/* Derive the key for that algorithm. Return -EINVAL if it is unknown. */
int stunauth_key(struct stunauth_key *out, uint16_t algorithm,
    const void *username, size_t username_len, const char *realm,
    const char *password);

/* Compute USERHASH: the SHA-256 of "username:realm" (14.4). */
void stunauth_userhash(uint8_t hash[static STUNAUTH_SHA256],
    const void *username, size_t username_len, const char *realm);

/*
 * Verify the attribute.
 *
 *   -ENOENT  it is absent
 *   -EACCES  it is wrong or malformed
 */
int stunauth_check(const struct stun_msg *msg, const void *key,
    size_t key_len);
int stunauth_check_sha256(const struct stun_msg *msg, const void *key,
    size_t key_len);

/*
 * Add the attribute over the message so far. Only attributes of this module may
 * follow it.
 */
void stunauth_add(struct stun_builder *b, const void *key, size_t key_len);
void stunauth_add_sha256(struct stun_builder *b, const void *key,
    size_t key_len);

/* Verify FINGERPRINT. Errors are as above. */
int stunauth_check_fingerprint(const struct stun_msg *msg);
/* Add FINGERPRINT, which must be the last attribute. */
void stunauth_add_fingerprint(struct stun_builder *b);

#endif
