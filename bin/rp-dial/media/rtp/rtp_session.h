/*
 * rtp_session: the state of one RTP stream in each direction (RFC 3550). It
 * numbers the packets to send, counts the received ones, and writes sender and
 * receiver reports. The caller passes the time and packets in the clear.
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
	uint32_t sr_packets;		/* sent, by the peer's account */
	uint64_t sr_received;		/* received up to then */
};

/*
 * The peer's reports on our stream, bounded by what we have sent, because a
 * peer may report any numbers.
 */
struct rtp_peer_report {
	uint64_t n;			/* reports; 0: none yet */
	uint64_t expected;		/* packets, up to its highest number */
	uint64_t lost;			/* of these, in all */
	double jitter_ms;
};

struct rtp_session {
	uint32_t ssrc;
	char cname[RTP_SESSION_CNAME];
	uint16_t sequence;		/* of the next packet */
	uint16_t base_sequence;		/* of the first */
	uint32_t timestamp;
	bool started;
	uint64_t packets, bytes;	/* sent; bytes of payload */
	struct rtp_source in;
	double rtt_ms;			/* 0: not known yet */
	unsigned peer_loss_pct;		/* in its last report */
	struct rtp_peer_report peer;
	bool peer_bye;
	/* By the peer's last report, it sent nothing since the one before. */
	bool peer_idle;
	bool peer_missed;		/* or sent packets that did not come */
};

/*
 * Initialise with random SSRC, sequence number, timestamp and CNAME.
 *
 *  -EIO  no random bytes
 */
int rtp_session_init(struct rtp_session *session);

/*
 * Fill in the header of the next packet. `samples` is the duration of its
 * payload, `len_bytes` its length. The first packet carries the marker.
 */
void rtp_session_send(struct rtp_session *session, struct rtp *header,
    uint8_t payload_type, uint32_t samples, size_t len_bytes);

/*
 * Let time pass without a packet, because the peer receives none. The next
 * packet carries the marker.
 */
void rtp_session_pause(struct rtp_session *session, uint32_t samples);

/*
 * Count a received packet. Return true if it is the first of a stream: of the
 * first stream, or of another that replaces it.
 */
bool rtp_session_receive(struct rtp_session *session, const struct rtp *rtp,
    uint64_t now_ns);

/*
 * Write the compound RTCP packet to send now; `bye` ends the stream. Return its
 * length or -EMSGSIZE.
 */
ssize_t rtp_session_report(struct rtp_session *session, uint8_t *out,
    size_t max, uint64_t now_ns, bool bye);

/*
 * Take received RTCP.
 *
 *  -EBADMSG  it is malformed
 */
int rtp_session_rtcp(struct rtp_session *session, const uint8_t *data,
    size_t len, uint64_t now_ns);

/* Return the number of expected packets that have not come; never negative. */
uint64_t rtp_session_lost(const struct rtp_session *session);
uint64_t rtp_session_expected(const struct rtp_session *session);
double rtp_session_jitter_ms(const struct rtp_session *session);

#endif
