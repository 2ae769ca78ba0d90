/* VAPID keys in the forms of other tools, and what is none in words. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/x509.h>

#include "base/vapidkey.h"
#include "base/webpush.h"
#include "unit.h"
#include "wire/base64.h"

/* A pair that npm's web-push has made. */
#define PRIVATE "oDjy9Xoh1EmzBo_UJq4twyxSCFTHVmhFRBoxPGPKVmk"
#define BROKEN "oDjy9Xoh1EmzBo_UJq4twyxS\r\nCFTHVmhFRBoxPGPKVmk=\r\n"
#define STANDARD "oDjy9Xoh1EmzBo/UJq4twyxSCFTHVmhFRBoxPGPKVmk="

static char whole[VAPIDKEY_TEXT];	/* PRIVATE's public half */

static void
make_public(void)
{
	uint8_t private[WEBPUSH_PRIVATE], public[WEBPUSH_PUBLIC];
	size_t n = sizeof(private);

	ck_assert_int_eq(base64_decode(private, &n, PRIVATE,
	    strlen(PRIVATE)), 0);
	ck_assert_int_eq(webpush_public(public, private), 0);
	base64_encode_url(whole, public, sizeof(public));
}

/* The text is the key PRIVATE, and signs. */
static void
taken(const char *text)
{
	json_t *claims = json_pack("{s:s}", "aud", "https://push.example");
	char public[VAPIDKEY_TEXT], why[WHY_TEXT] = "", *token;
	struct jwt_key *key;

	make_public();
	ck_assert_msg(vapidkey_parse(&key, public, text, strlen(text), why) ==
	    0, "%s: %s", text, why);
	ck_assert_str_eq(public, whole);
	ck_assert_int_eq(jwt_sign(&token, key, NULL, claims), 0);
	free(token);
	json_decref(claims);
	jwt_key_free(key);
}

static void
refused_bytes(const char *text, size_t len, const char *words)
{
	char public[VAPIDKEY_TEXT], why[WHY_TEXT] = "";
	struct jwt_key *key;

	ck_assert_int_eq(vapidkey_parse(&key, public, text, len, why),
	    -EINVAL);
	ck_assert_msg(strstr(why, words) != NULL, "%s: %s", text, why);
}

static void
refused(const char *text, const char *words)
{
	refused_bytes(text, strlen(text), words);
}

START_TEST(forms_of_others)
{
	char text[512];

	taken(PRIVATE);
	taken(PRIVATE "\n");
	taken("\xef\xbb\xbf  " PRIVATE "=\r\n");
	taken(STANDARD);
	taken(BROKEN);
	make_public();
	snprintf(text, sizeof(text), "{\"publicKey\":\"%s\",\"privateKey\":"
	    "\"%s\"}\n", whole, PRIVATE);
	taken(text);
	snprintf(text, sizeof(text), "\n=======\n\nPublic Key:\n%s\n\n"
	    "Private Key:\n%s\n\n=======\n", whole, PRIVATE);
	taken(text);
	taken("{\"kty\":\"EC\",\"crv\":\"P-256\",\"d\":\"" PRIVATE "\"}");
}
END_TEST

/* PEM, and the same in base64 without its lines, as pywebpush takes it. */
START_TEST(pem_and_der)
{
	char public[VAPIDKEY_TEXT], again[VAPIDKEY_TEXT], why[WHY_TEXT];
	char *pem, *body, *end;
	struct jwt_key *key;

	ck_assert_int_eq(jwt_key_new(&pem), 0);
	ck_assert_int_eq(vapidkey_parse(&key, public, pem, strlen(pem), why),
	    0);
	jwt_key_free(key);
	body = strchr(pem, '\n');
	end = strstr(body, "-----END");
	ck_assert_ptr_nonnull(end);
	*end = '\0';
	ck_assert_int_eq(vapidkey_parse(&key, again, body, strlen(body), why),
	    0);
	ck_assert_str_eq(public, again);
	jwt_key_free(key);
	free(pem);
}
END_TEST

START_TEST(halves_apart)
{
	char text[512];

	make_public();
	whole[5] = whole[5] == 'A' ? 'B' : 'A';
	snprintf(text, sizeof(text), "{\"publicKey\":\"%s\",\"privateKey\":"
	    "\"%s\"}\n", whole, PRIVATE);
	refused(text, "its public key is not that");
}
END_TEST

START_TEST(what_is_none)
{
	static const char der[] = "\x30\x81\x87\x02\x01\x00\x30\x13";
	char zero[64] = "", long_one[4096];
	uint8_t number[WEBPUSH_PRIVATE];

	refused("", "empty");
	refused(" \r\n", "empty");
	refused_bytes(der, sizeof(der) - 1, "DER");
	refused_bytes("a\0b", 3, "not text");
	make_public();
	refused(whole, "a public key");
	refused("-----BEGIN PUBLIC KEY-----\nAA\n-----END PUBLIC KEY-----\n",
	    "a public key");
	refused("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAA\n", "encrypted");
	refused("-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n",
	    "encrypted");
	refused("-----BEGIN CERTIFICATE-----\nAA\n", "a certificate");
	refused("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
	    "damaged");
	refused("hello, world", "neither PEM nor base64url");
	refused("aGVsbG8", "5 bytes");
	refused("{", "damaged JSON");
	refused("{}", "without privateKey");
	refused("{\"privateKey\":7}", "without privateKey");
	memset(number, 0, sizeof(number));
	base64_encode_url(zero, number, sizeof(number));
	refused(zero, "not a private key of P-256");
	memset(number, 0xff, sizeof(number));
	base64_encode_url(zero, number, sizeof(number));
	refused(zero, "not a private key of P-256");
	memset(long_one, 'A', sizeof(long_one) - 1);
	long_one[sizeof(long_one) - 1] = '\0';
	refused(long_one, "neither PEM");
}
END_TEST

/* Make a key of another kind as PEM. */
static void
refuse_kind(gnutls_pk_algorithm_t algorithm, unsigned bits, const char *words)
{
	gnutls_x509_privkey_t key;
	gnutls_datum_t text;

	gnutls_x509_privkey_init(&key);
	ck_assert_int_eq(gnutls_x509_privkey_generate(key, algorithm, bits,
	    0), 0);
	ck_assert_int_eq(gnutls_x509_privkey_export2(key,
	    GNUTLS_X509_FMT_PEM, &text), 0);
	gnutls_x509_privkey_deinit(key);
	refused((char *)text.data, words);
	gnutls_free(text.data);
}

START_TEST(other_kinds)
{
	refuse_kind(GNUTLS_PK_RSA, 2048, "an RSA key; wants a P-256 key");
	refuse_kind(GNUTLS_PK_ECDSA,
	    GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP384R1),
	    "wants the curve P-256");
}
END_TEST

START_TEST(files)
{
	char public[VAPIDKEY_TEXT], why[WHY_TEXT];
	struct jwt_key *key;

	ck_assert_int_eq(vapidkey_read(&key, public, "/nonexistent", why),
	    -ENOENT);
	ck_assert_int_eq(vapidkey_read(&key, public, "/dev/null", why),
	    -EINVAL);
	ck_assert_str_eq(why, "empty");
	ck_assert_int_eq(vapidkey_read(&key, public, "/dev/zero", why),
	    -EFBIG);
}
END_TEST

UNIT_SUITE(vapidkey, forms_of_others, pem_and_der, halves_apart, what_is_none,
    other_kinds, files)
