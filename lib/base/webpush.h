/*
 * webpush: the cryptography of Web Push messages (RFC 8291: aes128gcm of RFC
 * 8188 in one record). The sender of pushes uses it, and so does rp-dial, which
 * is a push endpoint itself. VAPID (RFC 8292) is in jwt.
 */
#ifndef RP_BASE_WEBPUSH_H
#define RP_BASE_WEBPUSH_H

#include <stddef.h>
#include <stdint.h>

#define WEBPUSH_PUBLIC 65	/* an uncompressed P-256 point */
#define WEBPUSH_PRIVATE 32
#define WEBPUSH_AUTH 16
#define WEBPUSH_SALT 16
#define WEBPUSH_PLAIN_MAX 3993	/* RFC 8291 4: 4,096 less the overhead */
#define WEBPUSH_OVERHEAD 103	/* header and key id 86, padding 1, tag 16 */

struct webpush_keys {
	uint8_t public[WEBPUSH_PUBLIC];
	uint8_t private[WEBPUSH_PRIVATE];
	uint8_t auth[WEBPUSH_AUTH];
};

/*
 * Write the public half of a private key. Return -EINVAL if it is invalid: not
 * every number of 256 bits is a key.
 */
int webpush_public(uint8_t public[static WEBPUSH_PUBLIC],
    const uint8_t private[static WEBPUSH_PRIVATE]);

/* Make a receiver's new keys. Return 0, or -EIO without random bytes. */
int webpush_keys_new(struct webpush_keys *keys);

/*
 * Encrypt for the receiver with a fresh sender key and salt. `body` has room
 * for `len_bytes` + WEBPUSH_OVERHEAD.
 *
 *   -EINVAL    `public` is not a point of the curve
 *   -EMSGSIZE  too long
 *   -EIO       no random bytes
 */
int webpush_encrypt(uint8_t *body, size_t *body_bytes, const void *plain,
    size_t len_bytes, const uint8_t public[static WEBPUSH_PUBLIC],
    const uint8_t auth[static WEBPUSH_AUTH]);

/*
 * Encrypt likewise with a sender's key and salt that the caller chose, as the
 * RFC's example does. Never use the same pair twice. Return -EINVAL also if the
 * private key is invalid.
 */
struct webpush_sender {
	uint8_t private[WEBPUSH_PRIVATE];
	uint8_t salt[WEBPUSH_SALT];
};
int webpush_encrypt_as(uint8_t *body, size_t *body_bytes, const void *plain,
    size_t len_bytes, const struct webpush_keys *to,
    const struct webpush_sender *from);

/*
 * Decrypt a received body. `plain` has room for `body_bytes`. Return -EBADMSG
 * if the body is malformed or not for these keys.
 */
int webpush_decrypt(uint8_t *plain, size_t *len_bytes, const uint8_t *body,
    size_t body_bytes, const struct webpush_keys *keys);

#endif
