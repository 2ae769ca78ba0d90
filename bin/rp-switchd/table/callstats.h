/*
 * callstats: a call's media in numbers, by party: each is the sum of what its
 * allocations did, those that are gone by now included. What one party sends
 * is what the other gets, but for what is lost behind the switch. Pure.
 */
#ifndef RP_SWITCHD_CALLSTATS_H
#define RP_SWITCHD_CALLSTATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "table/rtpstats.h"
#include "wire/turncred.h"

/* The caller and each device; of more the last one has the sum. */
#define CALLSTATS_PARTIES 17

enum callstats_via {
	CALLSTATS_UDP,
	CALLSTATS_TCP,
	CALLSTATS_TLS
};

struct callstats_party {
	char name[TURNCRED_PARTY];	/* "a", "b0", ... */
	unsigned allocations;		/* held now */
	enum callstats_via via;		/* how it sent last */
	bool ipv6;			/* the same */
	uint64_t packets, bytes;	/* that it sent, and were relayed */
	uint64_t dropped;		/* that it sent, and were not */
	struct rtpstats_sums rtp;	/* in what it sent */
	uint64_t last_ns;		/* when it sent last; 0: never */
};

/* Zeroed: nothing. In no order. */
struct callstats {
	size_t n;
	struct callstats_party party[CALLSTATS_PARTIES];
};

/* Add part to the numbers of a party of that name. */
void callstats_merge(struct callstats_party *sum,
    const struct callstats_party *part);

/* The same for a call: to the party of part's name. */
void callstats_add(struct callstats *stats,
    const struct callstats_party *part);

/* NULL if nothing is known of it. */
const struct callstats_party *callstats_find(const struct callstats *stats,
    const char *name);

/* In percent of the RTP packets that should have come; 0 if none should. */
double callstats_loss_pct(const struct callstats_party *party);

const char *callstats_via_text(enum callstats_via via);

#endif
