/*
 * p256sig: check ECDSA signatures with P-256 and SHA-256, with r and s side by
 * side as in RFC 7518 3.4 and in WebCrypto, over GnuTLS. jwt.h makes them.
 */
#ifndef RP_BASE_P256SIG_H
#define RP_BASE_P256SIG_H

#include <stddef.h>
#include <stdint.h>

#include "wire/p256.h"

#define P256SIG_BYTES 64

/*
 * Is it the signature of `data` by the holder of this key's private half?
 *
 *   -EBADMSG  no, or the point is not on the curve
 *   -ENOMEM
 */
int p256sig_check(const uint8_t public[static P256_POINT], const void *data,
    size_t len_bytes, const uint8_t signature[static P256SIG_BYTES]);

#endif
