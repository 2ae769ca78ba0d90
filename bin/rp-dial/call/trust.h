/*
 * trust: check the other side's identity: its certificate against the known
 * peers, and the words. The results go into the report.
 */
#ifndef RP_DIAL_TRUST_H
#define RP_DIAL_TRUST_H

#include <stdbool.h>
#include <stddef.h>

#include "call/report.h"
#include "call/verify.h"
#include "who/account.h"
#include "who/identity.h"
#include "who/pin.h"
#include "wire/why.h"

struct trust {
	struct verify verify;
	const struct identity *own; /* these three must outlive the struct */
	const struct account *account;
	struct report *report;
	struct pin_claim claim;		/* of the latest description */
	bool proven;			/* DTLS has proven the certificate */
	bool had_words;			/* in an earlier call, with this peer */
};


/*
 * Initialise the check.
 *
 *  -EIO  no random nonce
 */
int trust_init(struct trust *trust, bool caller, const struct identity *own,
    const struct account *account, struct report *report);
void trust_clear(struct trust *trust);

/* Forget the peer, because another device answers. */
void trust_forget(struct trust *trust);

/*
 * Take the peer's description. Its fingerprint is only a claim, but a changed
 * one is refused before the call rings. Errors are those of trust_proven.
 */
int trust_described(struct trust *trust, const char *peer,
    const struct sdp *remote, char why[static WHY_TEXT]);

/*
 * Check the certificate that DTLS has proven: its fingerprint, and its end since
 * 1970 (0: unknown). `why` is for the user. Other errors mean that known_peers
 * cannot be read.
 *
 *  -EACCES  it is not the known one of `peer`, nor signed by the known key
 */
int trust_proven(struct trust *trust, const char *peer,
    const uint8_t fingerprint[static CRYPTO_SHA256], int64_t until_s,
    char why[static WHY_TEXT]);

/*
 * Remember a new peer, now that the call is on, and compute the words if both
 * nonces are known. A caller without a number is not remembered.
 */
void trust_talking(struct trust *trust, const char *peer);

/*
 * Return why there are no words in a call that has been on for `talked_ms`. It
 * is fine as long as they may come, or if the peer never had any.
 */
enum report_no_words trust_no_words(const struct trust *trust,
    uint64_t talked_ms);

/*
 * Remember that the user compared the words and they were the same.
 *
 *  -EAGAIN  there are no words yet; other errors are those of the file
 *  -EINVAL  the caller gave no number
 */
int trust_confirm(struct trust *trust, const char *peer,
    char why[static WHY_TEXT]);

/*
 * Take the peer's nonce, after ANSWER. An invalid one of a callee is ignored.
 *
 *  -EACCES  it is not the one that the caller committed to: end the call
 */
int trust_revealed(struct trust *trust, const char *peer, const char *text,
    size_t len, char why[static WHY_TEXT]);

#endif
