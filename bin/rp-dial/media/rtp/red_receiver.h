/*
 * red_receiver: which packets have come, so that the copies of lost ones are
 * used (RFC 2198). A copy is used only if its packet has not come, and once. It
 * takes the place of a missing sequence number, so that a peer cannot add sound
 * to a stream that has no gap. RTCP reports such a packet as lost. Pure.
 */
#ifndef RP_DIAL_RED_RECEIVER_H
#define RP_DIAL_RED_RECEIVER_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/red.h"
#include "wire/rtp.h"

/* RED reaches back for 341 ms: 64 packets of 5 ms, which nobody sends. */
#define RED_RECEIVER_KEPT 64

/* Embedded; zeroed at first. */
struct red_receiver {
	bool any;
	uint16_t newest;	/* highest sequence number */
	uint64_t came;		/* bit n: newest - n has, or a copy */
	uint64_t copied;	/* bit n: it is a copy that came */
	uint32_t timestamps[RED_RECEIVER_KEPT];	/* by sequence number */
	uint64_t recovered;	/* lost packets of which a copy came */
};

/* Note that another stream begins. */
void red_receiver_begin(struct red_receiver *receiver);

/* Note a packet that came, with or without copies in it. */
void red_receiver_packet(struct red_receiver *receiver,
    const struct rtp *rtp);

/*
 * Is the copy, `age` blocks before the primary block of `rtp`, of a packet that
 * has not come? Then fill in `out` as if that packet came now. Nothing from
 * before the first packet of a stream is used.
 */
bool red_receiver_copy(struct red_receiver *receiver, const struct rtp *rtp,
    const struct red_block *copy, unsigned age, struct rtp *out);

#endif
