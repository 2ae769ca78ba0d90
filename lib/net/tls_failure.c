/*
 * tls_failure: sort GnuTLS's many errors and alerts into a few reasons. Called
 * by tls_loop. See tls_failure.h.
 */
#include "net/tls_failure.h"

#include <gnutls/gnutls.h>

#define HANDSHAKE 22		/* a record's type (RFC 8446 5.1) */
#define ALERT 21
#define HEAD 5			/* bytes: type, version, length */
#define ALERT_BYTES 2		/* its level and what it says */

const char *const tls_failure_names[TLS_FAILURE_REASONS] = {
#define X(id, name) name,
	TLS_FAILURES(X)
#undef X
};

static enum tls_failure
reason_of_alert(int alert)
{
	switch (alert) {
	case GNUTLS_A_BAD_CERTIFICATE:
	case GNUTLS_A_UNSUPPORTED_CERTIFICATE:
	case GNUTLS_A_CERTIFICATE_REVOKED:
	case GNUTLS_A_CERTIFICATE_EXPIRED:
	case GNUTLS_A_CERTIFICATE_UNKNOWN:
	case GNUTLS_A_UNKNOWN_CA:
		return TLS_FAILURE_DISTRUSTED;
	case GNUTLS_A_PROTOCOL_VERSION:
		return TLS_FAILURE_VERSION;
	case GNUTLS_A_HANDSHAKE_FAILURE:
	case GNUTLS_A_INSUFFICIENT_SECURITY:
		return TLS_FAILURE_CIPHER;
	default:
		return TLS_FAILURE_ALERT;
	}
}

void
tls_failure_hear(struct tls_heard *heard, const void *data, size_t len)
{
	const unsigned char *byte = data;
	size_t payload;

	if (len == 0)
		heard->ended = true;
	else if (!heard->any)
		heard->first = *byte;
	heard->any |= len > 0;
	for (; len > 0; len--, byte++) {
		if (heard->at < sizeof(heard->record))
			heard->record[heard->at] = *byte;
		heard->at++;
		payload = (size_t)heard->record[3] << 8 | heard->record[4];
		if (heard->at < HEAD || heard->at < HEAD + payload)
			continue;
		if (heard->record[0] == ALERT && payload == ALERT_BYTES)
			heard->alert = heard->record[HEAD + 1];
		heard->at = 0;
	}
}

enum tls_failure
tls_failure_of(int code, int alert, const struct tls_heard *heard)
{
	if (!heard->any)
		return TLS_FAILURE_NONE;
	if (heard->first != HANDSHAKE && heard->first != ALERT)
		return TLS_FAILURE_NOT_TLS;
	if (code != GNUTLS_E_FATAL_ALERT_RECEIVED && heard->alert != 0)
		return reason_of_alert(heard->alert);
	if (code != GNUTLS_E_FATAL_ALERT_RECEIVED && heard->ended)
		return TLS_FAILURE_CLOSED;
	switch (code) {
	case GNUTLS_E_FATAL_ALERT_RECEIVED:
		return reason_of_alert(alert);
	case GNUTLS_E_PREMATURE_TERMINATION:
	case GNUTLS_E_PULL_ERROR:
	case GNUTLS_E_PUSH_ERROR:
		return TLS_FAILURE_CLOSED;
	case GNUTLS_E_UNSUPPORTED_VERSION_PACKET:
		return TLS_FAILURE_VERSION;
	case GNUTLS_E_NO_CIPHER_SUITES:
	case GNUTLS_E_UNKNOWN_CIPHER_SUITE:
	case GNUTLS_E_NO_COMMON_KEY_SHARE:
	case GNUTLS_E_INSUFFICIENT_CREDENTIALS:
	case GNUTLS_E_INSUFFICIENT_SECURITY:
	case GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM:
	case GNUTLS_E_INCOMPATIBLE_SIG_WITH_KEY:
		return TLS_FAILURE_CIPHER;
	default:
		return TLS_FAILURE_PROTOCOL;
	}
}
