/*
 * webpush: the cryptography of Web Push: message encryption (RFC 8291 with
 * aes128gcm of RFC 8188, one record) and VAPID (RFC 8292). Used by the sender
 * of pushes and by rp-dial, which is a push endpoint itself.
 */
#ifndef RP_BASE_WEBPUSH_H
#define RP_BASE_WEBPUSH_H

#include <stddef.h>
#include <stdint.h>

#define WEBPUSH_PUBLIC 65	/* an uncompressed P-256 point */
#define WEBPUSH_PRIVATE 32
#define WEBPUSH_AUTH 16
#define WEBPUSH_PLAIN_MAX 3993	/* RFC 8291 4: 4,096 less the overhead */
#define WEBPUSH_OVERHEAD 103	/* header with key id 86, padding 1, tag 16 */

struct webpush_keys {
	uint8_t public[WEBPUSH_PUBLIC];
	uint8_t private[WEBPUSH_PRIVATE];
	uint8_t auth[WEBPUSH_AUTH];
};

/* A receiver's new keys. */
int webpush_keys_new(struct webpush_keys *keys);

/*
 * Encrypt for the receiver with a fresh sender key and salt. body has room
 * for len_bytes + WEBPUSH_OVERHEAD. -EINVAL: public is no point of the curve.
 * -EMSGSIZE: too long.
 */
int webpush_encrypt(uint8_t *body, size_t *body_bytes, const void *plain,
    size_t len_bytes, const uint8_t public[static WEBPUSH_PUBLIC],
    const uint8_t auth[static WEBPUSH_AUTH]);

/*
 * Decrypt what came. plain has room for body_bytes. -EBADMSG if it is
 * malformed or not for these keys.
 */
int webpush_decrypt(uint8_t *plain, size_t *len_bytes, const uint8_t *body,
    size_t body_bytes, const struct webpush_keys *keys);

#endif
