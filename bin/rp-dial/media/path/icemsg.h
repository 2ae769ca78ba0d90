/*
 * icemsg: encode the two messages of ICE, a check and its answer (RFC 8445 7.1,
 * 7.3).
 */
#ifndef RP_DIAL_ICEMSG_H
#define RP_DIAL_ICEMSG_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "wire/sdp.h"
#include "wire/stun.h"

#define ICEMSG_MAX 1400		/* fits two longest ufrags, or a handshake */

struct sped;

struct icemsg_check {
	const uint8_t *id;		/* STUN_TRANSACTION bytes */
	const char *ufrag;		/* ours */
	const char *remote_ufrag, *remote_password;
	uint32_t priority;		/* of a peer-reflexive candidate */
	bool controlling, nominates;
	uint64_t tie_breaker;
	struct sped *sped;		/* NULL: it carries no handshake */
};

/* Encode a check. Return its length or -EMSGSIZE. */
ssize_t icemsg_check(uint8_t out[static ICEMSG_MAX],
    const struct icemsg_check *check);

struct icemsg_answer {
	const struct stun_msg *check;
	const struct addr *from;	/* the check's source */
	unsigned code;			/* 0: success; others: an error */
	const char *password;		/* ours */
	struct sped *sped;		/* as above */
};

/* Encode an answer. Return its length or -EMSGSIZE. */
ssize_t icemsg_answer(uint8_t out[static ICEMSG_MAX],
    const struct icemsg_answer *answer);

/* Return whether a check is meant for the agent of that ufrag. */
bool icemsg_is_for(const struct stun_msg *check, const char *ufrag);

/*
 * Copy the ufrag of the agent that sent a check, which is for the agent of
 * `ufrag`. Return whether it is one: not empty, and not too long.
 */
bool icemsg_sender(char out[static SDP_UFRAG], const struct stun_msg *check,
    const char *ufrag);

#endif
