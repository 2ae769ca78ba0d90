/*
 * callstats: the media statistics of a call, by party. Each party's are the sum
 * over its allocations, including those that are gone. The other party receives
 * what one sends, less the loss after the switch. Pure.
 */
#ifndef RP_SWITCHD_CALLSTATS_H
#define RP_SWITCHD_CALLSTATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "table/flow.h"
#include "table/rtpstats.h"
#include "wire/turncred.h"

/* The caller and each device. The last one has the sum of any others. */
#define CALLSTATS_PARTIES 17	/* the caller and CALL_DEVICES */

enum callstats_via {
	CALLSTATS_UDP,
	CALLSTATS_TCP,
	CALLSTATS_TLS
};

struct callstats_party {
	char name[TURNCRED_PARTY];	/* "a", "b0", ... */
	unsigned allocations;		/* held now */
	enum callstats_via via;		/* how it last sent */
	bool ipv6;			/* likewise */
	uint64_t packets, bytes;	/* from the party, relayed */
	uint64_t dropped;		/* from the party, not relayed */
	struct rtpstats_sums rtp;	/* of what it sent */
	uint64_t media_ns;		/* its first RTP relayed; 0: none */
	uint64_t last_ns;		/* when it last sent; 0: never */
};

/* The parties, in no order. All zero means none. */
struct callstats {
	size_t n;
	struct callstats_party party[CALLSTATS_PARTIES];
};

/* Add `part` to the sums of a party of that name. */
void callstats_merge(struct callstats_party *sum,
    const struct callstats_party *part);

/* Add `part` to the call's party of that name. */
void callstats_add(struct callstats *stats,
    const struct callstats_party *part);

/* Find a party. NULL if there is none of that name. */
const struct callstats_party *callstats_find(const struct callstats *stats,
    const char *name);

/*
 * Return the loss in percent of the RTP packets that were expected; 0 if none
 * were.
 */
double callstats_loss_pct(const struct callstats_party *party);

const char *callstats_via_text(enum callstats_via via);

#endif
