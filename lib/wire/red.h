/*
 * red: the payload of redundant audio (RFC 2198), read and written. A packet
 * has its own sound, the primary block, and copies of sound that earlier
 * packets had. Pure.
 */
#ifndef RP_WIRE_RED_H
#define RP_WIRE_RED_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define RED_BLOCKS_MAX 32	/* with the primary, as libwebrtc takes */
#define RED_OFFSET_MAX 0x3fff	/* samples; the field has 14 bits */
#define RED_COPY_MAX 0x3ff	/* bytes; the field has 10 bits */
#define RED_COPY_HEADER 4	/* bytes before a packet's data, per copy */
#define RED_PRIMARY_HEADER 1

struct red_block {
	uint8_t payload_type;
	uint16_t offset;	/* samples before the packet's; primary: 0 */
	const uint8_t *data;	/* when parsed: points into the payload */
	size_t len;
};

/*
 * Parse the payload of an RTP packet. Return the number of blocks, at least 1.
 * They stand in their order, the primary one last. After an error the content
 * of `blocks` is undefined.
 *
 *  -EBADMSG  a header or a block is cut off, or there are too many
 */
ssize_t red_parse(struct red_block blocks[static RED_BLOCKS_MAX],
    const uint8_t *payload, size_t len);

/*
 * Write a payload of `n` blocks, the primary one last. Return its length or:
 *
 *  -EINVAL    there is no block, or a value exceeds its field
 *  -EMSGSIZE  `max` is too small
 */
ssize_t red_write(uint8_t *out, size_t max, const struct red_block *blocks,
    size_t n);

#endif
