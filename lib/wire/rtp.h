/*
 * rtp: RTP headers and RTCP compound packets (RFC 3550, multiplexed by RFC
 * 5761), read and written. Pure.
 */
#ifndef RP_WIRE_RTP_H
#define RP_WIRE_RTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define RTP_HEADER 12		/* bytes, as rtp_write writes it */
#define RTP_CNAME 256

struct rtp {
	bool marker;
	uint8_t payload_type;
	uint16_t sequence;
	uint32_t timestamp;
	uint32_t ssrc;
	const uint8_t *payload;	/* when parsed: points into the packet */
	size_t payload_len;		/* without padding */
};

/* Is a datagram RTP or RTCP, by the ranges of RFC 7983? */
bool rtp_is(const uint8_t *data, size_t len);

/* Is that datagram RTCP rather than RTP, by RFC 5761? */
bool rtcp_is(const uint8_t *data, size_t len);

/*
 * Parse only the header, which SRTP leaves in the clear. The payload is
 * everything after it, padding included. Return -EBADMSG if the packet is
 * truncated.
 */
int rtp_header(struct rtp *out, const uint8_t *data, size_t len);

/*
 * Parse a whole packet. CSRCs and the header extension are skipped, and padding
 * is removed. Return -EBADMSG if malformed.
 */
int rtp_parse(struct rtp *out, const uint8_t *data, size_t len);

/* Write the header. The payload is ignored. */
void rtp_write(uint8_t out[static RTP_HEADER], const struct rtp *rtp);

struct rtcp_report {			/* RFC 3550 6.4.1, a report block */
	uint32_t ssrc;			/* of the stream that is reported on */
	uint8_t fraction_lost;		/* of 256, since the last report */
	int32_t lost;			/* in all, 24 bits with sign */
	uint32_t highest_sequence;	/* cycles and sequence number */
	uint32_t jitter;		/* in timestamp units */
	uint32_t last_sr;		/* middle 32 bits of an SR's NTP time */
	uint32_t delay_since_sr;	/* of 1/65536 s */
};

struct rtcp_sender {			/* the sender's part of an SR */
	uint64_t ntp;			/* 32.32 seconds since 1900 */
	uint32_t timestamp;
	uint32_t packets, bytes;
};

/*
 * The content of one compound packet, for two parties that send one stream
 * each. The first report about `wanted_ssrc` counts.
 */
struct rtcp {
	uint32_t ssrc;			/* the sender's */
	bool has_sender, has_report, bye;
	struct rtcp_sender sender;
	struct rtcp_report report;
	char cname[RTP_CNAME];		/* when parsed only; "" if absent */
};

/*
 * Parse a compound (or reduced-size, RFC 5506) packet. Packets of other types
 * are skipped. Return -EBADMSG if any is malformed.
 */
int rtcp_parse(struct rtcp *out, const uint8_t *data, size_t len,
    uint32_t wanted_ssrc);

/*
 * Write an SR or RR, an SDES with `cname`, and a BYE if `rtcp->bye`. Return the
 * length, or -EMSGSIZE.
 */
ssize_t rtcp_write(uint8_t *out, size_t max, const struct rtcp *rtcp,
    const char *cname);

#endif
