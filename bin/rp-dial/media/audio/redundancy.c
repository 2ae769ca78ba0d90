/* redundancy: RED around Opus, and out of it. See redundancy.h. */
#include "media/audio/redundancy.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "media/audio/jitter.h"

void
redundancy_agree(struct redundancy *redundancy,
    const struct redundancy_types *types)
{
	redundancy->types = *types;
	redundancy->was_opus[types->own % REDUNDANCY_NUMBERS] = true;
	redundancy->was_opus[types->peer % REDUNDANCY_NUMBERS] = true;
}

size_t
redundancy_wrap(struct redundancy *redundancy,
    uint8_t payload[static REDUNDANCY_PAYLOAD],
    const uint8_t frame[static CODEC_PACKET], uint32_t timestamp,
    uint8_t *type)
{
	const struct redundancy_types *types = &redundancy->types;
	size_t len = types->peer_red == 0 ? 0 : red_sender_wrap(
	    &redundancy->out, payload, types->peer, timestamp, frame,
	    CODEC_PACKET);

	*type = len > 0 ? types->peer_red : types->peer;
	if (len > 0)
		return len;
	memcpy(payload, frame, CODEC_PACKET);
	return CODEC_PACKET;
}

static bool
is_opus(const struct redundancy *redundancy, uint8_t payload_type)
{
	return redundancy->was_opus[payload_type % REDUNDANCY_NUMBERS];
}

static bool
is_red(const struct redundancy_types *types, uint8_t payload_type)
{
	return payload_type != 0 && (payload_type == types->own_red ||
	    payload_type == types->peer_red);
}

ssize_t
redundancy_unwrap(const struct redundancy *redundancy, struct rtp *rtp,
    struct red_block blocks[static RED_BLOCKS_MAX])
{
	const struct redundancy_types *types = &redundancy->types;
	ssize_t n = 1;

	if (is_red(types, rtp->payload_type)) {
		n = red_parse(blocks, rtp->payload, rtp->payload_len);
		if (n < 0)
			return n;
		rtp->payload_type = blocks[n - 1].payload_type;
		rtp->payload = blocks[n - 1].data;
		rtp->payload_len = blocks[n - 1].len;
	}
	return is_opus(redundancy, rtp->payload_type) ? n : -EPROTONOSUPPORT;
}

void
redundancy_receive(struct redundancy *redundancy, const struct rtp *rtp,
    const struct red_block *blocks, unsigned n, struct jitter *jitter,
    uint64_t now_ns)
{
	struct rtp lost;
	unsigned age;

	red_receiver_packet(&redundancy->in, rtp);
	if (n > 1)
		jitter_repeats(jitter);
	for (age = 1; age < n; age++) {
		const struct red_block *copy = &blocks[n - 1 - age];

		if (is_opus(redundancy, copy->payload_type) &&
		    codec_span(copy->data, copy->len) > 0 &&
		    red_receiver_copy(&redundancy->in, rtp, copy, age, &lost))
			jitter_put(jitter, &lost, now_ns);
	}
}
