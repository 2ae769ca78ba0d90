/*
 * Why a handshake failed, by GnuTLS's error and by what came from the peer, in
 * pieces of any size.
 */
#include "config.h"

#include <string.h>

#include <gnutls/gnutls.h>

#include "net/tls_failure.h"
#include "unit.h"

static struct tls_heard heard;

/* The peer sends these bytes, in pieces of that size. */
static void
hear(const char *bytes, size_t len, size_t piece)
{
	memset(&heard, 0, sizeof(heard));
	for (; len > piece; len -= piece, bytes += piece)
		tls_failure_hear(&heard, bytes, piece);
	tls_failure_hear(&heard, bytes, len);
}

START_TEST(no_word)
{
	memset(&heard, 0, sizeof(heard));
	tls_failure_hear(&heard, "", 0);
	ck_assert_int_eq(tls_failure_of(GNUTLS_E_PREMATURE_TERMINATION, 0,
	    &heard), TLS_FAILURE_NONE);
}
END_TEST

START_TEST(another_protocol)
{
	hear("GET / HTTP/1.0", 14, 14);
	ck_assert_int_eq(tls_failure_of(GNUTLS_E_UNSUPPORTED_VERSION_PACKET, 0,
	    &heard), TLS_FAILURE_NOT_TLS);
}
END_TEST

START_TEST(by_code)
{
	static const struct {
		int code;
		enum tls_failure reason;
	} cases[] = {
		{ GNUTLS_E_UNSUPPORTED_VERSION_PACKET, TLS_FAILURE_VERSION },
		{ GNUTLS_E_NO_CIPHER_SUITES, TLS_FAILURE_CIPHER },
		{ GNUTLS_E_NO_COMMON_KEY_SHARE, TLS_FAILURE_CIPHER },
		{ GNUTLS_E_PULL_ERROR, TLS_FAILURE_CLOSED },
		{ GNUTLS_E_DECRYPTION_FAILED, TLS_FAILURE_PROTOCOL },
		{ GNUTLS_E_ILLEGAL_PARAMETER, TLS_FAILURE_PROTOCOL },
	};
	size_t i;

	hear("\x16\x03\x01\0\x02xx", 7, 7);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_int_eq(tls_failure_of(cases[i].code, 0, &heard),
		    cases[i].reason);
	tls_failure_hear(&heard, "", 0);
	ck_assert_int_eq(tls_failure_of(GNUTLS_E_UNEXPECTED_PACKET_LENGTH, 0,
	    &heard), TLS_FAILURE_CLOSED);
}
END_TEST

START_TEST(by_alert)
{
	static const struct {
		int alert;
		enum tls_failure reason;
	} cases[] = {
		{ GNUTLS_A_UNKNOWN_CA, TLS_FAILURE_DISTRUSTED },
		{ GNUTLS_A_CERTIFICATE_EXPIRED, TLS_FAILURE_DISTRUSTED },
		{ GNUTLS_A_PROTOCOL_VERSION, TLS_FAILURE_VERSION },
		{ GNUTLS_A_HANDSHAKE_FAILURE, TLS_FAILURE_CIPHER },
		{ GNUTLS_A_INTERNAL_ERROR, TLS_FAILURE_ALERT },
	};
	size_t i;

	hear("\x16\x03\x01\0\x02xx", 7, 7);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_int_eq(tls_failure_of(GNUTLS_E_FATAL_ALERT_RECEIVED,
		    cases[i].alert, &heard), cases[i].reason);
}
END_TEST

/* After a ClientHello, in the clear, where it should have been encrypted. */
START_TEST(by_an_alert_in_the_clear)
{
	static const char bytes[] = "\x16\x03\x01\0\x04hell"
	    "\x14\x03\x03\0\x01\1" "\x15\x03\x03\0\x02\x02\x30";
	size_t piece;

	for (piece = 1; piece < sizeof(bytes); piece++) {
		hear(bytes, sizeof(bytes) - 1, piece);
		ck_assert_int_eq(heard.alert, GNUTLS_A_UNKNOWN_CA);
		ck_assert_int_eq(tls_failure_of(GNUTLS_E_DECRYPTION_FAILED, 0,
		    &heard), TLS_FAILURE_DISTRUSTED);
	}
	/* An encrypted alert is longer. */
	hear("\x16\x03\x01\0\0\x15\x03\x03\0\x13" "0123456789012345678", 29,
	    3);
	ck_assert_int_eq(heard.alert, 0);
}
END_TEST

UNIT_SUITE(tls_failure, no_word, another_protocol, by_code, by_alert,
    by_an_alert_in_the_clear)
