/*
 * red_receiver: compare the copies of earlier packets with what came. Pure. See
 * red_receiver.h.
 */
#include "media/rtp/red_receiver.h"

#define KEPT RED_RECEIVER_KEPT

void
red_receiver_begin(struct red_receiver *receiver)
{
	receiver->any = false;
	receiver->came = receiver->copied = 0;
}

static void
go_on(struct red_receiver *receiver, uint16_t sequence)
{
	uint16_t ahead = (uint16_t)(sequence - receiver->newest);

	receiver->came = ahead < KEPT ? receiver->came << ahead : 0;
	receiver->copied = ahead < KEPT ? receiver->copied << ahead : 0;
	receiver->newest = sequence;
}

void
red_receiver_packet(struct red_receiver *receiver, const struct rtp *rtp)
{
	uint16_t behind;
	uint64_t bit;

	if (!receiver->any || (int16_t)(rtp->sequence - receiver->newest) > 0)
		go_on(receiver, rtp->sequence);
	receiver->any = true;
	behind = (uint16_t)(receiver->newest - rtp->sequence);
	if (behind >= KEPT)
		return;
	bit = 1ULL << behind;
	if (receiver->copied & bit)
		receiver->recovered--;	/* it was late, and not lost */
	receiver->copied &= ~bit;
	receiver->came |= bit;
	receiver->timestamps[rtp->sequence % KEPT] = rtp->timestamp;
}

/* Is it of a packet that has not come, and later than one that has? */
static bool
is_missing(const struct red_receiver *receiver, uint32_t timestamp)
{
	bool later = false;
	unsigned i;

	for (i = 0; i < KEPT; i++) {
		uint16_t sequence = (uint16_t)(receiver->newest - i);
		int32_t step = (int32_t)(timestamp -
		    receiver->timestamps[sequence % KEPT]);

		if (!(receiver->came >> i & 1))
			continue;
		if (step == 0)
			return false;
		later |= step > 0;
	}
	return later;
}

bool
red_receiver_copy(struct red_receiver *receiver, const struct rtp *rtp,
    const struct red_block *copy, unsigned age, struct rtp *out)
{
	uint32_t timestamp = rtp->timestamp - copy->offset;
	uint16_t sequence = (uint16_t)(rtp->sequence - age), behind;

	if (copy->len == 0 || !is_missing(receiver, timestamp))
		return false;
	/* Copies of some packets may have been left out. */
	behind = (uint16_t)(receiver->newest - sequence);
	while (behind < KEPT && receiver->came >> behind & 1)
		behind++;
	if (behind >= KEPT)
		return false;
	sequence = (uint16_t)(receiver->newest - behind);
	receiver->came |= 1ULL << behind;
	receiver->copied |= 1ULL << behind;
	receiver->timestamps[sequence % KEPT] = timestamp;
	receiver->recovered++;
	*out = *rtp;
	out->marker = false;
	out->sequence = sequence;
	out->timestamp = timestamp;
	out->payload_type = copy->payload_type;
	out->payload = copy->data;
	out->payload_len = copy->len;
	return true;
}
