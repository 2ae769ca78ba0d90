/*
 * rtpstats: follow sequence numbers and timestamps of a stream, as RFC 3550
 * appendix A does. Pure. See rtpstats.h.
 */
#include "table/rtpstats.h"

#include <stdbool.h>
#include <string.h>

#include "wire/rtp.h"

#define RATE 48000

/* RFC 3550 A.1: the longest gap, and the latest late packet. */
#define MAX_DROPOUT 3000
#define MAX_MISORDER 100

/* The largest counter of one source, in case a peer jumps. */
#define EXPECTED_MAX (1u << 30)

/* Write a value while others read. */
static void
set(uint32_t *to, uint32_t value)
{
	__atomic_store_n(to, value, __ATOMIC_RELAXED);
}

static uint32_t
get(const uint32_t *from)
{
	return __atomic_load_n(from, __ATOMIC_RELAXED);
}

static uint32_t
lost(const struct rtpstats_source *source)
{
	uint32_t received = get(&source->received);
	uint32_t expected = get(&source->expected);

	return expected > received ? expected - received : 0;
}

/* Begin a stream, which replaces the previous source. */
static void
begin_source(struct rtpstats *stats, struct rtpstats_source *source,
    const struct rtp *rtp)
{
	uint32_t before = stats->lost_before, more = lost(source);

	set(&stats->lost_before, more > UINT32_MAX - before ? UINT32_MAX :
	    before + more);
	source->ssrc = rtp->ssrc;
	source->highest = source->restart = rtp->sequence;
	set(&source->expected, 1);
	set(&source->received, 0);
	set(&source->jitter, 0);
}

/*
 * Update the jitter (A.8): it moves by a sixteenth of the change of the transit
 * time.
 */
static void
time_it(struct rtpstats_source *source, const struct rtp *rtp,
    uint64_t now_ns)
{
	uint32_t arrival = (uint32_t)(now_ns * (RATE / 1000) / 1000000);
	uint32_t transit = arrival - rtp->timestamp;
	uint32_t change = transit - source->transit;

	source->transit = transit;
	if (source->received == 0)
		return;
	if (change >= 1u << 31)
		change = -change;
	set(&source->jitter, source->jitter + change -
	    ((source->jitter + 8) >> 4));
}

/* Do A.1's update_seq. Return what it adds to the expected packets, or -1. */
static int
follow(struct rtpstats *stats, struct rtpstats_source *source,
    const struct rtp *rtp)
{
	uint16_t ahead = (uint16_t)(rtp->sequence - source->highest);

	if (ahead < MAX_DROPOUT) {
		source->highest = source->restart = rtp->sequence;
		set(&source->expected, source->expected + ahead);
		return ahead;
	}
	if (ahead > 0x10000 - MAX_MISORDER)
		return 0;
	if (rtp->sequence != source->restart) {
		source->restart = (uint16_t)(rtp->sequence + 1);
		return -1;
	}
	begin_source(stats, source, rtp);
	return 1;
}

/* Find the source of a packet; a new one replaces another. */
static struct rtpstats_source *
find_source(struct rtpstats *stats, uint32_t ssrc, bool *known)
{
	struct rtpstats_source *source = &stats->source[stats->latest];

	*known = source->expected > 0 && source->ssrc == ssrc;
	if (*known)
		return source;
	set(&stats->latest, stats->latest ^ 1);
	source = &stats->source[stats->latest];
	*known = source->expected > 0 && source->ssrc == ssrc;
	return source;
}

int
rtpstats_see(struct rtpstats *stats, const uint8_t *packet, size_t len,
    uint64_t now_ns)
{
	struct rtpstats_source *source;
	struct rtp rtp;
	bool known;
	int more = 1;

	if (!rtp_is(packet, len) || rtcp_is(packet, len) ||
	    rtp_header(&rtp, packet, len) < 0)
		return -1;
	source = find_source(stats, rtp.ssrc, &known);
	if (!known || source->expected >= EXPECTED_MAX)
		begin_source(stats, source, &rtp);
	else
		more = follow(stats, source, &rtp);
	if (more < 0)
		return more;
	time_it(source, &rtp, now_ns);
	set(&source->received, source->received + 1);
	__atomic_store_n(&stats->packets, stats->packets + 1,
	    __ATOMIC_RELAXED);
	return more;
}

void
rtpstats_read(const struct rtpstats *stats, struct rtpstats_sums *out)
{
	uint64_t jitter =
	    get(&stats->source[get(&stats->latest) & 1].jitter);
	size_t i;

	*out = (struct rtpstats_sums){
		.packets = __atomic_load_n(&stats->packets,
		    __ATOMIC_RELAXED),
		.lost = get(&stats->lost_before),
		.jitter_us = (uint32_t)(jitter * 1000000 / RATE / 16)
	};
	for (i = 0; i < RTPSTATS_SOURCES; i++)
		out->lost += lost(&stats->source[i]);
}
