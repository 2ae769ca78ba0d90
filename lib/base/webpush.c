/*
 * webpush: encrypt and decrypt Web Push messages (RFC 8291) over GnuTLS and
 * nettle. See webpush.h.
 */
#include "base/webpush.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <nettle/bignum.h>
#include <nettle/ecc-curve.h>
#include <nettle/ecc.h>
#include <nettle/gcm.h>

#include "base/crypto.h"
#include "wire/bytes.h"

#define COORDINATE 32
#define HEADER 86		/* salt, record size, key id's length, key id */
#define RECORD_SIZE 4096
#define RECORD_MIN 18		/* RFC 8188 2 */
#define LAST_RECORD 2		/* the padding's delimiter */

/* The secrets that HKDF derives for one message (RFC 8188 2.2, 2.3). */
struct secrets {
	uint8_t key[AES128_KEY_SIZE];
	uint8_t nonce[GCM_IV_SIZE];
};

static void
point_write(uint8_t out[static WEBPUSH_PUBLIC], const struct ecc_point *point)
{
	mpz_t x, y;

	mpz_inits(x, y, NULL);
	ecc_point_get(point, x, y);
	out[0] = 4;
	nettle_mpz_get_str_256(COORDINATE, out + 1, x);
	nettle_mpz_get_str_256(COORDINATE, out + 1 + COORDINATE, y);
	mpz_clears(x, y, NULL);
}

/* ecc_point_set checks that it is on the curve. */
static bool
point_read(struct ecc_point *point, const uint8_t in[static WEBPUSH_PUBLIC])
{
	mpz_t x, y;
	int ok;

	if (in[0] != 4)
		return false;
	nettle_mpz_init_set_str_256_u(x, COORDINATE, in + 1);
	nettle_mpz_init_set_str_256_u(y, COORDINATE, in + 1 + COORDINATE);
	ok = ecc_point_set(point, x, y);
	mpz_clears(x, y, NULL);
	return ok;
}

/*
 * Read a private key. Not every 256-bit number is valid: 0 < key < the group's
 * order.
 */
static bool
scalar_read(struct ecc_scalar *scalar,
    const uint8_t in[static WEBPUSH_PRIVATE])
{
	mpz_t z;
	int ok;

	nettle_mpz_init_set_str_256_u(z, WEBPUSH_PRIVATE, in);
	ok = ecc_scalar_set(scalar, z);
	mpz_clear(z);
	return ok;
}

int
webpush_public(uint8_t public[static WEBPUSH_PUBLIC],
    const uint8_t private[static WEBPUSH_PRIVATE])
{
	const struct ecc_curve *curve = nettle_get_secp_256r1();
	struct ecc_scalar scalar;
	struct ecc_point point;
	bool ok;

	ecc_scalar_init(&scalar, curve);
	ecc_point_init(&point, curve);
	ok = scalar_read(&scalar, private);
	if (ok) {
		ecc_point_mul_g(&point, &scalar);
		point_write(public, &point);
	}
	ecc_point_clear(&point);
	ecc_scalar_clear(&scalar);
	return ok ? 0 : -EINVAL;
}

static int
private_new(uint8_t private[static WEBPUSH_PRIVATE],
    uint8_t public[static WEBPUSH_PUBLIC])
{
	int err;

	do {
		err = crypto_random(private, WEBPUSH_PRIVATE);
		if (err < 0)
			return err;
	} while (webpush_public(public, private) < 0);
	return 0;
}

/*
 * Compute the x coordinate of `private` * `public`. Return -EINVAL if either is
 * invalid.
 */
