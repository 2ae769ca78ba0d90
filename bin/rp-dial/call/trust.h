/*
 * trust: who the other side of a call is: its certificate against the known
 * peers, and the words. What it learns goes into the report.
 */
#ifndef RP_DIAL_TRUST_H
#define RP_DIAL_TRUST_H

#include <stdbool.h>
#include <stddef.h>

#include "call/report.h"
#include "call/verify.h"
#include "who/account.h"
#include "who/identity.h"

struct trust {
	struct verify verify;
	const struct identity *own;	/* must outlive it, and so on */
	const struct account *account;
	struct report *report;
	bool proven;			/* DTLS has shown the certificate */
};

#define TRUST_WHY 512

/* -EIO: no random nonce. */
int trust_init(struct trust *trust, bool caller, const struct identity *own,
    const struct account *account, struct report *report);
void trust_clear(struct trust *trust);

/* Another device answers: nothing is known of it yet. */
void trust_forget(struct trust *trust);

/*
 * The peer's description. Its fingerprint is only a claim, but one that has
 * changed need not ring first. Errors as trust_proven has them.
 */
int trust_described(struct trust *trust, const char *peer,
    const struct sdp *remote, char why[static TRUST_WHY]);

/*
 * DTLS has proven this fingerprint. -EACCES: it is not the one known for peer;
 * or a negative errno (known_peers cannot be read). why is for the person.
 */
int trust_proven(struct trust *trust, const char *peer,
    const uint8_t fingerprint[static CRYPTO_SHA256],
    char why[static TRUST_WHY]);

/* The call is on: remember the peer if it is new; words if all is known. */
void trust_talking(struct trust *trust, const char *peer);

/* The caller's nonce came. -EACCES: end the call. */
int trust_revealed(struct trust *trust, const char *text, size_t len,
    char why[static TRUST_WHY]);

#endif
