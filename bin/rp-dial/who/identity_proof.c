/* identity_proof: the text that is signed, and its check. See identity_proof.h. */
#include "who/identity_proof.h"

#include <stdio.h>

#include "base/p256sig.h"
#include "who/identity.h"

size_t
identity_proof_text(char text[static IDENTITY_PROOF_TEXT], const char *number,
    const uint8_t fingerprint[static CRYPTO_SHA256])
{
	char hex[IDENTITY_TEXT];

	identity_text(hex, fingerprint);
	return (size_t)snprintf(text, IDENTITY_PROOF_TEXT,
	    "rp identity 1\n%.*s\n%s\n", SIGMSG_NUMBER - 1, number, hex);
}

bool
identity_proof_ok(const struct sdp *described, const char *number)
{
	char text[IDENTITY_PROOF_TEXT];
	size_t len;

	if (!described->has_identity || !described->has_fingerprint ||
	    *number == '\0')
		return false;
	len = identity_proof_text(text, number, described->fingerprint);
	return p256sig_check(described->identity_key, text, len,
	    described->identity_signature) == 0;
}
