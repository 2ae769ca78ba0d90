/*
 * inkernel: what the relay's user space and its program in the kernel share, in
 * BPF maps. Nothing but integers of fixed size, because both include it.
 *
 * User space teaches the kernel a way: a channel that it has just relayed by,
 * and that everything allows until a known time. The kernel relays what comes
 * that way, and passes up whatever else it sees. The statistics and the meters
 * are in arrays that both write, so that they are exact whoever relays a packet.
 *
 * A way is revoked by a new `serial` of either allocation's slot, which it
 * names. The statistics of a sender are written under the lock of its slot.
 */
#ifndef RP_SWITCHD_INKERNEL_H
#define RP_SWITCHD_INKERNEL_H

#include <stdint.h>

#include "table/flow.h"
#include "table/meter.h"
#include "table/rtpstats.h"

#define INKERNEL_NONE UINT32_MAX

/*
 * The kernel relays for so long after user space last said that it runs, which
 * it does each second.
 */
#define INKERNEL_LEASE_NS 3000000000ull

/*
 * A packet that arrives. Hash map "channels": from this to struct inkernel_chan. An IPv4
 * address is IPv4-mapped. Ports and numbers are in network order.
 */
struct inkernel_key {
	uint8_t client[16], local[16];	/* source and destination */
	uint16_t client_port, local_port, number;
	uint16_t zero;
};

/* The packet that leaves, likewise. */
struct inkernel_chan {
	uint8_t client[16], local[16];	/* destination and source */
	uint16_t client_port, local_port, number;
	uint16_t flow;			/* CALLSTATS_FLOW of the sender */
	uint32_t from, to;		/* in "traffic" */
	uint32_t from_serial, to_serial;
	uint32_t party, call;		/* in "shares", or INKERNEL_NONE. Of a
					 * user: `call` is his, no `party` */
	uint32_t service;		/* in "rates", or INKERNEL_NONE: a call
					 * of ours */
	uint32_t zero;
	uint64_t expires_ns;		/* CLOCK_MONOTONIC */
};

/* The sums of what a client sent. Array map "traffic": a slot for each. */
struct alloc_traffic {
	uint32_t lock;			/* 0: free. All below is under it */
	uint32_t serial;
	uint64_t packets, bytes;	/* relayed */
	uint64_t last_ns;		/* when the last of them came */
	uint64_t dropped;		/* not relayed */
	uint64_t media_ns;		/* its first RTP relayed; 0: none */
	struct rtpstats rtp;		/* of all that came */
	uint64_t apart[2];
};

/*
 * The bytes that a party, all of a call, or a user may have relayed: from the
 * clients, and from peers in the world to them. All relay threads take from it.
 * Array map "shares".
 */
struct alloc_share {
	struct meter sent, heard;
	struct meter even[2];		/* of a user: within an even share of
					 * its service's rate and of the
					 * total */
	uint64_t half;			/* of a call: see alloc_call_share.
					 * Atomic */
	uint64_t apart[3];
};

/*
 * A rate of many users together, as the time in which a byte returns. Those
 * that exceed an even share of it get no more than half of its depth, so that
 * the others lose nothing to them. Array map "rates": the total, and behind it
 * each service's. All is atomic.
 */
struct alloc_rate_limit {
	struct meter meter;
	uint64_t byte_ps;		/* 0: no limit */
	uint64_t users;			/* who hold allocations */
	uint64_t user_byte_ps;		/* of each of them; 0: no limit */
	uint64_t apart[4];
};

/* Array map "control", of one element. Each field is atomic. */
struct inkernel_control {
	uint64_t lease_until_ns;
	uint64_t byte_ns;		/* of a party's share; 0: no limit */
};

/* Why the kernel passed up what might have been ChannelData for a way. */
#define INKERNEL_REASONS(X)						\
	X(NEW, "new")							\
	X(EXPIRED, "expired")						\
	X(CHANGED, "changed")						\
	X(BUSY, "busy")							\
	X(OVER_RATE, "over_rate")					\
	X(NO_ROUTE, "no_route")						\
	X(NO_FORWARDING, "no_forwarding")				\
	X(NO_NEIGHBOUR, "no_neighbour")					\
	X(TOO_BIG, "too_big")						\
	X(TTL, "ttl")							\
	X(CHECKSUM, "checksum")						\
	X(OPTIONS, "options")						\
	X(OTHER_DEVICE, "other_device")					\
	X(SEGMENTS, "segments")						\
	X(LEASE, "lease")						\
	X(MALFORMED, "malformed")

enum inkernel_reason {
#define X(id, name) INKERNEL_##id,
	INKERNEL_REASONS(X)
#undef X
	INKERNEL_REASONS_N
};

/*
 * Array map "counts": an element for each possible CPU, which alone writes it.
 */
struct inkernel_counts {
	struct relay_flow flows[CALLSTATS_FLOWS];
	uint64_t rtp_packets, rtp_expected;
	uint64_t passed[INKERNEL_REASONS_N];
	uint64_t apart[2];
};

_Static_assert(sizeof(struct inkernel_key) == 40, "no gaps");
_Static_assert(sizeof(struct inkernel_chan) == 80, "no gaps");
_Static_assert(sizeof(struct alloc_traffic) == 128, "two cache lines");
_Static_assert(sizeof(struct alloc_share) == 64, "a cache line");
_Static_assert(sizeof(struct alloc_rate_limit) == 64, "a cache line");
_Static_assert(sizeof(struct inkernel_counts) % 64 == 0, "cache lines");

#endif
