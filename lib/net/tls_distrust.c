/*
 * tls_distrust: say why a certificate is not trusted. Called by tls_loop. See
 * tls_distrust.h.
 */
#include "net/tls_distrust.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <gnutls/x509.h>

/* The names that are told; a certificate may have hundreds. */
#define NAMES 3
#define DAY_TEXT 16

/* Return the peer's own certificate, to be freed, or NULL. */
static gnutls_x509_crt_t
leaf_of(gnutls_session_t session)
{
	gnutls_x509_crt_t leaf;
	unsigned n = 0;
	const gnutls_datum_t *chain =
	    gnutls_certificate_get_peers(session, &n);

	if (chain == NULL || n == 0 || gnutls_x509_crt_init(&leaf) < 0)
		return NULL;
	if (gnutls_x509_crt_import(leaf, &chain[0], GNUTLS_X509_FMT_DER) < 0) {
		gnutls_x509_crt_deinit(leaf);
		return NULL;
	}
	return leaf;
}

static const char *
day(time_t at, char text[static DAY_TEXT])
{
	struct tm tm;

	strcpy(text, "?");
	if (gmtime_r(&at, &tm) != NULL)
		(void)strftime(text, DAY_TEXT, "%Y-%m-%d", &tm);
	return text;
}

static void
say_dates(gnutls_x509_crt_t leaf, bool expired, char why[static WHY_TEXT])
{
	time_t from = gnutls_x509_crt_get_activation_time(leaf);
	time_t to = gnutls_x509_crt_get_expiration_time(leaf);
	char text[DAY_TEXT], now[DAY_TEXT];

	why_set(why, "its certificate %s (%s %s, and the clock of this host "
	    "says %s): is the clock right?",
	    expired ? "has expired" : "is not valid yet",
	    expired ? "valid until" : "valid from",
	    day(expired ? to : from, text), day(time(NULL), now));
}

/* A name goes to a terminal and a log, so it is held to what names consist of. */
static bool
is_name(const char *name, size_t len)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._*";

	return len > 0 && strspn(name, letters) == len;
}

static void
say_names(gnutls_x509_crt_t leaf, char why[static WHY_TEXT])
{
	char names[NAMES * 80] = "", name[64];
	unsigned i, n = 0;
	size_t used = 0, len;
	int type;

	for (i = 0; n < NAMES; i++) {
		len = sizeof(name) - 1;
		type = gnutls_x509_crt_get_subject_alt_name(leaf, i, name,
		    &len, NULL);
		if (type == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
			break;
		if (type != GNUTLS_SAN_DNSNAME)
			continue;
		name[len] = '\0';
		if (!is_name(name, len))
			continue;
		used += (size_t)snprintf(names + used, sizeof(names) - used,
		    "%s%s", n > 0 ? ", " : "", name);
		n++;
	}
	why_set(why, "its certificate is for another name%s%s%s: is the name "
	    "right, and does no portal answer here?", n > 0 ? " (" : "", names,
	    n > 0 ? ")" : "");
}

/* Say what has no words of ours in GnuTLS's. */
static void
say_status(unsigned status, char why[static WHY_TEXT])
{
	gnutls_datum_t text = { NULL, 0 };

	if (gnutls_certificate_verification_status_print(status,
	    GNUTLS_CRT_X509, &text, 0) == 0)
		why_set(why, "its certificate: %s", text.data);
	gnutls_free(text.data);
}

static void
say(unsigned status, gnutls_x509_crt_t leaf, char why[static WHY_TEXT])
{
	const unsigned dates = GNUTLS_CERT_EXPIRED | GNUTLS_CERT_NOT_ACTIVATED;
	/* An authority of the right name but another key fails by signature. */
	const unsigned authority = GNUTLS_CERT_SIGNER_NOT_FOUND |
	    GNUTLS_CERT_SIGNER_NOT_CA | GNUTLS_CERT_SIGNATURE_FAILURE;

	if (status == 0)	/* GnuTLS took the common name; see certname.h */
		why_set(why, "its certificate has no subject alternative name "
		    "(SAN), which callers and browsers need");
	else if ((status & GNUTLS_CERT_REVOKED) != 0)
		why_set(why, "its certificate is revoked");
	else if ((status & dates) != 0 && leaf != NULL)
		say_dates(leaf, (status & GNUTLS_CERT_EXPIRED) != 0, why);
	else if ((status & GNUTLS_CERT_UNEXPECTED_OWNER) != 0 && leaf != NULL)
		say_names(leaf, why);
	else if ((status & authority) != 0)
		why_set(why, "its certificate " TLS_DISTRUST_AUTHORITY);
	else
		say_status(status, why);
}

void
tls_distrust(gnutls_session_t session, char why[static WHY_TEXT])
{
	gnutls_x509_crt_t leaf = leaf_of(session);

	why_set(why, "its certificate is not trusted");
	say(gnutls_session_get_verify_cert_status(session), leaf, why);
	if (leaf != NULL)
		gnutls_x509_crt_deinit(leaf);
}
