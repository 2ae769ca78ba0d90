/*
 * crypto: the few primitives that several modules need, over GnuTLS. Random
 * bytes come from the system's generator and never fail silently.
 */
#ifndef RP_BASE_CRYPTO_H
#define RP_BASE_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CRYPTO_SHA256 32

/* Fill `data` with random bytes fit for keys. Return 0 or -EIO. */
int crypto_random(void *data, size_t len_bytes);

/*
 * Write `len_bytes` random bytes as hexadecimal digits, and a NUL, into `text`
 * of HEX_TEXT(len_bytes). Return 0 or -EIO.
 */
int crypto_random_hex(char *text, size_t len_bytes);

/* Return a random value from `min` to `max`, both included. */
uint32_t crypto_random_between(uint32_t min, uint32_t max);

void crypto_sha256(uint8_t digest[static CRYPTO_SHA256], const void *data,
    size_t len_bytes);

/*
 * Derive a key by HKDF with SHA-256 (RFC 5869). `out_bytes` is at most 255 *
 * 32.
 */
void crypto_hkdf(void *out, size_t out_bytes, const void *salt,
    size_t salt_bytes, const void *secret, size_t secret_bytes,
    const void *info, size_t info_bytes);

/* Are the two equal? The time taken does not depend on where they differ. */
bool crypto_equal(const void *a, const void *b, size_t len_bytes);

/* Erase a secret from memory. */
void crypto_wipe(void *data, size_t len_bytes);

#endif
