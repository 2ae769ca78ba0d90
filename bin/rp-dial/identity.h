/*
 * identity: the user's long-lived self-signed certificate (ECDSA P-256), whose
 * fingerprint is who they are, and the peers known by theirs (known_peers,
 * one "NUMBER SHA256-HEX" a line, as SSH pins host keys).
 */
#ifndef RP_DIAL_IDENTITY_H
#define RP_DIAL_IDENTITY_H

#include <stdint.h>

#include <gnutls/gnutls.h>

#include "base/crypto.h"

struct identity {
	gnutls_certificate_credentials_t credentials;
	uint8_t fingerprint[CRYPTO_SHA256];	/* of the certificate's DER */
};

#define IDENTITY_WHY 256

/* Load the PEM file, or make and save one if it is missing. */
int identity_load(struct identity *out, const char *file,
    char why[static IDENTITY_WHY]);
void identity_clear(struct identity *identity);

enum identity_known {
	IDENTITY_NEW,		/* never seen; known from now on */
	IDENTITY_SAME,
	IDENTITY_CHANGED	/* refuse */
};

/* Look number up in the known_peers file and pin it if new. */
int identity_check(enum identity_known *out, const char *known_peers_file,
    const char *number, const uint8_t fingerprint[static CRYPTO_SHA256],
    char why[static IDENTITY_WHY]);

#endif
