/*
 * packets: those that wait to be decoded, in the order of their time. There
 * is room for PACKETS_MAX of them, and no allocation.
 */
#ifndef RP_DIAL_PACKETS_H
#define RP_DIAL_PACKETS_H

#include <stddef.h>
#include <stdint.h>

#include "codec.h"

#define PACKETS_MAX 512	/* 5 s in packets of 10 ms */

struct packet {
	int64_t time;			/* of its first sample */
	int64_t span;			/* samples */
	size_t len;
	uint8_t payload[CODEC_PACKET_MAX];
};

/* Embedded; made by packets_clear. */
struct packets {
	unsigned n;
	uint16_t order[PACKETS_MAX];	/* slots in use, then free ones */
	struct packet slots[PACKETS_MAX];
};

void packets_clear(struct packets *packets);

/*
 * A copy of the payload is kept. -EEXIST: one of that time is there; -ENOBUFS.
 */
int packets_insert(struct packets *packets, int64_t time, int64_t span,
    const uint8_t *payload, size_t len);

/* NULL: none. Good until the next change. */
const struct packet *packets_first(const struct packets *packets);

/* There must be one. */
void packets_drop_first(struct packets *packets);

#endif
