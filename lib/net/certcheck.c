/* certcheck: do clients accept a certificate? See certcheck.h. */
#include "net/certcheck.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include <gnutls/abstract.h>

#define DAY_S (24 * 60 * 60)
#define DAY_TEXT 32

/*
 * An earlier time is that of a host whose clock has not been set, because this
 * program is younger. Clients know the time, and no date is judged by ours.
 */
#define CLOCK_SET_S 1735689600	/* 2025-01-01 */

/* The clocks of an authority and of this host may be apart by that. */
#define EARLY_S 3600

/*
 * Debian's OpenSSL refuses shorter ones, and browsers do. Longer ones are
 * refused by some clients, and a handshake would keep the loop for a second.
 */
#define RSA_BITS_MIN 2048
#define RSA_BITS_MAX 8192
#define RSA_BITS_SLOW 4096	/* above, a handshake takes some 30 ms */

#define OCSP_STATUS 5		/* RFC 7633, RFC 6066 8 */

static int
refuse(const struct certpair *pair, char why[static WHY_TEXT],
    const char *wrong)
{
	why_set(why, "%s: %s", pair->file, wrong);
	return -EINVAL;
}

static const char *
day(int64_t at_s, char text[static DAY_TEXT])
{
	time_t at = (time_t)at_s;
	struct tm tm;

	strcpy(text, "?");
	if (gmtime_r(&at, &tm) != NULL)
		(void)strftime(text, DAY_TEXT, "%Y-%m-%d", &tm);
	return text;
}

static int64_t
ends(gnutls_x509_crt_t certificate)
{
	return (int64_t)gnutls_x509_crt_get_expiration_time(certificate);
}

static int64_t
begins(gnutls_x509_crt_t certificate)
{
	return (int64_t)gnutls_x509_crt_get_activation_time(certificate);
}

static bool
is_authority(gnutls_x509_crt_t certificate)
{
	return gnutls_x509_crt_get_ca_status(certificate, NULL) > 0;
}

int64_t
certcheck_end(const struct certpair *pair)
{
	int64_t end = ends(pair->chain[0]);
	unsigned i;

	/* Clients have a root of their own. */
	for (i = 1; i < pair->n_sent && !certpair_is_root(pair->chain[i]); i++)
		if (ends(pair->chain[i]) < end)
			end = ends(pair->chain[i]);
	return end;
}

static int
check_dates(const struct certpair *pair, int64_t now_s,
    char why[static WHY_TEXT])
{
	char text[DAY_TEXT], today[DAY_TEXT];

	if (now_s < CLOCK_SET_S)
		return 0;
	day(now_s, today);
	if (ends(pair->chain[0]) < now_s) {
		why_set(why, "%s: expired on %s (the clock says %s)",
		    pair->file, day(ends(pair->chain[0]), text), today);
		return -EINVAL;
	}
	if (begins(pair->chain[0]) > now_s + EARLY_S) {
		why_set(why, "%s: not valid before %s (the clock says %s)",
		    pair->file, day(begins(pair->chain[0]), text), today);
		return -EINVAL;
	}
	/* Clients may know others in place of those further on. */
	if (pair->n_sent > 1 && !certpair_is_root(pair->chain[1]) &&
	    ends(pair->chain[1]) < now_s) {
		why_set(why, "%s: its issuer's certificate expired on %s",
		    pair->file, day(ends(pair->chain[1]), text));
		return -EINVAL;
	}
	return 0;
}

/* Is it a purpose for servers? A certificate without any is for all. */
static bool
is_for_servers(gnutls_x509_crt_t leaf)
{
	char oid[128];
	size_t len;
	unsigned i;
	int code;

	for (i = 0;; i++) {
		len = sizeof(oid);
		code = gnutls_x509_crt_get_key_purpose_oid(leaf, i, oid, &len,
		    NULL);
		if (code == GNUTLS_E_SHORT_MEMORY_BUFFER)
			continue;
		if (code < 0)
			return i == 0;
		if (strcmp(oid, GNUTLS_KP_TLS_WWW_SERVER) == 0 ||
		    strcmp(oid, GNUTLS_KP_ANY) == 0)
			return true;
	}
}

