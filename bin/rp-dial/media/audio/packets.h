/*
 * packets: a queue of packets to decode, in the order of their time. It holds
 * PACKETS_MAX packets and never allocates.
 */
#ifndef RP_DIAL_PACKETS_H
#define RP_DIAL_PACKETS_H

#include <stddef.h>
#include <stdint.h>

#include "media/audio/codec.h"

#define PACKETS_MAX 512	/* 5 s in packets of 10 ms */

struct packet {
	int64_t time;			/* of its first sample */
	int64_t span;			/* samples */
	size_t len;
	uint8_t payload[CODEC_PACKET_MAX];
};

/* Embedded; initialised by packets_clear. */
struct packets {
	unsigned n;
	uint16_t order[PACKETS_MAX];	/* slots in use, then free ones */
	struct packet slots[PACKETS_MAX];
};

void packets_clear(struct packets *packets);

/*
 * Add a packet with a copy of the payload.
 *
 *  -EEXIST   there is a packet of that time
 *  -ENOBUFS  the queue is full
 */
int packets_insert(struct packets *packets, int64_t time, int64_t span,
    const uint8_t *payload, size_t len);

/*
 * Return the first packet, valid until the next change; NULL if there is none.
 */
const struct packet *packets_first(const struct packets *packets);

/* Remove the first packet, which must exist. */
void packets_drop_first(struct packets *packets);

#endif
