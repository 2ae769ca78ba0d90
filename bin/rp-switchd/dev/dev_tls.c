/*
 * dev_tls: make a private authority, which is kept in the folder, and a fresh
 * certificate at each start. Called by dev.
 */
#include "dev/dev_tls.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/tool.h"

#define DAY_S (24 * 60 * 60)
#define CA_DAYS 3650
#define CERT_DAYS 365		/* it is renewed at each start */
#define PEM_MAX 16384
#define SERIAL_BYTES 16

/* A key and its certificate. */
struct identity {
	gnutls_x509_privkey_t key;
	gnutls_x509_crt_t cert;
};

static int
err_of(int code)
{
	if (code == GNUTLS_E_SUCCESS)
		return 0;
	return code == GNUTLS_E_MEMORY_ERROR ? -ENOMEM : -EIO;
}

static void
identity_clear(struct identity *id)
{
	if (id->key != NULL)
		gnutls_x509_privkey_deinit(id->key);
	if (id->cert != NULL)
		gnutls_x509_crt_deinit(id->cert);
	id->key = NULL;
	id->cert = NULL;
}

static int
identity_init(struct identity *id)
{
	int code;

	id->key = NULL;
	id->cert = NULL;
	code = gnutls_x509_privkey_init(&id->key);
	if (code == 0)
		code = gnutls_x509_crt_init(&id->cert);
	return code;
}

static int
path_of(char path[static PATH_MAX], const char *dir, const char *name)
{
	return snprintf(path, PATH_MAX, "%s/%s", dir, name) < PATH_MAX ? 0 :
	    -ENAMETOOLONG;
}

/* Write PEM text to DIR/name, readable by its owner only if it is a key. */
static int
save(const char *dir, const char *name, gnutls_datum_t *pem, bool secret)
{
	char path[PATH_MAX], text[PEM_MAX];
	int err = path_of(path, dir, name);

	if (err == 0 && pem->size >= sizeof(text))
		err = -EFBIG;
	if (err == 0) {
		memcpy(text, pem->data, pem->size);
		text[pem->size] = '\0';
		err = secret ? tool_write_secret(path, text) :
		    tool_write_file(path, text);
	}
	crypto_wipe(text, sizeof(text));
	gnutls_free(pem->data);
	return err;
}

static int
save_identity(const char *dir, const struct identity *id, const char *cert,
    const char *key)
{
	gnutls_datum_t pem;
	int err;

	err = err_of(gnutls_x509_privkey_export2_pkcs8(id->key,
	    GNUTLS_X509_FMT_PEM, NULL, 0, &pem));
	if (err == 0)
		err = save(dir, key, &pem, true);
	if (err == 0)
		err = err_of(gnutls_x509_crt_export2(id->cert,
		    GNUTLS_X509_FMT_PEM, &pem));
	if (err == 0)
		err = save(dir, cert, &pem, false);
	return err;
}

static int
load_pem(const char *dir, const char *name, char **text)
{
	char path[PATH_MAX];
	int err = path_of(path, dir, name);

	return err < 0 ? err : tool_read_regular(text, path, PEM_MAX);
}

static int
load_identity(const char *dir, struct identity *id, const char *cert,
    const char *key)
{
	char *cert_text = NULL, *key_text = NULL;
	gnutls_datum_t pem;
	int err;

	err = load_pem(dir, cert, &cert_text);
	if (err == 0)
		err = load_pem(dir, key, &key_text);
	if (err == 0) {
		pem.data = (unsigned char *)cert_text;
		pem.size = (unsigned)strlen(cert_text);
		err = err_of(gnutls_x509_crt_import(id->cert, &pem,
		    GNUTLS_X509_FMT_PEM));
	}
	if (err == 0) {
		pem.data = (unsigned char *)key_text;
		pem.size = (unsigned)strlen(key_text);
		err = err_of(gnutls_x509_privkey_import(id->key, &pem,
		    GNUTLS_X509_FMT_PEM));
	}
	if (key_text != NULL)
		crypto_wipe(key_text, strlen(key_text));
	free(cert_text);
	free(key_text);
	return err;
}

/*
 * Fill in what both certificates have: a new key, the name, the serial and the
 * lifetime.
 */
