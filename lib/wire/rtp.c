/* rtp: read and write RTP headers. Pure. See rtp.h. */
#include "wire/rtp.h"

#include <errno.h>
#include <string.h>

#include "wire/bytes.h"

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

/* Return the length of header, CSRCs and extension, or 0 if they do not fit. */
static size_t
header_len(const uint8_t *data, size_t len)
{
	size_t header = RTP_HEADER + (data[0] & 0x0fu) * 4u;

	if (data[0] & 0x10) {
		if (header + 4 > len)
			return 0;
		header += 4 + bytes_get16(data + header + 2) * 4u;
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
	out->sequence = bytes_get16(data + 2);
	out->timestamp = bytes_get32(data + 4);
	out->ssrc = bytes_get32(data + 8);
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
	bytes_put16(out + 2, rtp->sequence);
	bytes_put32(out + 4, rtp->timestamp);
	bytes_put32(out + 8, rtp->ssrc);
}
