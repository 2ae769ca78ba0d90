/*
 * pushearly: the member `early` of a payload, rp-push(7): what a device that is
 * woken for a call may begin with before it has connected. Pure.
 */
#ifndef RP_WIRE_PUSHEARLY_H
#define RP_WIRE_PUSHEARLY_H

#include <stddef.h>

#include <jansson.h>

#include "wire/addr.h"

struct pushearly {
	const char *offer;		/* the caller's */
	size_t offer_len;
	json_t *ice_servers;		/* array */
	char relayed[ADDR_TEXT];	/* "": it cannot be told beforehand */
	json_t *addresses;		/* array of the switch's own */
};

/* The parts that a payload lacks, and why; as bits. */
enum pushearly_missing {
	PUSHEARLY_ADDRESSES = 1,	/* they do not fit */
	PUSHEARLY_OFFER = 2,		/* likewise */
	PUSHEARLY_LINES = 4,	/* the offer, which has other ends of lines */
	PUSHEARLY_ALL = 8		/* there is no member `early` */
};

/*
 * Add the member to a payload that may have `room` bytes as JSON without
 * spaces. Parts that do not fit are left out, and the member says so: the
 * addresses, or the offer, or both, or all. `*missing` becomes these parts.
 * Return -ENOMEM, also if the offer is not UTF-8.
 */
int pushearly_add(json_t *payload, const struct pushearly *early, size_t room,
    unsigned *missing);

/* Release the arrays, which may be NULL. */
void pushearly_clear(struct pushearly *early);

#endif