static bool
can_sign(gnutls_x509_crt_t leaf)
{
	unsigned usage;

	return gnutls_x509_crt_get_key_usage(leaf, &usage, NULL) < 0 ||
	    (usage & GNUTLS_KEY_DIGITAL_SIGNATURE) != 0;
}

/* Does it want a proof by OCSP with each handshake ("must-staple")? */
static bool
wants_proof(gnutls_x509_crt_t leaf)
{
	gnutls_x509_tlsfeatures_t features;
	unsigned feature, i;
	bool wants = false;

	if (gnutls_x509_tlsfeatures_init(&features) < 0)
		return false;
	if (gnutls_x509_crt_get_tlsfeatures(leaf, features, 0, NULL) == 0)
		for (i = 0; gnutls_x509_tlsfeatures_get(features, i,
		    &feature) == 0; i++)
			wants = wants || feature == OCSP_STATUS;
	gnutls_x509_tlsfeatures_deinit(features);
	return wants;
}

static int
check_purpose(const struct certpair *pair, char why[static WHY_TEXT])
{
	gnutls_x509_crt_t leaf = pair->chain[0];

	if (!certname_has_any(leaf))
		return refuse(pair, why, "no subject alternative name (SAN), "
		    "which clients look for");
	if (!is_for_servers(leaf))
		return refuse(pair, why, "not for TLS servers by its extended "
		    "key usage");
	if (!can_sign(leaf))
		return refuse(pair, why, "its key usage does not allow "
		    "digital signatures, which TLS needs");
	if (wants_proof(leaf))
		return refuse(pair, why, "clients want a proof by OCSP with it "
		    "(must-staple), which the switch does not send");
	return 0;
}

/* Return why clients refuse a key, or NULL. */
static const char *
weakness(gnutls_x509_crt_t certificate)
{
	gnutls_ecc_curve_t curve;
	unsigned bits = 0;

	switch (gnutls_x509_crt_get_pk_algorithm(certificate, &bits)) {
	case GNUTLS_PK_RSA:
	case GNUTLS_PK_RSA_PSS:
		if (bits < RSA_BITS_MIN)
			return "an RSA key of less than 2048 bits";
		return bits > RSA_BITS_MAX ?
		    "an RSA key of more than 8192 bits" : NULL;
	case GNUTLS_PK_ECDSA:
		if (gnutls_x509_crt_get_pk_ecc_raw(certificate, &curve, NULL,
		    NULL) < 0)
			return NULL;
		return curve == GNUTLS_ECC_CURVE_SECP256R1 ||
		    curve == GNUTLS_ECC_CURVE_SECP384R1 ||
		    curve == GNUTLS_ECC_CURVE_SECP521R1 ? NULL :
		    "an elliptic curve that TLS 1.3 does not have";
	case GNUTLS_PK_EDDSA_ED25519:
	case GNUTLS_PK_EDDSA_ED448:
		return NULL;
	default:
		return "a type of key that is not for TLS";
	}
}

static bool
is_broken(gnutls_x509_crt_t certificate)
{
	int sign = gnutls_x509_crt_get_signature_algorithm(certificate);

	return sign > 0 && gnutls_sign_is_secure2(
	    (gnutls_sign_algorithm_t)sign,
	    GNUTLS_SIGN_FLAG_SECURE_FOR_CERTS) == 0;
}

static int
check_strength(const struct certpair *pair, char why[static WHY_TEXT])
{
	const char *weak;
	unsigned i;

	for (i = 0; i < pair->n_sent; i++) {
		weak = weakness(pair->chain[i]);
		if (weak != NULL) {
			why_set(why, "%s: certificate %u has %s, which clients "
			    "refuse", pair->file, i + 1, weak);
			return -EINVAL;
		}
		/* Nobody verifies what a root says of itself. */
		if (!certpair_is_root(pair->chain[i]) &&
		    is_broken(pair->chain[i])) {
			why_set(why, "%s: certificate %u is signed with %s, "
			    "which clients refuse", pair->file, i + 1,
			    gnutls_sign_get_name((gnutls_sign_algorithm_t)
			    gnutls_x509_crt_get_signature_algorithm(
			    pair->chain[i])));
			return -EINVAL;
		}
	}
	return 0;
}

