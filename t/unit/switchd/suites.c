/* The suites of this program, one per module. See unit.h. */
#define UNIT_SUITES(X)					\
	X(alloc)						\
	X(alloc_limits)					\
	X(alloc_reach)					\
	X(callfsm)					\
	X(callhist)					\
	X(calltable)					\
	X(certwatch)					\
	X(clients)					\
	X(coalesce)					\
	X(conn)						\
	X(control)					\
	X(descriptors)					\
	X(dev)						\
	X(gate)						\
	X(inbox)						\
	X(kernel)					\
	X(lastuse)					\
	X(load)						\
	X(metrics)					\
	X(outbox)					\
	X(peers)						\
	X(places)					\
	X(proofs)					\
	X(quotas)					\
	X(ratelimit)					\
	X(rtpstats)					\
	X(services)					\
	X(settings)					\
	X(shared)					\
	X(shellword)					\
	X(streams)					\
	X(taught)					\
	X(teach)					\
	X(trials)					\
	X(turn)						\
	X(turnkeys)					\
	X(turnlink)					\
	X(turnreq)					\
	X(turnreq_alloc)					\
	X(turnreq_login)					\
	X(turnreq_peers)					\
	X(writes)					\
	X(web)						\
	X(ws_upgrade)

#include "unit_main.h"