static int
ecdh(uint8_t shared[static COORDINATE],
    const uint8_t private[static WEBPUSH_PRIVATE],
    const uint8_t public[static WEBPUSH_PUBLIC])
{
	const struct ecc_curve *curve = nettle_get_secp_256r1();
	uint8_t product[WEBPUSH_PUBLIC];
	struct ecc_scalar scalar;
	struct ecc_point point;
	bool ok;

	ecc_scalar_init(&scalar, curve);
	ecc_point_init(&point, curve);
	ok = scalar_read(&scalar, private) && point_read(&point, public);
	if (ok) {
		ecc_point_mul(&point, &scalar, &point);
		point_write(product, &point);
		memcpy(shared, product + 1, COORDINATE);
		crypto_wipe(product, sizeof(product));
	}
	ecc_point_clear(&point);
	ecc_scalar_clear(&scalar);
	return ok ? 0 : -EINVAL;
}

/*
 * Derive the secrets by RFC 8291 3.4, then RFC 8188 2.2 and 2.3 for the first
 * record.
 */
static void
derive(struct secrets *out, const uint8_t shared[static COORDINATE],
    const struct webpush_keys *receiver, const uint8_t *sender_public,
    const uint8_t salt[static WEBPUSH_SALT])
{
	static const char info[] = "WebPush: info";
	static const char key_info[] = "Content-Encoding: aes128gcm";
	static const char nonce_info[] = "Content-Encoding: nonce";
	uint8_t text[sizeof(info) + 2 * WEBPUSH_PUBLIC];
	uint8_t ikm[CRYPTO_SHA256];

	memcpy(text, info, sizeof(info));
	memcpy(text + sizeof(info), receiver->public, WEBPUSH_PUBLIC);
	memcpy(text + sizeof(info) + WEBPUSH_PUBLIC, sender_public,
	    WEBPUSH_PUBLIC);
	crypto_hkdf(ikm, sizeof(ikm), receiver->auth, WEBPUSH_AUTH, shared,
	    COORDINATE, text, sizeof(text));
	crypto_hkdf(out->key, sizeof(out->key), salt, WEBPUSH_SALT, ikm,
	    sizeof(ikm), key_info, sizeof(key_info));
	crypto_hkdf(out->nonce, sizeof(out->nonce), salt, WEBPUSH_SALT, ikm,
	    sizeof(ikm), nonce_info, sizeof(nonce_info));
	crypto_wipe(ikm, sizeof(ikm));
}

static void
cipher_start(struct gcm_aes128_ctx *gcm, const struct secrets *secrets)
{
	gcm_aes128_set_key(gcm, secrets->key);
	gcm_aes128_set_iv(gcm, sizeof(secrets->nonce), secrets->nonce);
}

static void
seal(uint8_t *record, const void *plain, size_t len_bytes,
    const struct secrets *secrets)
{
	struct gcm_aes128_ctx gcm;

	memcpy(record, plain, len_bytes);
	record[len_bytes++] = LAST_RECORD;
	cipher_start(&gcm, secrets);
	gcm_aes128_encrypt(&gcm, len_bytes, record, record);
	gcm_aes128_digest(&gcm, GCM_DIGEST_SIZE, record + len_bytes);
	crypto_wipe(&gcm, sizeof(gcm));
}

static bool
unseal(uint8_t *plain, const uint8_t *record, size_t len_bytes,
    const struct secrets *secrets)
{
	uint8_t tag[GCM_DIGEST_SIZE];
	struct gcm_aes128_ctx gcm;

	cipher_start(&gcm, secrets);
	gcm_aes128_decrypt(&gcm, len_bytes, plain, record);
	gcm_aes128_digest(&gcm, sizeof(tag), tag);
	crypto_wipe(&gcm, sizeof(gcm));
	return crypto_equal(tag, record + len_bytes, sizeof(tag));
}

int
webpush_keys_new(struct webpush_keys *keys)
{
	int err = private_new(keys->private, keys->public);

	return err < 0 ? err : crypto_random(keys->auth, sizeof(keys->auth));
}

