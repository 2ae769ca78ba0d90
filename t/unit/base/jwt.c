/* Tokens that GnuTLS itself verifies, and keys that are refused. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "base/jwt.h"
#include "unit.h"
#include "wire/base64.h"

/* The private key of pem's public half, as X.509 wants it. */
static gnutls_pubkey_t
public_of(const char *pem)
{
	const gnutls_datum_t text = {
		(unsigned char *)pem, (unsigned)strlen(pem)
	};
	gnutls_privkey_t key;
	gnutls_pubkey_t public;

	gnutls_privkey_init(&key);
	gnutls_pubkey_init(&public);
	ck_assert_int_eq(gnutls_privkey_import_x509_raw(key, &text,
	    GNUTLS_X509_FMT_PEM, NULL, 0), 0);
	ck_assert_int_eq(gnutls_pubkey_import_privkey(public, key, 0, 0), 0);
	gnutls_privkey_deinit(key);
	return public;
}

/* A new key of another kind, as PEM. */
static char *
key_of(gnutls_pk_algorithm_t algorithm, unsigned bits)
{
	gnutls_x509_privkey_t key;
	gnutls_datum_t text;
	char *pem;

	gnutls_x509_privkey_init(&key);
	ck_assert_int_eq(gnutls_x509_privkey_generate(key, algorithm, bits,
	    0), 0);
	ck_assert_int_eq(gnutls_x509_privkey_export2_pkcs8(key,
	    GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, &text), 0);
	gnutls_x509_privkey_deinit(key);
	pem = strdup((char *)text.data);
	gnutls_free(text.data);
	return pem;
}

static int
verify(const char *pem, const char *token, bool rsa)
{
	const char *dot = strrchr(token, '.');
	gnutls_pubkey_t public = public_of(pem);
	gnutls_datum_t data = { (unsigned char *)token,
	    (unsigned)(dot - token) };
	gnutls_datum_t r, s, der = { 0 }, signature;
	uint8_t raw[1024];
	size_t n = sizeof(raw);
	int err;

	ck_assert_int_eq(base64_decode(raw, &n, dot + 1, strlen(dot + 1)), 0);
	signature.data = raw;
	signature.size = (unsigned)n;
	if (!rsa) {
		ck_assert_uint_eq(n, 64);
		r.data = raw;
		s.data = raw + 32;
		r.size = s.size = 32;
		ck_assert_int_eq(gnutls_encode_rs_value(&der, &r, &s), 0);
		signature = der;
	}
	err = gnutls_pubkey_verify_data2(public, rsa ? GNUTLS_SIGN_RSA_SHA256 :
	    GNUTLS_SIGN_ECDSA_SHA256, 0, &data, &signature);
	gnutls_free(der.data);
	gnutls_pubkey_deinit(public);
	return err;
}

/* Many times, so that short r and s come up. */
START_TEST(es256_verifies)
{
	json_t *claims = json_pack("{s:s}", "aud", "https://push.example");
	char why[WHY_TEXT], *pem, *token;
	uint8_t public[JWT_PUBLIC];
	struct jwt_key *key;
	int i;

	ck_assert_int_eq(jwt_key_new(&pem), 0);
	ck_assert_int_eq(jwt_key_parse(&key, pem, why), 0);
	ck_assert_int_eq(jwt_key_public(key, public), 0);
	ck_assert_int_eq(public[0], 4);
	for (i = 0; i < 600; i++) {
		ck_assert_int_eq(jwt_sign(&token, key, NULL, claims), 0);
		ck_assert_int_ge(verify(pem, token, false), 0);
		free(token);
	}
	jwt_key_free(key);
	json_decref(claims);
	free(pem);
}
END_TEST

START_TEST(rs256_verifies)
{
	char why[WHY_TEXT], *pem = key_of(GNUTLS_PK_RSA, 2048), *token;
	json_t *claims = json_pack("{s:s}", "iss", "a@example.org");
	uint8_t public[JWT_PUBLIC];
	struct jwt_key *key;

	ck_assert_int_eq(jwt_key_parse(&key, pem, why), 0);
	ck_assert_int_eq(jwt_key_public(key, public), -EINVAL);
	ck_assert_int_eq(jwt_sign(&token, key, NULL, claims), 0);
	ck_assert_int_ge(verify(pem, token, true), 0);
	token[5] ^= 1;
	ck_assert_int_lt(verify(pem, token, true), 0);
	free(token);
	jwt_key_free(key);
	json_decref(claims);
	free(pem);
}
END_TEST

START_TEST(head_and_claims)
{
	json_t *claims = json_pack("{s:s, s:i}", "iss", "TEAM", "iat", 7);
	char why[WHY_TEXT], *pem, *token, text[512];
	struct jwt_key *key;
	json_t *object;
	size_t n = sizeof(text);

	ck_assert_int_eq(jwt_key_new(&pem), 0);
	ck_assert_int_eq(jwt_key_parse(&key, pem, why), 0);
	ck_assert_int_eq(jwt_sign(&token, key, "KEY1", claims), 0);
	ck_assert_int_eq(base64_decode(text, &n, token, strcspn(token, ".")),
	    0);
	object = json_loadb(text, n, 0, NULL);
	ck_assert_str_eq(json_string_value(json_object_get(object, "alg")),
	    "ES256");
	ck_assert_str_eq(json_string_value(json_object_get(object, "kid")),
	    "KEY1");
	json_decref(object);
	n = sizeof(text);
	ck_assert_int_eq(base64_decode(text, &n, strchr(token, '.') + 1,
	    strcspn(strchr(token, '.') + 1, ".")), 0);
	object = json_loadb(text, n, 0, NULL);
	ck_assert(json_equal(object, claims));
	json_decref(object);
	json_decref(claims);
	free(token);
	jwt_key_free(key);
	free(pem);
}
END_TEST

START_TEST(refuses_other_keys)
{
	char why[WHY_TEXT], *pem;
	struct jwt_key *key;

	ck_assert_int_eq(jwt_key_parse(&key, "", why), -EINVAL);
	ck_assert_int_eq(jwt_key_parse(&key, "-----BEGIN PRIVATE KEY-----\n"
	    "AAAA\n-----END PRIVATE KEY-----\n", why), -EINVAL);
	pem = key_of(GNUTLS_PK_ECDSA,
	    GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP384R1));
	ck_assert_int_eq(jwt_key_parse(&key, pem, why), -EINVAL);
	ck_assert_str_eq(why, "wants the curve P-256");
	free(pem);
	pem = key_of(GNUTLS_PK_EDDSA_ED25519, 256);
	ck_assert_int_eq(jwt_key_parse(&key, pem, why), -EINVAL);
	free(pem);
	ck_assert_int_eq(jwt_key_read(&key, "/nonexistent", why), -ENOENT);
}
END_TEST

UNIT_SUITE(jwt, es256_verifies, rs256_verifies, head_and_claims,
    refuses_other_keys)
