/*
 * rtpstats: what can be told of an RTP stream by who relays it and cannot read
 * it: packets, loss by gaps of the sequence numbers, and inter-arrival jitter
 * (RFC 3550 A.1, A.3, A.8), from the header, which SRTP leaves in the clear.
 * Everything else that shares the path (RTCP, DTLS, STUN) is passed over as
 * RFC 7983 and RFC 5761 tell it from RTP. Pure.
 *
 * Loss is as the sender's packets arrive here: what is lost on its way to the
 * receiver nobody can see but the receiver, whose reports are encrypted.
 *
 * Which clock a payload type has is said in descriptions that a relay does not
 * see. 48 kHz is taken for granted, Opus' clock whatever its bandwidth: for a
 * stream of another clock packets and loss are right and the jitter is not.
 * Arrival is when the batch was received, which under load may be later than
 * the packet by what the relay waits for a fuller one (relay.coalesce_us).
 */
#ifndef RP_SWITCHD_RTPSTATS_H
#define RP_SWITCHD_RTPSTATS_H

#include <stddef.h>
#include <stdint.h>

/* Sources (SSRC) kept apart: an old one and one that takes its place. */
#define RTPSTATS_SOURCES 2

struct rtpstats_source {
	uint32_t ssrc;
	uint32_t expected;	/* 0: nothing seen */
	uint32_t received;
	uint32_t transit;	/* of the last packet, in 1/48000 s */
	uint32_t jitter;	/* 16 times that */
	uint16_t highest;	/* sequence number */
	uint16_t restart;	/* what would confirm a jump; highest: none */
};

/*
 * Embedded in what sends: 64 bytes. Zeroed: nothing seen. One thread writes;
 * any may read with rtpstats_read.
 */
struct rtpstats {
	struct rtpstats_source source[RTPSTATS_SOURCES];
	uint64_t packets;	/* of all sources */
	uint32_t lost_before;	/* of those that had to give way */
	uint32_t latest;	/* who was heard last */
};

/*
 * A packet of any kind came at now_ns (monotonic). Returns by how many it made
 * those that should have come more: 1 for the next one, 1 and the gap behind a
 * gap, 0 for one that is late or comes twice. -1: it is no RTP, or the first
 * after a jump that a second one has to confirm.
 */
int rtpstats_see(struct rtpstats *stats, const uint8_t *packet, size_t len,
    uint64_t now_ns);

struct rtpstats_sums {
	uint64_t packets;
	uint64_t lost;		/* expected, and not come: never negative */
	uint32_t jitter_us;	/* of the source heard last */
};

void rtpstats_read(const struct rtpstats *stats, struct rtpstats_sums *out);

#endif
