/*
 * verify: four words that two people compare aloud (DESIGN, "Media"). The
 * caller commits to a nonce in its offer, the callee shows its own in its
 * answer, the caller reveals its nonce after ANSWER; the words come from both
 * nonces and both certificates' fingerprints. Whoever sits in the middle had
 * to choose before it could know: one guess in 2^32. No I/O.
 */
#ifndef RP_DIAL_VERIFY_H
#define RP_DIAL_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/crypto.h"
#include "wire/sdp.h"
#include "wire/words.h"

#define VERIFY_CONTENT_TYPE "application/rp-nonce"
#define VERIFY_REVEAL 45	/* 32 bytes in base64, and a NUL */

struct verify {
	bool caller;
	bool peer_spoke;	/* its description had a commitment or nonce */
	bool complete;		/* both nonces are known */
	uint8_t nonce[SDP_NONCE];
	uint8_t peer_nonce[SDP_NONCE];
	uint8_t peer_commit[CRYPTO_SHA256];
};

/* A fresh nonce. -EIO. */
int verify_init(struct verify *v, bool caller);

/* What our own description says: the commitment or the nonce. */
void verify_describe(const struct verify *v, struct sdp *extra);

/* Another peer than the one described before; not once we have revealed. */
void verify_forget(struct verify *v);

/* The peer's description. Only the first that speaks counts. */
void verify_remote(struct verify *v, const struct sdp *remote);

/*
 * The caller's body of INFO after ANSWER. -ENOENT if the callee gave no nonce:
 * nothing to reveal.
 */
int verify_reveal(const struct verify *v, char text[static VERIFY_REVEAL]);

/*
 * The callee: the caller's nonce came. -ENOENT if none was committed to,
 * -EALREADY if it came before, -EBADMSG if it is none, -EACCES if it is not
 * the one committed to: end the call.
 */
int verify_revealed(struct verify *v, const char *text, size_t len);

/* The bytes of the words, once complete. */
void verify_bytes(const struct verify *v, uint8_t bytes[static WORDS_N],
    const uint8_t caller_fingerprint[static CRYPTO_SHA256],
    const uint8_t callee_fingerprint[static CRYPTO_SHA256]);

#endif
