/*
 * rtp_session: the books of one RTP stream each way (RFC 3550): numbering
 * what is sent, counting what comes, sender and receiver reports. It is given
 * the time, and sees packets in the clear.
 */
#ifndef RP_DIAL_RTP_SESSION_H
#define RP_DIAL_RTP_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "wire/rtp.h"

#define RTP_SESSION_CNAME 17	/* 16 random characters and a NUL (RFC 7022) */

struct rtp_source {			/* RFC 3550 A.1, A.3, A.8 */
	bool any;
	uint32_t ssrc;
	uint16_t max_sequence;
	uint32_t cycles;		/* 65536 times the wraps */
	uint32_t base_sequence;
	uint64_t received;
	uint64_t expected_prior, received_prior;
	int64_t transit;		/* in timestamp units */
	double jitter;			/* in timestamp units */
	uint32_t last_sr;
	uint64_t last_sr_ns;		/* when it came */
	uint32_t sr_packets;		/* it says were sent */
	uint64_t sr_received;		/* received when it came */
};

struct rtp_session {
	uint32_t ssrc;
	char cname[RTP_SESSION_CNAME];
	uint16_t sequence;		/* of the next packet */
	uint32_t timestamp;
	bool started;
	uint64_t packets, bytes;	/* sent; bytes of payload */
	struct rtp_source in;
	double rtt_ms;			/* 0: not known yet */
	unsigned peer_loss_pct;		/* in its last report */
	bool peer_bye;
	/* In the peer's last report: nothing was sent since the one before? */
	bool peer_idle;
	bool peer_missed;		/* or something that did not come? */
};

/* Random ssrc, sequence number, timestamp and name. -EIO. */
int rtp_session_init(struct rtp_session *session);

/*
 * The header of the next packet; samples is what its payload lasts, len_bytes
 * its length. The first one carries the marker.
 */
void rtp_session_send(struct rtp_session *session, struct rtp *header,
    uint8_t payload_type, uint32_t samples, size_t len_bytes);

/*
 * A packet came. True if it is the first of a stream: of the first one, or of
 * another that takes its place.
 */
bool rtp_session_receive(struct rtp_session *session, const struct rtp *rtp,
    uint64_t now_ns);

/* The compound packet to send now; bye ends the stream. -EMSGSIZE. */
ssize_t rtp_session_report(struct rtp_session *session, uint8_t *out,
    size_t max, uint64_t now_ns, bool bye);

/* RTCP came. -EBADMSG. */
int rtp_session_rtcp(struct rtp_session *session, const uint8_t *data,
    size_t len, uint64_t now_ns);

/* Packets that should have come and have not; never negative. */
uint64_t rtp_session_lost(const struct rtp_session *session);
uint64_t rtp_session_expected(const struct rtp_session *session);
double rtp_session_jitter_ms(const struct rtp_session *session);

#endif
