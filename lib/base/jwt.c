/*
 * jwt: sign compact JSON Web Tokens, ES256 and RS256, over GnuTLS. See jwt.h.
 */
#include "base/jwt.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "base/crypto.h"
#include "base/tool.h"
#include "base/webpush.h"
#include "wire/base64.h"
#include "wire/why.h"

#define PEM_MAX 65536
#define COORDINATE 32

struct jwt_key {
	gnutls_privkey_t key;
	bool rsa;
	uint8_t public[JWT_PUBLIC];	/* not of an RSA key */
};

/*
 * Convert a big-endian number, which may be short or have a leading zero, to 32
 * bytes.
 */
static bool
number_32(uint8_t out[static COORDINATE], const gnutls_datum_t *number)
{
	const uint8_t *data = number->data;
	size_t len = number->size;

	while (len > COORDINATE && *data == 0) {
		data++;
		len--;
	}
	if (len > COORDINATE)
		return false;
	memset(out, 0, COORDINATE - len);
	memcpy(out + COORDINATE - len, data, len);
	return true;
}

static bool
take_public(struct jwt_key *key)
{
	gnutls_datum_t x = { 0 }, y = { 0 };
	gnutls_ecc_curve_t curve;
	bool ok;

	if (gnutls_privkey_export_ecc_raw(key->key, &curve, &x, &y, NULL) < 0)
		return false;
	key->public[0] = 4;
	ok = curve == GNUTLS_ECC_CURVE_SECP256R1 &&
	    number_32(key->public + 1, &x) &&
	    number_32(key->public + 1 + COORDINATE, &y);
	gnutls_free(x.data);
	gnutls_free(y.data);
	return ok;
}

/* Lines of PEM files by which one that cannot be used is told. */
static const struct {
	const char *line, *words;
} others[] = {
	{ "-----BEGIN ENCRYPTED PRIVATE KEY", "an encrypted key; wants one "
	    "without a passphrase" },
	{ "Proc-Type: 4,ENCRYPTED", "an encrypted key; wants one without a "
	    "passphrase" },
	{ "-----BEGIN OPENSSH", "a key of OpenSSH; wants one in PEM" },
	{ "PRIVATE KEY-----", NULL },
	{ "-----BEGIN PUBLIC KEY", "a public key; wants the private one" },
	{ "-----BEGIN EC PUBLIC KEY", "a public key; wants the private one" },
	{ "-----BEGIN RSA PUBLIC KEY", "a public key; wants the private one" },
	{ "-----BEGIN CERTIFICATE", "a certificate; wants the private key" },
	{ "-----BEGIN EC PARAMETERS", "only the parameters of a key" },
};

/* Say why this cannot be a private key in PEM; return NULL if it may. */
static const char *
other_form(const char *pem)
{
	size_t i;

	if (pem[strspn(pem, " \t\r\n")] == '\0')
		return "empty";
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strstr(pem, others[i].line) != NULL)
			return others[i].words;
	return "not PEM";
}

/* Check what GnuTLS has imported. */
static const char *
check_kind(struct jwt_key *key)
{
	switch (gnutls_privkey_get_pk_algorithm(key->key, NULL)) {
	case GNUTLS_PK_RSA:
		key->rsa = true;
		return NULL;
	case GNUTLS_PK_ECDSA:
		return take_public(key) ? NULL : "wants the curve P-256";
	default:
		return "wants a P-256 or RSA key";
	}
}

static const char *
import(struct jwt_key *key, const void *data, size_t len,
    gnutls_x509_crt_fmt_t format)
{
	const gnutls_datum_t text = { (void *)data, (unsigned)len };
	int err;

	err = gnutls_privkey_import_x509_raw(key->key, &text, format, NULL, 0);
	if (err == GNUTLS_E_ECC_UNSUPPORTED_CURVE)
		return "wants the curve P-256";
	if (err < 0)
		return "damaged, or not a private key";
	return check_kind(key);
}

