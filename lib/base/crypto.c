/*
 * crypto: random bytes, SHA-256, HKDF and comparison in constant time, over
 * GnuTLS. See crypto.h.
 */
#include "base/crypto.h"

#include <errno.h>
#include <stdlib.h>

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <nettle/hkdf.h>
#include <nettle/hmac.h>
#include <nettle/sha2.h>

#include "wire/base64.h"

#define PIECE_BYTES 32		/* encoded at a time: the longest in use */

int
crypto_random(void *data, size_t len_bytes)
{
	return gnutls_rnd(GNUTLS_RND_KEY, data, len_bytes) == 0 ? 0 : -EIO;
}

int
crypto_random_hex(char *text, size_t len_bytes)
{
	uint8_t piece[PIECE_BYTES];
	size_t n;

	*text = '\0';
	for (; len_bytes > 0; len_bytes -= n) {
		n = len_bytes < sizeof(piece) ? len_bytes : sizeof(piece);
		if (crypto_random(piece, n) < 0)
			return -EIO;
		hex_encode(text, piece, n);
		text += 2 * n;
	}
	crypto_wipe(piece, sizeof(piece));
	return 0;
}

uint32_t
crypto_random_between(uint32_t min, uint32_t max)
{
	uint64_t value = 0, span = (uint64_t)max - min + 1;

	/* The bias of a 64-bit value over a 32-bit span is below 2^-32. */
	if (gnutls_rnd(GNUTLS_RND_NONCE, &value, sizeof(value)) != 0)
		return min;
	return min + (uint32_t)(value % span);
}

void
crypto_sha256(uint8_t digest[static CRYPTO_SHA256], const void *data,
    size_t len_bytes)
{
	struct sha256_ctx hash;

	sha256_init(&hash);
	sha256_update(&hash, len_bytes, data);
	sha256_digest(&hash, CRYPTO_SHA256, digest);
}

void
crypto_hkdf(void *out, size_t out_bytes, const void *salt, size_t salt_bytes,
    const void *secret, size_t secret_bytes, const void *info,
    size_t info_bytes)
{
	struct hmac_sha256_ctx mac;
	uint8_t key[SHA256_DIGEST_SIZE];

	hmac_sha256_set_key(&mac, salt_bytes, salt);
	hkdf_extract(&mac, (nettle_hash_update_func *)hmac_sha256_update,
	    (nettle_hash_digest_func *)hmac_sha256_digest, sizeof(key),
	    secret_bytes, secret, key);
	hmac_sha256_set_key(&mac, sizeof(key), key);
	hkdf_expand(&mac, (nettle_hash_update_func *)hmac_sha256_update,
	    (nettle_hash_digest_func *)hmac_sha256_digest, sizeof(key),
	    info_bytes, info, out_bytes, out);
	crypto_wipe(key, sizeof(key));
}

bool
crypto_equal(const void *a, const void *b, size_t len_bytes)
{
	return gnutls_memcmp(a, b, len_bytes) == 0;
}

void
crypto_wipe(void *data, size_t len_bytes)
{
	gnutls_memset(data, 0, len_bytes);
}