static int
encrypt(uint8_t *body, const void *plain, size_t len_bytes,
    const struct webpush_keys *to, const struct webpush_sender *from,
    const uint8_t sender_public[static WEBPUSH_PUBLIC])
{
	static const uint8_t sizes[] = {
		0, 0, RECORD_SIZE >> 8, RECORD_SIZE & 255, WEBPUSH_PUBLIC
	};
	uint8_t shared[COORDINATE];
	struct secrets secrets;
	int err;

	err = ecdh(shared, from->private, to->public);
	if (err < 0)
		return err;
	derive(&secrets, shared, to, sender_public, from->salt);
	memcpy(body, from->salt, WEBPUSH_SALT);
	memcpy(body + WEBPUSH_SALT, sizes, sizeof(sizes));
	memcpy(body + WEBPUSH_SALT + sizeof(sizes), sender_public,
	    WEBPUSH_PUBLIC);
	seal(body + HEADER, plain, len_bytes, &secrets);
	crypto_wipe(shared, sizeof(shared));
	crypto_wipe(&secrets, sizeof(secrets));
	return 0;
}

int
webpush_encrypt_as(uint8_t *body, size_t *body_bytes, const void *plain,
    size_t len_bytes, const struct webpush_keys *to,
    const struct webpush_sender *from)
{
	uint8_t public[WEBPUSH_PUBLIC];
	int err;

	if (len_bytes > WEBPUSH_PLAIN_MAX)
		return -EMSGSIZE;
	err = webpush_public(public, from->private);
	if (err == 0)
		err = encrypt(body, plain, len_bytes, to, from, public);
	if (err < 0)
		return err;
	*body_bytes = len_bytes + WEBPUSH_OVERHEAD;
	return 0;
}

int
webpush_encrypt(uint8_t *body, size_t *body_bytes, const void *plain,
    size_t len_bytes, const uint8_t public[static WEBPUSH_PUBLIC],
    const uint8_t auth[static WEBPUSH_AUTH])
{
	uint8_t sender_public[WEBPUSH_PUBLIC];
	struct webpush_sender from;
	struct webpush_keys to;
	int err;

	if (len_bytes > WEBPUSH_PLAIN_MAX)
		return -EMSGSIZE;
	memcpy(to.public, public, sizeof(to.public));
	memcpy(to.auth, auth, sizeof(to.auth));
	err = private_new(from.private, sender_public);
	if (err == 0)
		err = crypto_random(from.salt, sizeof(from.salt));
	if (err == 0)
		err = encrypt(body, plain, len_bytes, &to, &from,
		    sender_public);
	crypto_wipe(&from, sizeof(from));
	if (err < 0)
		return err;
	*body_bytes = len_bytes + WEBPUSH_OVERHEAD;
	return 0;
}

/*
 * Is the body one record (RFC 8291 4)? Everything after the header is that
 * record, no longer than the record size in the header.
 */
static bool
shape_ok(const uint8_t *body, size_t body_bytes)
{
	uint32_t record_size;

	if (body_bytes < WEBPUSH_OVERHEAD || body[20] != WEBPUSH_PUBLIC)
		return false;
	record_size = bytes_get32(body + 16);
	return record_size >= RECORD_MIN && body_bytes - HEADER <= record_size;
}

int
webpush_decrypt(uint8_t *plain, size_t *len_bytes, const uint8_t *body,
    size_t body_bytes, const struct webpush_keys *keys)
{
	const uint8_t *sender_public = body + WEBPUSH_SALT + 5;
	uint8_t shared[COORDINATE];
	struct secrets secrets;
	size_t len;
	bool ok;

	if (!shape_ok(body, body_bytes))
		return -EBADMSG;
	if (ecdh(shared, keys->private, sender_public) < 0)
		return -EBADMSG;
	derive(&secrets, shared, keys, sender_public, body);
	len = body_bytes - HEADER - GCM_DIGEST_SIZE;
	ok = unseal(plain, body + HEADER, len, &secrets);
	crypto_wipe(shared, sizeof(shared));
	crypto_wipe(&secrets, sizeof(secrets));
	while (ok && len > 0 && plain[len - 1] == 0)
		len--;
	if (!ok || len == 0 || plain[len - 1] != LAST_RECORD)
		return -EBADMSG;
	*len_bytes = len - 1;
	return 0;
}