static const char *
import_pem(struct jwt_key *key, const char *pem)
{
	const char *wrong = other_form(pem);

	return wrong != NULL ? wrong :
	    import(key, pem, strlen(pem), GNUTLS_X509_FMT_PEM);
}

static const char *
import_scalar(struct jwt_key *key, const uint8_t *scalar)
{
	uint8_t public[WEBPUSH_PUBLIC];
	const gnutls_datum_t x = { public + 1, COORDINATE };
	const gnutls_datum_t y = { public + 1 + COORDINATE, COORDINATE };
	const gnutls_datum_t k = { (void *)scalar, JWT_SCALAR };

	if (webpush_public(public, scalar) < 0 ||
	    gnutls_privkey_import_ecc_raw(key->key, GNUTLS_ECC_CURVE_SECP256R1,
	    &x, &y, &k) < 0)
		return "not a private key of P-256";
	return check_kind(key);
}

static struct jwt_key *
key_new(char why[static WHY_TEXT])
{
	struct jwt_key *key = calloc(1, sizeof(*key));

	if (key != NULL && gnutls_privkey_init(&key->key) == 0)
		return key;
	free(key);
	why_set(why, "out of memory");
	return NULL;
}

/* Hand out a key that was imported, or say what is wrong with it. */
static int
give_key(struct jwt_key **out, struct jwt_key *key, const char *wrong,
    char why[static WHY_TEXT])
{
	if (wrong != NULL) {
		why_set(why, "%s", wrong);
		jwt_key_free(key);
		return -EINVAL;
	}
	*out = key;
	return 0;
}

int
jwt_key_parse(struct jwt_key **out, const char *pem, char why[static WHY_TEXT])
{
	struct jwt_key *key = key_new(why);

	return key == NULL ? -ENOMEM :
	    give_key(out, key, import_pem(key, pem), why);
}

int
jwt_key_from_der(struct jwt_key **out, const void *der, size_t len_bytes,
    char why[static WHY_TEXT])
{
	struct jwt_key *key = key_new(why);

	return key == NULL ? -ENOMEM : give_key(out, key,
	    import(key, der, len_bytes, GNUTLS_X509_FMT_DER), why);
}

int
jwt_key_from_scalar(struct jwt_key **out,
    const uint8_t scalar[static JWT_SCALAR], char why[static WHY_TEXT])
{
	struct jwt_key *key = key_new(why);

	return key == NULL ? -ENOMEM :
	    give_key(out, key, import_scalar(key, scalar), why);
}

/* DER begins with a sequence, and no text does. */
static bool
looks_like_der(const struct tool_file *file)
{
	return file->len > 1 && file->text[0] == 0x30 &&
	    (signed char)file->text[1] < ' ';
}

int
jwt_key_read(struct jwt_key **out, const char *file, char why[static WHY_TEXT])
{
	struct tool_file pem;
	int err;

	err = tool_load_file(&pem, file, PEM_MAX, false);
	if (err < 0) {
		why_set(why, "%s", tool_read_text(err));
		return err;
	}
	if (looks_like_der(&pem)) {
		why_set(why, "DER; wants PEM, as openssl pkey -inform DER "
		    "writes it");
		err = -EINVAL;
	} else if (strlen(pem.text) != pem.len) {
		why_set(why, "%s", tool_read_text(-EILSEQ));
		err = -EINVAL;
	} else {
		err = jwt_key_parse(out, pem.text, why);
	}
	crypto_wipe(pem.text, pem.len);
	free(pem.text);
	return err;
}

void
jwt_key_free(struct jwt_key *key)
{
	if (key == NULL)
		return;
	gnutls_privkey_deinit(key->key);
	free(key);
}

int
jwt_key_new(char **pem)
{
	gnutls_x509_privkey_t key;
	gnutls_datum_t text = { 0 };
	int err;

	if (gnutls_x509_privkey_init(&key) < 0)
		return -ENOMEM;
	err = gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
	    GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
	if (err == 0)
		err = gnutls_x509_privkey_export2_pkcs8(key,
		    GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, &text);
	gnutls_x509_privkey_deinit(key);
	if (err < 0)
		return -EIO;
	*pem = strdup((char *)text.data);
	crypto_wipe(text.data, text.size);
	gnutls_free(text.data);
	return *pem != NULL ? 0 : -ENOMEM;
}

