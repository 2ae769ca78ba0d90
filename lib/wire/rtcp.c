/*
 * rtcp: parse and write RTCP compound packets (RFC 3550 6, RFC 5761, RFC 5506).
 * Part of rtp.h.
 */
#include <errno.h>
#include <string.h>

#include "wire/bytes.h"
#include "wire/rtp.h"

enum {
	RTCP_SR = 200,
	RTCP_RR = 201,
	RTCP_SDES = 202,
	RTCP_BYE = 203,
	SDES_END = 0,
	SDES_CNAME = 1,
	HEADER = 4,
	SENDER = 20,
	REPORT = 24
};

/* Append a word and return the new end. */
static uint8_t *
append32(uint8_t *p, uint32_t value)
{
	bytes_put32(p, value);
	return p + 4;
}

static void
read_report(struct rtcp_report *out, const uint8_t *p)
{
	uint32_t lost = bytes_get32(p + 4) & 0xffffff;

	out->ssrc = bytes_get32(p);
	out->fraction_lost = p[4];
	out->lost = lost & 0x800000 ? (int32_t)lost - 0x1000000 :
	    (int32_t)lost;
	out->highest_sequence = bytes_get32(p + 8);
	out->jitter = bytes_get32(p + 12);
	out->last_sr = bytes_get32(p + 16);
	out->delay_since_sr = bytes_get32(p + 20);
}

/* Read `n` report blocks at `p`; all must fit. */
static int
read_reports(struct rtcp *out, const uint8_t *p, size_t len, unsigned n,
    uint32_t wanted_ssrc)
{
	if (n * (size_t)REPORT > len)
		return -EBADMSG;
	for (; n > 0 && !out->has_report; n--, p += REPORT) {
		if (bytes_get32(p) != wanted_ssrc)
			continue;
		read_report(&out->report, p);
		out->has_report = true;
	}
	return 0;
}

/* Read the body of an SR, after the common header. */
static int
read_sender(struct rtcp *out, const uint8_t *p, size_t len, unsigned n,
    uint32_t wanted_ssrc)
{
	if (len < 4 + SENDER)
		return -EBADMSG;
	out->ssrc = bytes_get32(p);
	out->has_sender = true;
	out->sender.ntp = (uint64_t)bytes_get32(p + 4) << 32 |
	    bytes_get32(p + 8);
	out->sender.timestamp = bytes_get32(p + 12);
	out->sender.packets = bytes_get32(p + 16);
	out->sender.bytes = bytes_get32(p + 20);
	return read_reports(out, p + 4 + SENDER, len - 4 - SENDER, n,
	    wanted_ssrc);
}

static int
read_receiver(struct rtcp *out, const uint8_t *p, size_t len, unsigned n,
    uint32_t wanted_ssrc)
{
	if (len < 4)
		return -EBADMSG;
	out->ssrc = bytes_get32(p);
	return read_reports(out, p + 4, len - 4, n, wanted_ssrc);
}

/*
 * Read the first chunk's CNAME. Further chunks belong to other sources (RFC
 * 3550 6.5).
 */
static int
read_sdes(struct rtcp *out, const uint8_t *p, size_t len, unsigned n)
{
	size_t at = 4;

	if (n == 0)
		return 0;
	if (len < 4)
		return -EBADMSG;
	while (at < len && p[at] != SDES_END) {
		size_t item;

		if (at + 2 > len)
			return -EBADMSG;
		item = p[at + 1];
		if (at + 2 + item > len)
			return -EBADMSG;
		if (p[at] == SDES_CNAME) {
			memcpy(out->cname, p + at + 2, item);
			out->cname[item] = '\0';
		}
		at += 2 + item;
	}
	return 0;
}

