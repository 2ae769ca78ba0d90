/*
 * pin: what is known of a peer: the certificate that known_peers has, the key that
 * has signed it, and the later certificates that this key has signed. Keys and
 * dates are comments in known_peers, which a program of 0.1.0 skips:
 *
 *	NUMBER FINGERPRINT		the certificate
 *	# key NUMBER FINGERPRINT KEY	KEY has signed it, and DTLS has proven it
 *	# until NUMBER FINGERPRINT DATE	it was good until then
 *
 * A comment counts only for a fingerprint that is pinned, or that the key of the
 * pinned one has signed. So the line that a user removes takes all with it.
 */
#ifndef RP_DIAL_PIN_H
#define RP_DIAL_PIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/crypto.h"
#include "who/identity.h"
#include "wire/sdp.h"
#include "wire/why.h"

/* A peer, as its description and DTLS present it. */
struct pin_claim {
	const char *number;
	uint8_t fingerprint[CRYPTO_SHA256];
	bool has_key;		/* it has signed the fingerprint for the number */
	uint8_t key[SDP_KEY];
	int64_t until_s;	/* its end, since 1970; 0: unknown */
};

/*
 * Fill in the claim of a description. The number must outlive it. A key whose
 * signature is wrong is as none.
 */
void pin_claim(struct pin_claim *claim, const char *number,
    const struct sdp *described);

struct pin_found {
	enum identity_known known;
	bool unsigned_now;	/* it was signed in earlier calls, and is not */
	int64_t until_s;	/* of the pinned certificate; 0: unknown */
};

/*
 * Compare a claim with the file. Another key beside a known fingerprint is a
 * change too: whoever has that certificate has its key, so another one was put
 * there. Errors are those of identity_find.
 */
int pin_check(struct pin_found *out, const char *known_peers_file,
    const struct pin_claim *claim, char why[static WHY_TEXT]);

/*
 * Remember a claim that DTLS has proven: a new peer, a key that is new beside a
 * known certificate, or a certificate that the known key has signed. `known` is
 * what pin_check has found. Return 0, or a negative errno with one line in `why`.
 */
int pin_add(const char *known_peers_file, const struct pin_claim *claim,
    enum identity_known known, char why[static WHY_TEXT]);

#endif
