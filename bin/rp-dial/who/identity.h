/*
 * identity: the user's long-lived self-signed certificate (ECDSA P-256), whose
 * fingerprint identifies the user, and the known peers by theirs (known_peers,
 * one "NUMBER SHA256-HEX" per line, as SSH pins host keys).
 */
#ifndef RP_DIAL_IDENTITY_H
#define RP_DIAL_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

#include <gnutls/gnutls.h>

#include "base/crypto.h"
#include "wire/why.h"

struct identity {
	gnutls_certificate_credentials_t credentials;
	uint8_t fingerprint[CRYPTO_SHA256];	/* of the certificate's DER */
};


/*
 * Load the PEM file (certificate and key, readable by its owner only), or
 * create it if it is missing. Return 0, or a negative errno with one line in
 * `why`.
 */
int identity_load(struct identity *out, const char *file,
    char why[static WHY_TEXT]);
void identity_clear(struct identity *identity);

/* Write the fingerprint as "AB:CD:...", the form of SDP. */
#define IDENTITY_TEXT (3 * CRYPTO_SHA256)
void identity_text(char text[static IDENTITY_TEXT],
    const uint8_t fingerprint[static CRYPTO_SHA256]);

enum identity_known {
	IDENTITY_NEW,		/* never seen */
	IDENTITY_SAME,
	IDENTITY_ROLLED,	/* another certificate, signed by the known key */
	IDENTITY_CHANGED,	/* refuse */
	IDENTITY_EXPIRED	/* likewise; the known certificate is past its end */
};

/*
 * Look up the fingerprint of `number` in the known_peers file. An unreadable line
 * is an error with file and line. It is never skipped, because it may be the one
 * that matters. A line without a number is nobody's, see identity_nameless.
 *
 *  -ENOENT  the file is missing, or does not have the number
 */
int identity_find(uint8_t known[static CRYPTO_SHA256],
    const char *known_peers_file, const char *number,
    char why[static WHY_TEXT]);

/*
 * Return the first line of the file that has a fingerprint and no number, or 0.
 * 0.1.0 wrote one for a caller without a number. It can be removed.
 */
unsigned identity_nameless(const char *known_peers_file);

/*
 * Return whether a user has confirmed this fingerprint of `number` by the
 * words. The file has a comment for it, which programs before this one skip. A
 * file that cannot be read confirms nothing.
 */
bool identity_confirmed(const char *known_peers_file, const char *number,
    const uint8_t fingerprint[static CRYPTO_SHA256]);

/* Remember that. Return 0, or a negative errno with one line in `why`. */
int identity_confirm(const char *known_peers_file, const char *number,
    const uint8_t fingerprint[static CRYPTO_SHA256],
    char why[static WHY_TEXT]);

/*
 * Append a line, "\nTEXT\n", to a file of peers. Its first newline ends a last
 * line that has none. Return 0 or a negative errno.
 */
int identity_append(const char *file, const char *line);

/* Add `number` with this fingerprint to the file. */
int identity_pin(const char *known_peers_file, const char *number,
    const uint8_t fingerprint[static CRYPTO_SHA256],
    char why[static WHY_TEXT]);

#endif
