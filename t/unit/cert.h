/* cert: a certificate for tests of TLS, as files. */
#ifndef RP_T_UNIT_CERT_H
#define RP_T_UNIT_CERT_H

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <gnutls/x509.h>

#include "unit.h"

#define CERT_PATH 32

static inline void
cert_save(char path[static CERT_PATH], const gnutls_datum_t *pem)
{
	int fd;

	strcpy(path, "/tmp/rp-unit-tls-XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, pem->data, pem->size), (ssize_t)pem->size);
	close(fd);
}

/* Begin a certificate for an hour, with a new ECDSA key. */
static inline void
cert_begin(gnutls_x509_crt_t *crt, gnutls_x509_privkey_t *key)
{
	time_t now = time(NULL);

	gnutls_x509_privkey_init(key);
	gnutls_x509_privkey_generate(*key, GNUTLS_PK_ECDSA,
	    GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
	gnutls_x509_crt_init(crt);
	gnutls_x509_crt_set_version(*crt, 3);
	gnutls_x509_crt_set_serial(*crt, "\1", 1);
	gnutls_x509_crt_set_activation_time(*crt, now - 60);
	gnutls_x509_crt_set_expiration_time(*crt, now + 3600);
}

/* Sign it by its own key, save both, and free them. */
static inline void
cert_finish(gnutls_x509_crt_t crt, gnutls_x509_privkey_t key,
    char cert_file[static CERT_PATH], char key_file[static CERT_PATH])
{
	gnutls_datum_t pem;

	gnutls_x509_crt_set_key(crt, key);
	ck_assert_int_eq(gnutls_x509_crt_sign2(crt, crt, key,
	    GNUTLS_DIG_SHA256, 0), 0);
	gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &pem);
	cert_save(cert_file, &pem);
	gnutls_free(pem.data);
	gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &pem);
	cert_save(key_file, &pem);
	gnutls_free(pem.data);
	gnutls_x509_crt_deinit(crt);
	gnutls_x509_privkey_deinit(key);
}

/*
 * A self-signed certificate with that common name, and that alternative name if
 * it is not NULL; the caller unlinks the files.
 */
static inline void
cert_make_for(char cert_file[static CERT_PATH], char key_file[static CERT_PATH],
    const char *common_name, const char *san)
{
	gnutls_x509_privkey_t key;
	gnutls_x509_crt_t crt;

	cert_begin(&crt, &key);
	gnutls_x509_crt_set_ca_status(crt, 1);
	gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0,
	    common_name, (unsigned)strlen(common_name));
	if (san != NULL)
		gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME,
		    san, (unsigned)strlen(san), GNUTLS_FSAN_SET);
	cert_finish(crt, key, cert_file, key_file);
}

static inline void
cert_make(char cert_file[static CERT_PATH], char key_file[static CERT_PATH])
{
	cert_make_for(cert_file, key_file, "switch.test", "switch.test");
}

#endif
