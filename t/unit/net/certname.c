/*
 * A certificate is for the names in its SAN and for no other: a common name
 * does not count, neither for a host name nor for an address.
 */
#include <string.h>

#include "cert.h"
#include "net/certname.h"
#include "unit.h"

/* Make a certificate and read it back. The caller frees it. */
static gnutls_x509_crt_t
certificate(const char *common_name, const char *san)
{
	char cert_file[CERT_PATH], key_file[CERT_PATH];
	gnutls_x509_crt_t crt;
	gnutls_datum_t pem;

	cert_make_for(cert_file, key_file, common_name, san);
	ck_assert_int_eq(gnutls_load_file(cert_file, &pem), 0);
	unlink(cert_file);
	unlink(key_file);
	gnutls_x509_crt_init(&crt);
	ck_assert_int_eq(gnutls_x509_crt_import(crt, &pem,
	    GNUTLS_X509_FMT_PEM), 0);
	gnutls_free(pem.data);
	return crt;
}

START_TEST(counts_the_san_alone)
{
	gnutls_x509_crt_t both = certificate("a.test", "b.test");
	gnutls_x509_crt_t none = certificate("a.test", NULL);
	gnutls_x509_crt_t any = certificate("a.test", "*.b.test");
	gnutls_x509_crt_t literal = certificate("192.0.2.1", NULL);

	ck_assert(certname_has_any(both));
	ck_assert(certname_matches(both, "b.test"));
	ck_assert(!certname_matches(both, "a.test"));
	ck_assert(!certname_has_any(none));
	ck_assert(!certname_matches(none, "a.test"));
	ck_assert(certname_matches(any, "x.b.test"));
	ck_assert(!certname_matches(any, "b.test"));
	ck_assert(!certname_has_any(literal));
	ck_assert(!certname_matches(literal, "192.0.2.1"));
	gnutls_x509_crt_deinit(both);
	gnutls_x509_crt_deinit(none);
	gnutls_x509_crt_deinit(any);
	gnutls_x509_crt_deinit(literal);
}
END_TEST

UNIT_SUITE(certname, counts_the_san_alone)
