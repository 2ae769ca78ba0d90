/*
 * rtpsee: follow sequence numbers and timestamps of a stream, as RFC 3550
 * appendix A does. rtpstats.c includes it, and so does the relay's program in
 * the kernel, so that both count alike. Each function is a step that has no
 * loop.
 */
#ifndef RP_SWITCHD_RTPSEE_H
#define RP_SWITCHD_RTPSEE_H

#include <stdbool.h>
#include <stdint.h>

#include "table/rtpstats.h"

#define RTPSEE_RATE 48000
#define RTPSEE_HEADER 12

/* RFC 3550 A.1: the longest gap, and the latest late packet. */
#define RTPSEE_MAX_DROPOUT 3000
#define RTPSEE_MAX_MISORDER 100

/* The largest counter of one source, in case a peer jumps. */
#define RTPSEE_EXPECTED_MAX (1u << 30)

/* Others read while one writes. The BPF compiler has no atomic stores. */
#ifdef __bpf__
#define RTPSEE_GET(from) (*(const volatile uint32_t *)(from))
#define RTPSEE_SET(to, value) (*(volatile uint32_t *)(to) = (value))
/* The kernel's verifier wants the pointer that was checked, and no other. */
#define RTPSEE_KEEP(pointer) __asm__ volatile ("" : "+r" (pointer))
#else
#define RTPSEE_KEEP(pointer) (void)(pointer)
#define RTPSEE_GET(from) __atomic_load_n(from, __ATOMIC_RELAXED)
#define RTPSEE_SET(to, value) __atomic_store_n(to, value, __ATOMIC_RELAXED)
#endif

/* The part of an RTP header that is counted by. */
struct rtpsee {
	uint32_t ssrc, timestamp;
	uint16_t sequence;
};

/*
 * Read the header of a packet of `len` bytes, of which those before `end` can be
 * read. Return false if it is not RTP (RFC 7983, RFC 5761), or truncated.
 */
static inline bool
rtpsee_header(struct rtpsee *out, const uint8_t *packet, uint32_t len,
    const void *end)
{
	uint32_t header = RTPSEE_HEADER;
	const uint8_t *extension;

	if (len < header || (const void *)(packet + header) > end ||
	    packet[0] >> 6 != 2 || (packet[1] >= 192 && packet[1] <= 223))
		return false;
	header += (packet[0] & 0x0fu) * 4;
	if (packet[0] & 0x10) {
		extension = packet + header;
		RTPSEE_KEEP(extension);
		header += 4;
		if (header > len || (const void *)(extension + 4) > end)
			return false;
		header += (uint32_t)(extension[2] << 8 | extension[3]) * 4;
	}
	if (header > len)
		return false;
	out->sequence = (uint16_t)(packet[2] << 8 | packet[3]);
	out->timestamp = (uint32_t)packet[4] << 24 | packet[5] << 16 |
	    packet[6] << 8 | packet[7];
	out->ssrc = (uint32_t)packet[8] << 24 | packet[9] << 16 |
	    packet[10] << 8 | packet[11];
	return true;
}

static inline uint32_t
rtpsee_lost(const struct rtpstats_source *source)
{
	uint32_t received = RTPSEE_GET(&source->received);
	uint32_t expected = RTPSEE_GET(&source->expected);

	return expected > received ? expected - received : 0;
}

/* Begin a stream, which replaces the previous source. */
static inline void
rtpsee_begin(struct rtpstats *stats, struct rtpstats_source *source,
    const struct rtpsee *rtp)
{
	uint32_t before = stats->lost_before, more = rtpsee_lost(source);

	RTPSEE_SET(&stats->lost_before, more > UINT32_MAX - before ?
	    UINT32_MAX : before + more);
	source->ssrc = rtp->ssrc;
	source->highest = source->restart = rtp->sequence;
	RTPSEE_SET(&source->expected, 1);
	RTPSEE_SET(&source->received, 0);
	RTPSEE_SET(&source->jitter, 0);
}

/*
 * Update the jitter (A.8): it moves by a sixteenth of the change of the transit
 * time.
 */
static inline void
rtpsee_time(struct rtpstats_source *source, const struct rtpsee *rtp,
    uint64_t now_ns)
{
	uint32_t arrival = (uint32_t)(now_ns * (RTPSEE_RATE / 1000) / 1000000);
	uint32_t transit = arrival - rtp->timestamp;
	uint32_t change = transit - source->transit;

	source->transit = transit;
	if (source->received == 0)
		return;
	if (change >= 1u << 31)
		change = -change;
	RTPSEE_SET(&source->jitter, source->jitter + change -
	    ((source->jitter + 8) >> 4));
}

/* Do A.1's update_seq. Return what it adds to the expected packets, or -1. */
static inline int
rtpsee_follow(struct rtpstats *stats, struct rtpstats_source *source,
    const struct rtpsee *rtp)
{
	uint16_t ahead = (uint16_t)(rtp->sequence - source->highest);

	if (ahead < RTPSEE_MAX_DROPOUT) {
		source->highest = source->restart = rtp->sequence;
		RTPSEE_SET(&source->expected, source->expected + ahead);
		return ahead;
	}
	if (ahead > 0x10000 - RTPSEE_MAX_MISORDER)
		return 0;
	if (rtp->sequence != source->restart) {
		source->restart = (uint16_t)(rtp->sequence + 1);
		return -1;
	}
	rtpsee_begin(stats, source, rtp);
	return 1;
}

/* Find the source of a packet; a new one replaces another. */
static inline struct rtpstats_source *
rtpsee_source(struct rtpstats *stats, uint32_t ssrc, bool *known)
{
	struct rtpstats_source *source = &stats->source[stats->latest & 1];

	*known = source->expected > 0 && source->ssrc == ssrc;
	if (*known)
		return source;
	RTPSEE_SET(&stats->latest, (stats->latest & 1) ^ 1);
	source = &stats->source[stats->latest & 1];
	*known = source->expected > 0 && source->ssrc == ssrc;
	return source;
}

/* Record a packet that is RTP; as rtpstats_see. */
static inline int
rtpsee(struct rtpstats *stats, const struct rtpsee *rtp, uint64_t now_ns)
{
	struct rtpstats_source *source;
	bool known;
	int more = 1;

	source = rtpsee_source(stats, rtp->ssrc, &known);
	if (!known || source->expected >= RTPSEE_EXPECTED_MAX)
		rtpsee_begin(stats, source, rtp);
	else
		more = rtpsee_follow(stats, source, rtp);
	if (more < 0)
		return more;
	rtpsee_time(source, rtp, now_ns);
	RTPSEE_SET(&source->received, source->received + 1);
#ifdef __bpf__
	*(volatile uint64_t *)&stats->packets = stats->packets + 1;
#else
	__atomic_store_n(&stats->packets, stats->packets + 1,
	    __ATOMIC_RELAXED);
#endif
	return more;
}

#endif
