/* rtpstats: the statistics of a stream, written and read. See rtpstats.h. */
#include "table/rtpstats.h"

#include "table/rtpsee.h"

int
rtpstats_see(struct rtpstats *stats, const uint8_t *packet, size_t len,
    uint64_t now_ns)
{
	struct rtpsee rtp;

	if (len > UINT32_MAX ||
	    !rtpsee_header(&rtp, packet, (uint32_t)len, packet + len))
		return -1;
	return rtpsee(stats, &rtp, now_ns);
}

void
rtpstats_read(const struct rtpstats *stats, struct rtpstats_sums *out)
{
	uint64_t jitter = RTPSEE_GET(
	    &stats->source[RTPSEE_GET(&stats->latest) & 1].jitter);
	size_t i;

	*out = (struct rtpstats_sums){
		.packets = __atomic_load_n(&stats->packets,
		    __ATOMIC_RELAXED),
		.lost = RTPSEE_GET(&stats->lost_before),
		.jitter_us = (uint32_t)(jitter * 1000000 / RTPSEE_RATE / 16)
	};
	for (i = 0; i < RTPSTATS_SOURCES; i++)
		out->lost += rtpsee_lost(&stats->source[i]);
}