static int
check_chain(const struct certpair *pair, char why[static WHY_TEXT])
{
	unsigned i;

	for (i = pair->n_sent; i < pair->n; i++)
		if (!is_authority(pair->chain[i]))
			return refuse(pair, why, "one of the others in it is "
			    "not an authority's; another server's needs a "
			    "file and a key of its own");
	if (pair->n > 1 && pair->n_sent == 1)
		return refuse(pair, why, "none of the other certificates in it "
		    "has issued the first");
	return 0;
}

int
certcheck_refuse(const struct certpair *pair, int64_t now_s,
    char why[static WHY_TEXT])
{
	int err = check_chain(pair, why);

	if (err == 0)
		err = check_dates(pair, now_s, why);
	if (err == 0)
		err = check_purpose(pair, why);
	return err == 0 ? check_strength(pair, why) : err;
}

/* Warn of the dates; an expired certificate may be in use. */
static void
warn_dates(const struct certpair *pair, int64_t now_s,
    certcheck_warning *warn, void *arg)
{
	gnutls_x509_crt_t leaf = pair->chain[0];
	int64_t end = certcheck_end(pair), left = end - now_s;
	int64_t soon = (ends(leaf) - begins(leaf)) / 5;
	char text[WHY_TEXT], date[DAY_TEXT];
	bool whole = end == ends(leaf);

	day(end, date);
	if (soon > (int64_t)CERTCHECK_DAYS * DAY_S)
		soon = (int64_t)CERTCHECK_DAYS * DAY_S;
	if (begins(leaf) > now_s)
		warn(pair->file, "not valid yet by the clock of this host",
		    arg);
	if (left < 0)
		why_set(text, "%sexpired on %s, and clients refuse it", whole ?
		    "" : "its issuer's certificate ", date);
	else if (left < soon)
		why_set(text, "%sexpires on %s, in %" PRId64 " days", whole ?
		    "" : "its issuer's certificate ", date, left / DAY_S);
	else if (!whole)
		why_set(text, "its issuer's certificate expires on %s, before "
		    "it does itself", date);
	else
		return;
	warn(pair->file, text, arg);
}

static void
warn_chain(const struct certpair *pair, certcheck_warning *warn, void *arg)
{
	if (pair->reordered)
		warn(pair->file, "its certificates are not in order; they are "
		    "sent in order", arg);
	if (pair->n_sent < pair->n &&
	    !certpair_is_root(pair->chain[pair->n - 1]))
		warn(pair->file, "holds a certificate that has issued none of "
		    "the others, and is not sent", arg);
	if (pair->n == 1 && !certpair_is_root(pair->chain[0]))
		warn(pair->file, "its issuer's certificate does not follow it, "
		    "and most clients do not have that", arg);
}

void
certcheck_warn(const struct certpair *pair, int64_t now_s,
    certcheck_warning *warn, void *arg)
{
	gnutls_x509_crt_t leaf = pair->chain[0];
	unsigned bits = 0;

	if (now_s < CLOCK_SET_S)
		warn(pair->file, "its dates are not checked, because the clock "
		    "of this host is wrong", arg);
	else
		warn_dates(pair, now_s, warn, arg);
	warn_chain(pair, warn, arg);
	if (is_authority(leaf))
		warn(pair->file, "an authority's certificate, which browsers "
		    "refuse for a server", arg);
	if (gnutls_x509_crt_get_pk_algorithm(leaf, &bits) == GNUTLS_PK_RSA &&
	    bits > RSA_BITS_SLOW)
		warn(pair->file, "an RSA key of more than 4096 bits makes each "
		    "handshake slow", arg);
	if (pair->key_exposed)
		warn(pair->key_file, "everybody on this host can read the key",
		    arg);
}
