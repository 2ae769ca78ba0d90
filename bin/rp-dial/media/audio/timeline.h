/*
 * timeline: RTP's timestamps as times that neither wrap nor leap. A timestamp
 * that goes back, or runs ahead of the clock, although the sequence numbers go
 * on is another beginning of the peer's clock: the packet then has its time by
 * when it came. Times are in samples. Pure.
 */
#ifndef RP_DIAL_TIMELINE_H
#define RP_DIAL_TIMELINE_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/rtp.h"

/* Embedded; zeroed at first. The packet of the highest sequence number: */
struct timeline {
	bool any;
	uint32_t timestamp;
	uint16_t sequence;
	uint64_t seen;		/* bit n: the packet n before it has come */
	int64_t time, span, came;
};

/*
 * The time of a packet of span samples that came now; fastest is the least
 * transit of late, as arrivals_base has it. False: it has come before, or
 * contradicts itself.
 */
bool timeline_place(struct timeline *timeline, const struct rtp *rtp,
    int64_t span, int64_t now, int64_t fastest, int64_t *time);

/* Where the newest packet's sound ends. */
int64_t timeline_end(const struct timeline *timeline);

#endif
