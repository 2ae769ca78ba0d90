#include "wire/rtp.h"

#include <errno.h>
#include <string.h>

static uint16_t
get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t
get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static void
put16(uint8_t *p, uint16_t value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

static void
put32(uint8_t *p, uint32_t value)
{
	put16(p, (uint16_t)(value >> 16));
	put16(p + 2, (uint16_t)value);
}

bool
rtp_is(const uint8_t *data, size_t len)
{
	return len >= 2 && data[0] >= 128 && data[0] <= 191;
}

bool
rtcp_is(const uint8_t *data, size_t len)
{
	return rtp_is(data, len) && data[1] >= 192 && data[1] <= 223;
}

/* The bytes of header, CSRCs and extension, or 0 if they do not fit. */
static size_t
header_len(const uint8_t *data, size_t len)
{
	size_t header = RTP_HEADER + (data[0] & 0x0fu) * 4u;

	if (data[0] & 0x10) {
		if (header + 4 > len)
			return 0;
		header += 4 + get16(data + header + 2) * 4u;
	}
	return header <= len ? header : 0;
}

int
rtp_header(struct rtp *out, const uint8_t *data, size_t len)
{
	size_t header;

	if (len < RTP_HEADER || data[0] >> 6 != 2)
		return -EBADMSG;
	header = header_len(data, len);
	if (header == 0)
		return -EBADMSG;
	out->marker = data[1] >> 7;
	out->payload_type = data[1] & 0x7f;
	out->sequence = get16(data + 2);
	out->timestamp = get32(data + 4);
	out->ssrc = get32(data + 8);
	out->payload = data + header;
	out->payload_len = len - header;
	return 0;
}

int
rtp_parse(struct rtp *out, const uint8_t *data, size_t len)
{
	struct rtp rtp;
	size_t padding;
	int err = rtp_header(&rtp, data, len);

	if (err < 0)
		return err;
	if (data[0] & 0x20) {
		padding = data[len - 1];
		if (padding == 0 || padding > rtp.payload_len)
			return -EBADMSG;
		rtp.payload_len -= padding;
	}
	*out = rtp;
	return 0;
}

void
rtp_write(uint8_t out[static RTP_HEADER], const struct rtp *rtp)
{
	out[0] = 2 << 6;
	out[1] = (uint8_t)(rtp->marker << 7 | (rtp->payload_type & 0x7f));
	put16(out + 2, rtp->sequence);
	put32(out + 4, rtp->timestamp);
	put32(out + 8, rtp->ssrc);
}
