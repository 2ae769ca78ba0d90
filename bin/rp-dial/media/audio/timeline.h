/*
 * timeline: convert RTP's timestamps to times that neither wrap nor leap. The
 * peer's clock restarts if a timestamp goes back, or runs ahead of the clock,
 * while the sequence numbers continue. The packet then gets its time from its
 * arrival. Times are in samples. Pure.
 */
#ifndef RP_DIAL_TIMELINE_H
#define RP_DIAL_TIMELINE_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/rtp.h"

/*
 * Embedded; zeroed at first. It holds the packet of the highest sequence
 * number.
 */
struct timeline {
	bool any;
	uint32_t timestamp;
	uint16_t sequence;
	uint64_t seen;		/* bit n: the packet n before it has come */
	int64_t time, span, came;
};

/*
 * Compute the time of a packet of `span` samples that came now. `fastest` is
 * the least recent transit, as arrivals_base returns it. Return false if the
 * packet is a duplicate or contradicts itself.
 */
bool timeline_place(struct timeline *timeline, const struct rtp *rtp,
    int64_t span, int64_t now, int64_t fastest, int64_t *time);

/* Return the end of the newest packet's audio. */
int64_t timeline_end(const struct timeline *timeline);

#endif
