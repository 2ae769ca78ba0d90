/*
 * turnreq_private: a request in progress, for turnreq.c, which receives and
 * answers, and turnreq_alloc.c, which handles Allocate and Refresh.
 */
#ifndef RP_SWITCHD_TURNREQ_PRIVATE_H
#define RP_SWITCHD_TURNREQ_PRIVATE_H

#include "turn/turnlogin.h"
#include "turn/turnreq.h"
#include "wire/addr.h"
#include "wire/stun.h"

#define TURNREQ_UNKNOWN 8	/* attributes listed in one answer */

struct turnreq {
	const struct turnreq_server *server;
	const struct turnreq_in *in;
	struct stun_msg msg;
	struct tuple tuple;
	struct alloc *alloc;		/* of this 5-tuple, or NULL */
	struct stun_builder reply;
	struct turnlogin login;
	const struct addr *denied;	/* the peer of a 403, or NULL */
	struct addr peer;		/* which is this */
	uint16_t unknown[TURNREQ_UNKNOWN];
	size_t n_unknown;
};

/*
 * Add to the reply and return TURNREQ_OK, or return the error to answer with.
 */
int turnreq_allocate(struct turnreq *r);
int turnreq_refresh(struct turnreq *r);

#endif