static int
read_packet(struct rtcp *out, const uint8_t *data, size_t len,
    uint32_t wanted_ssrc)
{
	unsigned n = data[0] & 0x1f;
	const uint8_t *body = data + HEADER;

	len -= HEADER;
	if (data[0] & 0x20) {
		if (len == 0 || body[len - 1] == 0 || body[len - 1] > len)
			return -EBADMSG;
		len -= body[len - 1];
	}
	switch (data[1]) {
	case RTCP_SR:
		return read_sender(out, body, len, n, wanted_ssrc);
	case RTCP_RR:
		return read_receiver(out, body, len, n, wanted_ssrc);
	case RTCP_SDES:
		return read_sdes(out, body, len, n);
	case RTCP_BYE:
		out->bye = true;
		return 0;
	default:
		return 0;
	}
}

int
rtcp_parse(struct rtcp *out, const uint8_t *data, size_t len,
    uint32_t wanted_ssrc)
{
	memset(out, 0, sizeof(*out));
	if (len == 0)
		return -EBADMSG;
	while (len > 0) {
		size_t packet;

		if (len < HEADER || data[0] >> 6 != 2)
			return -EBADMSG;
		packet = HEADER + bytes_get16(data + 2) * 4u;
		if (packet > len ||
		    read_packet(out, data, packet, wanted_ssrc) < 0)
			return -EBADMSG;
		data += packet;
		len -= packet;
	}
	return 0;
}

static uint8_t *
write_header(uint8_t *p, unsigned n, unsigned type, size_t body)
{
	return append32(p, 2u << 30 | n << 24 | type << 16 |
	    (uint32_t)(body / 4));
}

static uint8_t *
write_report(uint8_t *p, const struct rtcp_report *report)
{
	p = append32(p, report->ssrc);
	p = append32(p, (uint32_t)report->fraction_lost << 24 |
	    ((uint32_t)report->lost & 0xffffff));
	p = append32(p, report->highest_sequence);
	p = append32(p, report->jitter);
	p = append32(p, report->last_sr);
	return append32(p, report->delay_since_sr);
}

static uint8_t *
write_sender(uint8_t *p, const struct rtcp_sender *sender)
{
	p = append32(p, (uint32_t)(sender->ntp >> 32));
	p = append32(p, (uint32_t)sender->ntp);
	p = append32(p, sender->timestamp);
	p = append32(p, sender->packets);
	return append32(p, sender->bytes);
}

/*
 * Return the length of one chunk. Its items end with one to four zero bytes, up
 * to a full word.
 */
static size_t
sdes_len(size_t cname_len)
{
	return 4 + (2 + cname_len) / 4 * 4 + 4;
}

static uint8_t *
write_sdes(uint8_t *p, uint32_t ssrc, const char *cname, size_t cname_len)
{
	size_t body = sdes_len(cname_len);

	p = write_header(p, 1, RTCP_SDES, body);
	memset(p, 0, body);
	bytes_put32(p, ssrc);
	p[4] = SDES_CNAME;
	p[5] = (uint8_t)cname_len;
	memcpy(p + 6, cname, cname_len);
	return p + body;
}

ssize_t
rtcp_write(uint8_t *out, size_t max, const struct rtcp *rtcp,
    const char *cname)
{
	size_t cname_len = strlen(cname);
	size_t first = 4 + (rtcp->has_sender ? SENDER : 0) +
	    (rtcp->has_report ? REPORT : 0);
	size_t len = HEADER + first + HEADER + sdes_len(cname_len) +
	    (rtcp->bye ? HEADER + 4 : 0);
	uint8_t *p = out;

	if (cname_len >= RTP_CNAME || len > max)
		return -EMSGSIZE;
	p = write_header(p, rtcp->has_report ? 1 : 0,
	    rtcp->has_sender ? RTCP_SR : RTCP_RR, first);
	p = append32(p, rtcp->ssrc);
	if (rtcp->has_sender)
		p = write_sender(p, &rtcp->sender);
	if (rtcp->has_report)
		p = write_report(p, &rtcp->report);
	p = write_sdes(p, rtcp->ssrc, cname, cname_len);
	if (rtcp->bye)
		append32(write_header(p, 1, RTCP_BYE, 4), rtcp->ssrc);
	return (ssize_t)len;
}
