/*
 * jwt: signed JSON Web Tokens (RFC 7519 in RFC 7515's compact form), as push
 * services require them. VAPID and APNs use ES256, Google uses RS256; the key's
 * type decides.
 */
#ifndef RP_BASE_JWT_H
#define RP_BASE_JWT_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "wire/why.h"

struct jwt_key;

#define JWT_PUBLIC 65		/* an uncompressed P-256 point */

#define JWT_SCALAR 32		/* the private half of a P-256 key */

/*
 * Read an unencrypted private key, P-256 or RSA, in PEM (PKCS #8 or the older
 * forms). Return -EINVAL or the file's errno, with one line in `why`, which
 * names what the file holds instead.
 */
int jwt_key_read(struct jwt_key **out, const char *file,
    char why[static WHY_TEXT]);
int jwt_key_parse(struct jwt_key **out, const char *pem,
    char why[static WHY_TEXT]);

/* Likewise, of a P-256 key's private half, or of DER. */
int jwt_key_from_scalar(struct jwt_key **out,
    const uint8_t scalar[static JWT_SCALAR], char why[static WHY_TEXT]);
int jwt_key_from_der(struct jwt_key **out, const void *der, size_t len_bytes,
    char why[static WHY_TEXT]);
void jwt_key_free(struct jwt_key *key);

/* Make a new P-256 key as PEM, for the caller to free. -EIO, -ENOMEM. */
int jwt_key_new(char **pem);

/* Write the public half of a P-256 key. Return -EINVAL for an RSA key. */
int jwt_key_public(const struct jwt_key *key, uint8_t out[static JWT_PUBLIC]);

/*
 * Sign a token for `claims` (an object), for the caller to free. `key_id` goes
 * into its header; it may be NULL.
 *
 *   -ENOMEM
 *   -EIO     the token cannot be signed
 */
int jwt_sign(char **token, const struct jwt_key *key, const char *key_id,
    const json_t *claims);

/*
 * Sign bytes with a key of P-256, as r and s side by side.
 *
 *   -EIO  they cannot be signed, or it is an RSA key
 */
#define JWT_SIGNATURE 64
int jwt_sign_bytes(const struct jwt_key *key, const void *data,
    size_t len_bytes, uint8_t out[static JWT_SIGNATURE]);

#endif
