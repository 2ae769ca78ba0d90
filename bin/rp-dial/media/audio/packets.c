/*
 * packets: packets in the order of their time until they are decoded. Pure;
 * called by jitter. See packets.h.
 */
#include "media/audio/packets.h"

#include <errno.h>
#include <string.h>

void
packets_clear(struct packets *packets)
{
	unsigned i;

	packets->n = 0;
	for (i = 0; i < PACKETS_MAX; i++)
		packets->order[i] = (uint16_t)i;
}

int
packets_insert(struct packets *packets, int64_t time, int64_t span,
    const uint8_t *payload, size_t len)
{
	uint16_t *order = packets->order;
	unsigned at = packets->n;
	struct packet *packet;
	uint16_t slot;

	if (packets->n == PACKETS_MAX || len > CODEC_PACKET_MAX)
		return -ENOBUFS;
	while (at > 0 && packets->slots[order[at - 1]].time > time)
		at--;
	if (at > 0 && packets->slots[order[at - 1]].time == time)
		return -EEXIST;
	slot = order[packets->n];
	memmove(order + at + 1, order + at,
	    (packets->n - at) * sizeof(*order));
	order[at] = slot;
	packets->n++;
	packet = &packets->slots[slot];
	packet->time = time;
	packet->span = span;
	packet->len = len;
	memcpy(packet->payload, payload, len);
	return 0;
}

const struct packet *
packets_first(const struct packets *packets)
{
	return packets->n == 0 ? NULL : &packets->slots[packets->order[0]];
}

void
packets_drop_first(struct packets *packets)
{
	uint16_t slot = packets->order[0];

	packets->n--;
	memmove(packets->order, packets->order + 1,
	    packets->n * sizeof(packets->order[0]));
	packets->order[packets->n] = slot;
}
