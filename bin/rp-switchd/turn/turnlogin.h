/*
 * turnlogin: the long-term credential mechanism (RFC 8489 9.2) for the relay's
 * requests, with RFC 8656's rule that an allocation belongs to the credential
 * that made it.
 */
#ifndef RP_SWITCHD_TURNLOGIN_H
#define RP_SWITCHD_TURNLOGIN_H

#include <stdbool.h>
#include <stdint.h>

#include "turn/turnauth.h"
#include "turn/turnreq.h"

struct alloc;

/* The sender of a request, after it is known. */
struct turnlogin {
	const char *server_name;	/* by TLS; NULL: none. Set before */
	struct stun_attr realm;		/* that the request names; type 0: none */
	char username[TURNCRED_ANY];
	struct turncred cred;	/* parsed username; only of an Allocate */
	struct stunauth_key key;
	bool authentic;			/* key is verified */
	bool sha256;			/* sign answers with SHA-256 */
	unsigned tried;			/* keys */
	int fault;			/* enum turnreq_fault; -1: none */
	const char *why;		/* it is refused; NULL: unsaid */
};


/*
 * Check a request from the client of `tuple`. `alloc` is the allocation that it
 * concerns and whose credential it needs. NULL means that any valid credential
 * will do, as for Allocate. Return TURNREQ_OK or the error to answer with.
 */
int turnlogin_check(struct turnlogin *login, const struct turnauth *auth,
    const struct stun_msg *msg, const struct tuple *tuple,
    const struct alloc *alloc, uint64_t now_ns);

/* Add the attributes of a 401 or 438. */
void turnlogin_challenge(const struct turnlogin *login,
    const struct turnauth *auth, const struct tuple *tuple, uint64_t now_ns,
    struct stun_builder *b);

/* Sign an answer if the client is authentic. */
void turnlogin_sign(const struct turnlogin *login, struct stun_builder *b);

#endif
