/*
 * arrivals: how evenly packets come. The transit of a packet is the time of
 * its arrival minus its time in the stream; only differences of transits mean
 * anything. The last seconds are kept in slots of a fifth of a second, each
 * with its fastest and its slowest packet. Times are in samples. Pure.
 */
#ifndef RP_DIAL_ARRIVALS_H
#define RP_DIAL_ARRIVALS_H

#include <stdint.h>

#define ARRIVALS_SLOTS 20	/* 4 s: jitter that ended is soon forgotten */

/* Embedded; zeroed at first. */
struct arrivals {
	struct {
		int64_t fastest, slowest;
	} slots[ARRIVALS_SLOTS];
	unsigned n;		/* slots in use */
	unsigned newest;
	int64_t began;		/* the newest slot's number, since zero */
};

/* A packet came now, after transit. Time must not go back. */
void arrivals_add(struct arrivals *arrivals, int64_t transit, int64_t now);

/* The transit of the fastest packet of late; 0 if none has come. */
int64_t arrivals_base(const struct arrivals *arrivals);

/*
 * How much slower than that the slow ones usually are: the slowest packets of
 * the two worst slots do not count. One stall, after which a lump of packets
 * comes, is therefore no reason for more delay; a third one within the 4 s is.
 */
int64_t arrivals_spread(const struct arrivals *arrivals);

#endif
