/*
 * deviceproof: the text that a device signs, and the hash of its key. See
 * deviceproof.h.
 */
#include "base/deviceproof.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/jwt.h"
#include "wire/base64.h"
#include "wire/sigmsg.h"

/* A label keeps signatures and hashes apart from those for other uses. */
#define BY_EXPORTER "rp device proof 1, tls-exporter"
#define BY_TIME "rp device proof 1, time"
#define KEY "rp device key 1"

#define NAME 256
#define TEXT (sizeof(BY_EXPORTER) + NAME + SIGMSG_NUMBER + 96)

static size_t
write_text(char text[static TEXT], const struct deviceproof *proof)
{
	char exporter[HEX_TEXT(DEVICEPROOF_EXPORTER)];
	int n;

	if (proof->exporter != NULL) {
		hex_encode(exporter, proof->exporter, DEVICEPROOF_EXPORTER);
		n = snprintf(text, TEXT, "%s\n%s\n%s\n", BY_EXPORTER,
		    proof->number, exporter);
	} else {
		n = snprintf(text, TEXT, "%s\n%s\n%.*s\n%" PRId64 "\n",
		    BY_TIME, proof->number, NAME, proof->name, proof->time_s);
	}
	return (size_t)n;
}

void
deviceproof_id(uint8_t id[static CRYPTO_SHA256],
    const uint8_t public[static P256_POINT])
{
	uint8_t text[sizeof(KEY) + P256_POINT];

	memcpy(text, KEY, sizeof(KEY));
	memcpy(text + sizeof(KEY), public, P256_POINT);
	crypto_sha256(id, text, sizeof(text));
}

int
deviceproof_key(uint8_t public[static P256_POINT], const char *text)
{
	uint8_t point[P256_POINT];
	size_t n = sizeof(point);

	if (base64_decode(point, &n, text, strlen(text)) < 0 ||
	    n != sizeof(point) || !p256_is_point(point))
		return -EINVAL;
	memcpy(public, point, sizeof(point));
	return 0;
}

int
deviceproof_sign(uint8_t signature[static P256SIG_BYTES],
    const struct deviceproof *proof, const struct jwt_key *key)
{
	char text[TEXT];

	return jwt_sign_bytes(key, text, write_text(text, proof), signature);
}

int
deviceproof_check(const struct deviceproof *proof,
    const uint8_t public[static P256_POINT],
    const uint8_t signature[static P256SIG_BYTES])
{
	char text[TEXT];

	return p256sig_check(public, text, write_text(text, proof), signature);
}
