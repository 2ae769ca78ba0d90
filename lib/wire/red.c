/* red: read and write the blocks of RFC 2198. Pure. See red.h. */
#include "wire/red.h"

#include <errno.h>
#include <string.h>

#include "wire/bytes.h"

#define FOLLOWED 0x80u		/* another header comes behind this one */
#define TYPE 0x7fu
#define COPY_BITS 10		/* of a copy's length */

/*
 * Read the headers. Return how many bytes they take, or 0 if they are cut off
 * or too many.
 */
static size_t
read_headers(struct red_block *blocks, size_t *n, const uint8_t *p, size_t len)
{
	size_t at = 0, i = 0;

	while (at < len && p[at] & FOLLOWED) {
		uint32_t header;

		if (len - at < RED_COPY_HEADER || i == RED_BLOCKS_MAX - 1)
			return 0;
		header = bytes_get32(p + at);
		blocks[i++] = (struct red_block) {
			.payload_type = p[at] & TYPE,
			.offset = header >> COPY_BITS & RED_OFFSET_MAX,
			.len = header & RED_COPY_MAX
		};
		at += RED_COPY_HEADER;
	}
	if (at == len)
		return 0;
	blocks[i++] = (struct red_block) { .payload_type = p[at] };
	*n = i;
	return at + RED_PRIMARY_HEADER;
}

ssize_t
red_parse(struct red_block blocks[static RED_BLOCKS_MAX],
    const uint8_t *payload, size_t len)
{
	size_t n, i, at = read_headers(blocks, &n, payload, len);

	if (at == 0)
		return -EBADMSG;
	for (i = 0; i < n - 1; i++) {
		if (blocks[i].len > len - at)
			return -EBADMSG;
		blocks[i].data = payload + at;
		at += blocks[i].len;
	}
	blocks[i].data = payload + at;
	blocks[i].len = len - at;
	return (ssize_t)n;
}

static int
write_header(uint8_t *out, const struct red_block *copy)
{
	if (copy->payload_type > TYPE || copy->offset > RED_OFFSET_MAX ||
	    copy->len > RED_COPY_MAX)
		return -EINVAL;
	bytes_put32(out, (FOLLOWED | copy->payload_type) << 24 |
	    (uint32_t)copy->offset << COPY_BITS | (uint32_t)copy->len);
	return 0;
}

static size_t
total_len(const struct red_block *blocks, size_t n)
{
	size_t i, len = (n - 1) * RED_COPY_HEADER + RED_PRIMARY_HEADER;

	for (i = 0; i < n; i++)
		len += blocks[i].len;
	return len;
}

ssize_t
red_write(uint8_t *out, size_t max, const struct red_block *blocks, size_t n)
{
	uint8_t *p = out;
	size_t i;

	if (n == 0 || n > RED_BLOCKS_MAX || blocks[n - 1].payload_type > TYPE)
		return -EINVAL;
	if (total_len(blocks, n) > max)
		return -EMSGSIZE;
	for (i = 0; i < n - 1; i++, p += RED_COPY_HEADER)
		if (write_header(p, &blocks[i]) < 0)
			return -EINVAL;
	*p++ = blocks[n - 1].payload_type;
	for (i = 0; i < n; i++) {
		memcpy(p, blocks[i].data, blocks[i].len);
		p += blocks[i].len;
	}
	return p - out;
}
