/*
 * ice: a full agent (RFC 8445) with one local candidate, a relayed one, and
 * one component. It is given the time and what arrives, and sends through a
 * handler: no socket, no timer, no clock of its own. Nomination is regular:
 * the controlling agent nominates the first pair that works, at once. A valid
 * pair carries data before it is nominated. Consent is kept fresh (RFC 7675).
 * A restart is a new agent; the old one serves until the new one has a pair.
 */
#ifndef RP_DIAL_ICE_H
#define RP_DIAL_ICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/sdp.h"

struct ice;

#define ICE_UFRAG 9		/* 8 characters and a NUL */
#define ICE_PASSWORD 25		/* 24 characters, 144 bits, and a NUL */
#define ICE_NEVER UINT64_MAX

/* Called from within ice_ functions; none of these may be called from them. */
struct ice_handlers {
	/* Send to a remote address from the local candidate. */
	void (*send)(const struct addr *to, const uint8_t *data, size_t len,
	    void *arg);
	/* Data goes to this address from now on. */
	void (*selected)(const struct addr *to, bool nominated, void *arg);
	/* -ETIMEDOUT: no pair works, or consent has expired. Sends no more. */
	void (*failed)(int err, void *arg);
};

/* An agent with random credentials. -ENOMEM, -EIO. */
int ice_new(struct ice **out, bool controlling,
    const struct ice_handlers *handlers, void *arg);
void ice_free(struct ice *ice);

/*
 * An agent with the credentials of like, to begin anew with another peer that
 * has them. -ENOMEM, -EIO.
 */
int ice_again(struct ice **out, const struct ice *like,
    const struct ice_handlers *handlers, void *arg);

/* The local credentials. */
const char *ice_ufrag(const struct ice *ice);
const char *ice_password(const struct ice *ice);

/* Our relayed address as a candidate for the description. */
void ice_candidate(struct sdp_candidate *out, const struct addr *relayed);

/* From now on checks can be sent; again: those that are out had best be. */
void ice_start(struct ice *ice, uint64_t now_ns);

/* The peer's credentials, once. -EINVAL if too long. */
int ice_remote(struct ice *ice, const char *ufrag, const char *password,
    uint64_t now_ns);

/* A candidate of the peer's. -ENOSPC: one too many. */
int ice_remote_candidate(struct ice *ice,
    const struct sdp_candidate *candidate, uint64_t now_ns);

/*
 * A STUN message from a remote address. -ENOENT if it is another agent's,
 * -EBADMSG if it is malformed, -EACCES if it is not signed as it must be.
 */
int ice_receive(struct ice *ice, const struct addr *from, const uint8_t *data,
    size_t len, uint64_t now_ns);

/* When ice_run has something to do, or ICE_NEVER. */
uint64_t ice_due_ns(const struct ice *ice);
void ice_run(struct ice *ice, uint64_t now_ns);

/* Has the peer been seen at, or said to be at, this address? */
bool ice_knows(const struct ice *ice, const struct addr *from);

/*
 * Where the peer may be while no pair is valid yet, at that relay only: where
 * an authentic check came from, or else where the first of ours went. NULL:
 * nowhere.
 */
const struct addr *ice_early(const struct ice *ice, const struct addr *relay);

bool ice_controlling(const struct ice *ice);

/* The last check's round trip; 0: none yet. */
uint64_t ice_rtt_ns(const struct ice *ice);

#endif
