/*
 * earlycount: count the pushes of calls by whether they let the device begin
 * before it has connected (`early` in rp-push(7)), and by why not.
 */
#ifndef RP_SWITCHD_EARLYCOUNT_H
#define RP_SWITCHD_EARLYCOUNT_H

#include <stdint.h>

struct metrics;

/* Why something is missing. */
enum earlycount_why {
	EARLYCOUNT_OFF,			/* push.early is false */
	EARLYCOUNT_LATE,		/* the offer comes later than INITIATE */
	EARLYCOUNT_PLAIN,		/* the payload is not encrypted */
	EARLYCOUNT_SIZE,		/* it does not fit */
	EARLYCOUNT_N
};

struct earlycount {
	uint64_t *with, *no_addresses, *no_offer, *lines;
	uint64_t *without[EARLYCOUNT_N];
};

void earlycount_init(struct earlycount *count, struct metrics *metrics);

/*
 * Count a push that lacks the parts in `missing` (enum pushearly_missing). If
 * that is all, `why` says why.
 */
void earlycount_note(struct earlycount *count, unsigned missing,
    enum earlycount_why why);

#endif
