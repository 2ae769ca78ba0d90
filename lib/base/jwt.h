/*
 * jwt: signed JSON Web Tokens (RFC 7519 in RFC 7515's compact form), as push
 * services want them: ES256 for VAPID and APNs, RS256 for Google. The key's
 * kind says which.
 */
#ifndef RP_BASE_JWT_H
#define RP_BASE_JWT_H

#include <stdint.h>

#include <jansson.h>

struct jwt_key;

#define JWT_WHY 128
#define JWT_PUBLIC 65		/* an uncompressed P-256 point */

/*
 * Read a private key, PEM (PKCS #8 or its older forms), not encrypted: P-256
 * or RSA. -EINVAL, or the file's errno, with one line in why.
 */
int jwt_key_read(struct jwt_key **out, const char *file,
    char why[static JWT_WHY]);
int jwt_key_parse(struct jwt_key **out, const char *pem,
    char why[static JWT_WHY]);
void jwt_key_free(struct jwt_key *key);

/* A new P-256 key as PEM, malloc'd. -EIO, -ENOMEM. */
int jwt_key_new(char **pem);

/* The public half of a P-256 key. -EINVAL for an RSA key. */
int jwt_key_public(const struct jwt_key *key, uint8_t out[static JWT_PUBLIC]);

/*
 * The token, malloc'd, for the claims (an object) and a key id for its head,
 * or NULL. -ENOMEM; -EIO if it cannot be signed.
 */
int jwt_sign(char **token, const struct jwt_key *key, const char *key_id,
    const json_t *claims);

#endif
