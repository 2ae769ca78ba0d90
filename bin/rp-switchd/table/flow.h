/*
 * flow: the ways of clients to the relay, by transport and family, and what
 * went each way. The relay's program in the kernel includes it too.
 */
#ifndef RP_SWITCHD_FLOW_H
#define RP_SWITCHD_FLOW_H

#include <stdint.h>

/* A transport and a family as one number. */
#define CALLSTATS_FLOWS 6
#define CALLSTATS_FLOW(via, ipv6) (2 * (unsigned)(via) + ((ipv6) ? 1 : 0))
#define CALLSTATS_FLOW_VIA(flow) ((enum callstats_via)((flow) / 2))
#define CALLSTATS_FLOW_IPV6(flow) ((flow) % 2 != 0)

/* Relayed, with bytes of payload. */
struct relay_flow {
	uint64_t packets, bytes;
};

#endif
