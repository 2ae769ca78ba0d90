/*
 * arrivals: measure how evenly packets come. The transit of a packet is the
 * time of its arrival minus its time in the stream; only differences between
 * transits mean anything. The last seconds are kept in slots of a fifth of a
 * second, each with its fastest and its slowest packet. Times are in samples.
 * Pure.
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

/* Add a packet that came now, after `transit`. Time must not go back. */
void arrivals_add(struct arrivals *arrivals, int64_t transit, int64_t now);

/* Return the transit of the fastest recent packet; 0 if none has come. */
int64_t arrivals_base(const struct arrivals *arrivals);

/*
 * Return how much slower than that the slow packets usually are. The slowest
 * packets of the two worst slots do not count. One stall, after which a lump of
 * packets comes, therefore adds no delay; a third one within the 4 s does.
 */
int64_t arrivals_spread(const struct arrivals *arrivals);

#endif
