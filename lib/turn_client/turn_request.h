/*
 * turn_request: one request of a TURN client: idle, to be sent, or sent and
 * repeated until it is answered (RFC 8489 6.2). The caller passes the time.
 */
#ifndef RP_TURN_CLIENT_TURN_REQUEST_H
#define RP_TURN_CLIENT_TURN_REQUEST_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "wire/stun.h"

struct turn_auth;

#define TURN_REQUEST_NEVER UINT64_MAX

struct turn_request {
	uint16_t method;
	bool sent;		/* waits for an answer */
	bool granted;		/* the last answer was a success */
	unsigned times;		/* sent so far */
	unsigned challenges;	/* 401 and 438 so far */
	uint64_t due_ms;	/* when to send it (again) */
	uint8_t id[STUN_TRANSACTION];
	uint32_t lifetime_s;		/* Allocate, Refresh */
	const struct addr *peer;	/* CreatePermission, ChannelBind */
	uint16_t channel;		/* ChannelBind */
};

/*
 * Start it now as a new transaction, or repeat the same one. -EIO. `reliable`
 * says that the transport retransmits, so that there is only one wait, for the
 * whole time.
 */
int turn_request_begin(struct turn_request *r, uint64_t now_ms,
    bool reliable);
void turn_request_repeat(struct turn_request *r, uint64_t now_ms);

/* Has the last transmission timed out, too? */
bool turn_request_exhausted(const struct turn_request *r, bool reliable);

/* Write the signed request. -EMSGSIZE. */
ssize_t turn_request_write(const struct turn_request *r,
    const struct turn_auth *auth, uint8_t *out, size_t max);

bool turn_request_answered_by(const struct turn_request *r,
    const struct stun_msg *msg);

#endif
