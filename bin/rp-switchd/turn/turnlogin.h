/*
 * turnlogin: the long-term credential mechanism (RFC 8489 9.2) as the relay's
 * requests go through it, with RFC 8656's rule that an allocation belongs to
 * the credential that made it.
 */
#ifndef RP_SWITCHD_TURNLOGIN_H
#define RP_SWITCHD_TURNLOGIN_H

#include <stdbool.h>
#include <stdint.h>

#include "turn/turnauth.h"
#include "turn/turnreq.h"

struct alloc;

/* Who asks, once it is known. */
struct turnlogin {
	char username[TURNCRED_USERNAME];
	struct turncred cred;		/* what it says; of an Allocate */
	struct stunauth_key key;
	bool authentic;			/* key is good */
	bool sha256;			/* answers are signed in kind */
};

/*
 * Check a request from the client of tuple. alloc: the allocation that it is
 * about and whose credential it needs, or NULL: any that is good will do, as
 * for Allocate. TURNREQ_OK or the error to answer with.
 */
int turnlogin_check(struct turnlogin *login, const struct turnauth *auth,
    const struct stun_msg *msg, const struct tuple *tuple,
    const struct alloc *alloc, uint64_t now_ns);

/* What a 401 and a 438 carry. */
void turnlogin_challenge(const struct turnauth *auth,
    const struct tuple *tuple, uint64_t now_ns, struct stun_builder *b);

/* Sign an answer to who is authentic. */
void turnlogin_sign(const struct turnlogin *login, struct stun_builder *b);

#endif