int
jwt_key_public(const struct jwt_key *key, uint8_t out[static JWT_PUBLIC])
{
	if (key->rsa)
		return -EINVAL;
	memcpy(out, key->public, JWT_PUBLIC);
	return 0;
}

/* Convert GnuTLS's DER signature to r and s side by side (RFC 7518 3.4). */
static bool
plain_signature(uint8_t out[static 2 * COORDINATE], const gnutls_datum_t *der)
{
	gnutls_datum_t r = { 0 }, s = { 0 };
	bool ok;

	if (gnutls_decode_rs_value(der, &r, &s) < 0)
		return false;
	ok = number_32(out, &r) && number_32(out + COORDINATE, &s);
	gnutls_free(r.data);
	gnutls_free(s.data);
	return ok;
}

/* Append "." and the signature of the text so far; `text` has room. */
static int
add_signature(char *text, const struct jwt_key *key,
    const gnutls_datum_t *signature)
{
	uint8_t plain[2 * COORDINATE];
	char *end = text + strlen(text);

	*end++ = '.';
	if (key->rsa) {
		base64_encode_url(end, signature->data, signature->size);
		return 0;
	}
	if (!plain_signature(plain, signature))
		return -EIO;
	base64_encode_url(end, plain, sizeof(plain));
	return 0;
}

static int
sign(char **token, const struct jwt_key *key, const char *head,
    const char *claims)
{
	const gnutls_sign_algorithm_t algorithm = key->rsa ?
	    GNUTLS_SIGN_RSA_SHA256 : GNUTLS_SIGN_ECDSA_SHA256;
	gnutls_datum_t data, signature;
	char *text;
	int err;

	/* The longest signature is that of an RSA key of 16,384 bits. */
	text = malloc(BASE64_TEXT(strlen(head)) + BASE64_TEXT(strlen(claims)) +
	    BASE64_TEXT(2048) + 2);
	if (text == NULL)
		return -ENOMEM;
	base64_encode_url(text, head, strlen(head));
	strcat(text, ".");
	base64_encode_url(text + strlen(text), claims, strlen(claims));
	data.data = (unsigned char *)text;
	data.size = (unsigned)strlen(text);
	if (gnutls_privkey_sign_data2(key->key, algorithm, 0, &data,
	    &signature) < 0) {
		free(text);
		return -EIO;
	}
	err = signature.size > 2048 ? -EIO :
	    add_signature(text, key, &signature);
	gnutls_free(signature.data);
	if (err < 0) {
		free(text);
		return err;
	}
	*token = text;
	return 0;
}

int
jwt_sign(char **token, const struct jwt_key *key, const char *key_id,
    const json_t *claims)
{
	json_t *object = json_pack("{s:s, s:s, s:s*}", "typ", "JWT", "alg",
	    key->rsa ? "RS256" : "ES256", "kid", key_id);
	char *head = NULL, *body = NULL;
	int err = -ENOMEM;

	if (object != NULL)
		head = json_dumps(object, JSON_COMPACT);
	body = json_dumps(claims, JSON_COMPACT);
	if (head != NULL && body != NULL)
		err = sign(token, key, head, body);
	json_decref(object);
	free(head);
	free(body);
	return err;
}

int
jwt_sign_bytes(const struct jwt_key *key, const void *data, size_t len_bytes,
    uint8_t out[static JWT_SIGNATURE])
{
	const gnutls_datum_t text = { (void *)data, (unsigned)len_bytes };
	gnutls_datum_t signature;
	bool ok;

	if (key->rsa || gnutls_privkey_sign_data2(key->key,
	    GNUTLS_SIGN_ECDSA_SHA256, 0, &text, &signature) < 0)
		return -EIO;
	ok = plain_signature(out, &signature);
	gnutls_free(signature.data);
	return ok ? 0 : -EIO;
}
