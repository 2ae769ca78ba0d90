/* A certificate that loads is not yet one that a client can use. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cert.h"
#include "net/tls.h"
#include "net/tls_try.h"
#include "unit.h"

START_TEST(shakes_hands)
{
	char cert[CERT_PATH], key[CERT_PATH], why[WHY_TEXT];
	struct tls_config *server;

	cert_make_for(cert, key, "a.example", "a.example");
	ck_assert_int_eq(tls_config_server(&server, cert, key, why), 0);
	ck_assert_msg(tls_try(server, NULL, why) == 0, "%s", why);
	ck_assert_msg(tls_try(server, "a.example", why) == 0, "%s", why);
	ck_assert_msg(tls_try(server, "127.0.0.1", why) == 0, "%s", why);
	/* With early data, and again: nothing of it is kept. */
	ck_assert_int_eq(tls_config_take_early(server), 0);
	ck_assert_msg(tls_try(server, "b.example", why) == 0, "%s", why);
	ck_assert_msg(tls_try(server, NULL, why) == 0, "%s", why);
	tls_config_free(server);
	unlink(cert);
	unlink(key);
}
END_TEST

/* Make an ECDSA certificate whose key may be used for agreement alone. */
static void
make_mute(char cert_file[static CERT_PATH], char key_file[static CERT_PATH])
{
	gnutls_x509_privkey_t key;
	gnutls_x509_crt_t crt;

	cert_begin(&crt, &key);
	gnutls_x509_crt_set_key_usage(crt, GNUTLS_KEY_KEY_AGREEMENT);
	gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, "a", 1,
	    GNUTLS_FSAN_SET);
	cert_finish(crt, key, cert_file, key_file);
}

/* An ECDSA key can do nothing in TLS but sign. */
START_TEST(needs_a_signature)
{
	char cert[CERT_PATH], key[CERT_PATH], why[WHY_TEXT];
	struct tls_config *server;

	make_mute(cert, key);
	/* It may be refused earlier, where the certificate is looked at. */
	if (tls_config_server(&server, cert, key, why) < 0)
		return;
	ck_assert_int_eq(tls_try(server, NULL, why), -EPROTO);
	ck_assert_msg(strncmp(why, "no client can shake hands: ", 27) == 0,
	    "%s", why);
	tls_config_free(server);
	unlink(cert);
	unlink(key);
}
END_TEST

UNIT_SUITE(tls_try, shakes_hands, needs_a_signature)