static int
fill(struct identity *id, const char *common_name, int days)
{
	uint8_t serial[SERIAL_BYTES];
	int64_t now = clock_wall_s();
	int code;

	if (crypto_random(serial, sizeof(serial)) < 0)
		return GNUTLS_E_RANDOM_FAILED;
	serial[0] = (serial[0] & 0x7f) | 0x40;	/* positive, full length */
	code = gnutls_x509_privkey_generate(id->key, GNUTLS_PK_ECDSA,
	    GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
	if (code == 0)
		code = gnutls_x509_crt_set_key(id->cert, id->key);
	if (code == 0)
		code = gnutls_x509_crt_set_version(id->cert, 3);
	if (code == 0)
		code = gnutls_x509_crt_set_serial(id->cert, serial,
		    sizeof(serial));
	if (code == 0)
		code = gnutls_x509_crt_set_dn_by_oid(id->cert,
		    GNUTLS_OID_X520_COMMON_NAME, 0, common_name,
		    (unsigned)strlen(common_name));
	if (code == 0)
		code = gnutls_x509_crt_set_activation_time(id->cert,
		    now - DAY_S);
	if (code == 0)
		code = gnutls_x509_crt_set_expiration_time(id->cert,
		    now + (int64_t)days * DAY_S);
	return code;
}

static int
make_ca(struct identity *ca)
{
	int code = fill(ca, "rp-switchd --dev", CA_DAYS);

	if (code == 0)
		code = gnutls_x509_crt_set_basic_constraints(ca->cert, 1, 0);
	if (code == 0)
		code = gnutls_x509_crt_set_key_usage(ca->cert,
		    GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN);
	if (code == 0)
		code = gnutls_x509_crt_sign2(ca->cert, ca->cert, ca->key,
		    GNUTLS_DIG_SHA256, 0);
	return code;
}

static int
add_ip(gnutls_x509_crt_t cert, const struct addr *addr)
{
	size_t n;
	const uint8_t *ip = addr_ip(addr, &n);

	return gnutls_x509_crt_set_subject_alt_name(cert, GNUTLS_SAN_IPADDRESS,
	    ip, (unsigned)n, GNUTLS_FSAN_APPEND);
}

static int
add_names(gnutls_x509_crt_t cert, const struct addr *also)
{
	static const char *const loopback[] = { "127.0.0.1", "::1" };
	struct addr addr;
	bool have = addr_is_any(also);
	size_t i;
	int code;

	code = gnutls_x509_crt_set_subject_alt_name(cert, GNUTLS_SAN_DNSNAME,
	    "localhost", strlen("localhost"), GNUTLS_FSAN_SET);
	for (i = 0; code == 0 && i < 2; i++) {
		addr_parse(&addr, loopback[i], 0);
		have = have || addr_equal_ip(&addr, also);
		code = add_ip(cert, &addr);
	}
	return code == 0 && !have ? add_ip(cert, also) : code;
}

static int
make_cert(struct identity *id, const struct identity *ca,
    const struct addr *also)
{
	int code = fill(id, "localhost", CERT_DAYS);

	if (code == 0)
		code = gnutls_x509_crt_set_basic_constraints(id->cert, 0, -1);
	if (code == 0)
		code = gnutls_x509_crt_set_key_usage(id->cert,
		    GNUTLS_KEY_DIGITAL_SIGNATURE);
	if (code == 0)
		code = gnutls_x509_crt_set_key_purpose_oid(id->cert,
		    GNUTLS_KP_TLS_WWW_SERVER, 0);
	if (code == 0)
		code = add_names(id->cert, also);
	if (code == 0)
		code = gnutls_x509_crt_sign2(id->cert, ca->cert, ca->key,
		    GNUTLS_DIG_SHA256, 0);
	return code;
}

int
dev_tls_make(const char *dir, const struct addr *also)
{
	struct identity ca = { 0 }, id = { 0 };
	int err;

	err = err_of(identity_init(&ca));
	if (err == 0)
		err = err_of(identity_init(&id));
	if (err == 0)
		err = load_identity(dir, &ca, "ca.pem", "ca.key");
	if (err == -ENOENT) {
		err = err_of(make_ca(&ca));
		if (err == 0)
			err = save_identity(dir, &ca, "ca.pem", "ca.key");
	}
	if (err == 0)
		err = err_of(make_cert(&id, &ca, also));
	if (err == 0)
		err = save_identity(dir, &id, "cert.pem", "key.pem");
	identity_clear(&id);
	identity_clear(&ca);
	return err;
}
