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

START_TEST(lists_names)
{
	gnutls_x509_crt_t one = certificate("a.test", "B.Test");
	gnutls_x509_crt_t any = certificate("a.test", "*.b.test");
	gnutls_x509_crt_t none = certificate("a.test", NULL);
	struct certname_list ones, anys, nones;

	ck_assert_int_eq(certname_list(&ones, one), 0);
	ck_assert_int_eq(certname_list(&anys, any), 0);
	ck_assert_int_eq(certname_list(&nones, none), 0);
	ck_assert_uint_eq(ones.n, 1);
	ck_assert_str_eq(ones.name[0], "b.test");
	ck_assert(certname_list_holds(&ones, "b.TEST"));
	ck_assert(!certname_list_holds(&ones, "a.test"));
	ck_assert(certname_list_holds(&anys, "X.B.test"));
	ck_assert(!certname_list_holds(&anys, "b.test"));
	ck_assert(!certname_list_holds(&anys, ".b.test"));
	ck_assert(!certname_list_holds(&anys, "x.y.b.test"));
	ck_assert(!certname_list_holds(&anys, ""));
	ck_assert(!certname_list_holds(&nones, "a.test"));
	ck_assert(certname_list_covers(&ones, &ones));
	ck_assert(certname_list_covers(&anys, &anys));
	ck_assert(!certname_list_covers(&anys, &nones));
	ck_assert(!certname_list_covers(&anys, &ones));
	ck_assert(!certname_list_covers(&nones, &ones));
	certname_list_free(&ones);
	certname_list_free(&anys);
	certname_list_free(&nones);
	gnutls_x509_crt_deinit(one);
	gnutls_x509_crt_deinit(any);
	gnutls_x509_crt_deinit(none);
}
END_TEST

UNIT_SUITE(certname, counts_the_san_alone, lists_names)
