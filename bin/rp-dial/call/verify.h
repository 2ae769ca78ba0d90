/*
 * verify: four words that two people compare aloud (DESIGN, "Media"). The
 * caller commits to a nonce in its offer. The callee shows its own only once
 * the call is answered, and then the caller reveals its nonce. The words are
 * derived from both nonces and both certificates' fingerprints. A man in the
 * middle must choose before it can know the nonces: one guess in 2^32 for each
 * call that somebody answers. No I/O.
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
	bool peer_spoke;	/* we have the commitment, or its nonce */
	bool early;		/* the callee showed its nonce while ringing */
	bool complete;		/* both nonces are known */
	uint8_t nonce[SDP_NONCE];
	uint8_t peer_nonce[SDP_NONCE];
	uint8_t peer_commit[CRYPTO_SHA256];
};

/*
 * Initialise with a fresh nonce.
 *
 *  -EIO  no random bytes
 */
int verify_init(struct verify *v, bool caller);

/* Add the caller's commitment to our own description. */
void verify_describe(const struct verify *v, struct sdp *extra);

/*
 * Forget the peer described before, because another one answers. Not allowed
 * once we have revealed.
 */
void verify_forget(struct verify *v);

/*
 * Take the peer's description. Only the first one with a commitment counts. A
 * callee of 0.1.0 shows its nonce in it, to anybody who rings. Words with it
 * would prove nothing, because such nonces can be drawn until they fit.
 */
void verify_remote(struct verify *v, const struct sdp *remote);

/*
 * Write our body of INFO: the callee's with ANSWER, the caller's once it has
 * the callee's.
 *
 *  -ENOENT  the peer has no commitment or nonce: reveal nothing
 */
int verify_reveal(const struct verify *v, char text[static VERIFY_REVEAL]);

/*
 * Take the peer's nonce. Call it only after ANSWER.
 *
 *  -ENOENT    the caller committed to none, or the callee's came too early
 *  -EALREADY  it came before
 *  -EBADMSG   invalid nonce
 *  -EACCES    it is not the committed nonce: end the call
 */
int verify_revealed(struct verify *v, const char *text, size_t len);

/* Derive the bytes of the words, once complete. */
void verify_bytes(const struct verify *v, uint8_t bytes[static WORDS_N],
    const uint8_t caller_fingerprint[static CRYPTO_SHA256],
    const uint8_t callee_fingerprint[static CRYPTO_SHA256]);

#endif
