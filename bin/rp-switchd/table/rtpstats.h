/*
 * rtpstats: statistics of an RTP stream that a relay can collect without
 * reading the media. They are packets, loss by gaps of the sequence numbers,
 * and inter-arrival jitter (RFC 3550 A.1, A.3, A.8). All come from the header,
 * which SRTP leaves in the clear. Other packets on the same path (RTCP, DTLS,
 * STUN) are recognised by RFC 7983 and RFC 5761 and skipped. Pure.
 *
 * Loss is measured where the sender's packets arrive here. Loss on the way to
 * the receiver is known only to the receiver, whose reports are encrypted.
 *
 * The clock of a payload type is in descriptions that a relay does not see. 48
 * kHz is assumed, which is Opus' clock whatever its bandwidth. For a stream
 * with another clock, packets and loss are right but the jitter is not. The
 * arrival time is when the batch was received. Under load that may be later
 * than the packet, by the wait for a fuller batch (relay.coalesce_us).
 */
#ifndef RP_SWITCHD_RTPSTATS_H
#define RP_SWITCHD_RTPSTATS_H

#include <stddef.h>
#include <stdint.h>

/*
 * Sources (SSRC) that are distinguished: an old one, and one that replaces it.
 */
#define RTPSTATS_SOURCES 2

struct rtpstats_source {
	uint32_t ssrc;
	uint32_t expected;	/* 0: nothing seen */
	uint32_t received;
	uint32_t transit;	/* of the last packet, in 1/48000 s */
	uint32_t jitter;	/* 16 times the jitter in 1/48000 s */
	uint16_t highest;	/* sequence number */
	uint16_t restart;	/* confirms a jump; highest: none pending */
};

/*
 * Embedded in the sender, 64 bytes. All zero means nothing seen. One thread
 * writes; any thread may read with rtpstats_read.
 */
struct rtpstats {
	struct rtpstats_source source[RTPSTATS_SOURCES];
	uint64_t packets;	/* of all sources */
	uint32_t lost_before;	/* of sources that were replaced */
	uint32_t latest;	/* which source was heard last */
};

/*
 * Record a packet of any kind that came at `now_ns` (monotonic). Return by how
 * many it increases the number of expected packets: 1 for the next one, 1 plus
 * the gap after a gap, 0 for a late one or a duplicate. Return -1 if it is not
 * RTP, or if it is the first after a jump, which a second one has to confirm.
 */
int rtpstats_see(struct rtpstats *stats, const uint8_t *packet, size_t len,
    uint64_t now_ns);

struct rtpstats_sums {
	uint64_t packets;
	uint64_t lost;		/* expected but not received; never negative */
	uint32_t jitter_us;	/* of the source heard last */
};

void rtpstats_read(const struct rtpstats *stats, struct rtpstats_sums *out);

#endif
