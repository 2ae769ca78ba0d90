/*
 * crypto: the few primitives that several rooms need, over GnuTLS. Random
 * bytes come from the system's generator and never fail silently.
 */
#ifndef RP_BASE_CRYPTO_H
#define RP_BASE_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CRYPTO_SHA256 32

/* Fill data with random bytes fit for keys. 0, or -EIO. */
int crypto_random(void *data, size_t len_bytes);

/* A random value from min to max, both included. */
uint32_t crypto_random_between(uint32_t min, uint32_t max);

void crypto_sha256(uint8_t digest[static CRYPTO_SHA256], const void *data,
    size_t len_bytes);

/* HKDF with SHA-256 (RFC 5869), out_bytes at most 255 * 32. */
void crypto_hkdf(void *out, size_t out_bytes, const void *salt,
    size_t salt_bytes, const void *secret, size_t secret_bytes,
    const void *info, size_t info_bytes);

/* Equal? In time that does not depend on where they differ. */
bool crypto_equal(const void *a, const void *b, size_t len_bytes);

/* Forget a secret. */
void crypto_wipe(void *data, size_t len_bytes);

#endif
