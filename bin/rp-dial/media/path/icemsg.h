/*
 * icemsg: the two messages that ICE has, a check and its answer (RFC 8445
 * 7.1, 7.3), as bytes.
 */
#ifndef RP_DIAL_ICEMSG_H
#define RP_DIAL_ICEMSG_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "wire/sdp.h"
#include "wire/stun.h"

#define ICEMSG_MAX 1100		/* two longest ufrags and all else fit */

struct icemsg_check {
	const uint8_t *id;		/* STUN_TRANSACTION bytes */
	const char *ufrag;		/* ours */
	const char *remote_ufrag, *remote_password;
	uint32_t priority;		/* of a peer-reflexive candidate */
	bool controlling, nominates;
	uint64_t tie_breaker;
};

/* Its length, -EMSGSIZE. */
ssize_t icemsg_check(uint8_t out[static ICEMSG_MAX],
    const struct icemsg_check *check);

/* Code 0: success, from is where the check came from; else an error. */
ssize_t icemsg_answer(uint8_t out[static ICEMSG_MAX],
    const struct stun_msg *check, const struct addr *from, unsigned code,
    const char *password);

/* Is a check meant for the agent of that ufrag? */
bool icemsg_is_for(const struct stun_msg *check, const char *ufrag);

#endif
