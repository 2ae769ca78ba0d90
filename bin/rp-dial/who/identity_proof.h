/*
 * identity_proof: how a key that outlives certificates vouches for one of them
 * (rp-signal(7), "Identities that last"). A browser's certificate lives a year
 * at most; its page signs the fingerprint in each description.
 */
#ifndef RP_DIAL_IDENTITY_PROOF_H
#define RP_DIAL_IDENTITY_PROOF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/crypto.h"
#include "wire/sdp.h"
#include "wire/sigmsg.h"

#define IDENTITY_PROOF_TEXT (SIGMSG_NUMBER + 3 * CRYPTO_SHA256 + 20)

/*
 * Write what is signed: a label, the number and the fingerprint. Return its
 * length without the NUL.
 */
size_t identity_proof_text(char text[static IDENTITY_PROOF_TEXT],
    const char *number, const uint8_t fingerprint[static CRYPTO_SHA256]);

/*
 * Return whether the description has a key's valid signature of its fingerprint
 * for `number`. A missing line and an invalid one are the same.
 */
bool identity_proof_ok(const struct sdp *described, const char *number);

#endif
