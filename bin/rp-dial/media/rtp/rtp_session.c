/*
 * rtp_session: the books of one stream each way, and their RTCP reports. Pure.
 * See rtp_session.h.
 */
#include "media/rtp/rtp_session.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "wire/base64.h"

#define RATE 48000
#define MISORDER 100	/* beyond this the stream has restarted */
/*
 * A longer round trip, or more jitter, is a peer's invention. Consent to send
 * ends after 30 s without an answer (RFC 7675 5.1).
 */
#define RTT_MAX_MS 30000.0
#define JITTER_MAX_MS 30000.0

int
rtp_session_init(struct rtp_session *session)
{
	struct {
		uint32_t ssrc, timestamp;
		uint16_t sequence;
		uint8_t name[12];
	} random;

	if (crypto_random(&random, sizeof(random)) < 0)
		return -EIO;
	memset(session, 0, sizeof(*session));
	session->ssrc = random.ssrc != 0 ? random.ssrc : 1;
	session->timestamp = random.timestamp;
	/* Keep away from the wrap, RFC 3711 3.3.1. */
	session->sequence = random.sequence & 0x7fff;
	session->base_sequence = session->sequence;
	base64_encode(session->cname, random.name, sizeof(random.name));
	return 0;
}

void
rtp_session_send(struct rtp_session *session, struct rtp *header,
    uint8_t payload_type, uint32_t samples, size_t len_bytes)
{
	*header = (struct rtp) {
		.marker = !session->started,
		.payload_type = payload_type,
		.sequence = session->sequence,
		.timestamp = session->timestamp,
		.ssrc = session->ssrc,
	};
	session->started = true;
	session->sequence++;
	session->timestamp += samples;
	session->packets++;
	session->bytes += len_bytes;
}

void
rtp_session_pause(struct rtp_session *session, uint32_t samples)
{
	session->started = false;	/* the next packet is marked */
	session->timestamp += samples;
}

static uint64_t
samples(uint64_t ns)
{
	return ns / 1000 * RATE / 1000000;
}

static void
begin_source(struct rtp_source *in, const struct rtp *rtp)
{
	memset(in, 0, sizeof(*in));
	in->any = true;
	in->ssrc = rtp->ssrc;
	in->base_sequence = rtp->sequence;
	in->max_sequence = rtp->sequence;
}

/*
 * Update the jitter (RFC 3550 A.8). D is the change of transit since the packet
 * before.
 */
static void
count_jitter(struct rtp_source *in, const struct rtp *rtp, uint64_t now_ns,
    bool first)
{
	int32_t transit = (int32_t)((uint32_t)samples(now_ns) -
	    rtp->timestamp);

	if (!first)
		in->jitter += (fabs((double)(int32_t)((uint32_t)transit -
		    (uint32_t)in->transit)) - in->jitter) / 16;
	in->transit = transit;
}

bool
rtp_session_receive(struct rtp_session *session, const struct rtp *rtp,
    uint64_t now_ns)
{
	struct rtp_source *in = &session->in;
	uint16_t ahead = (uint16_t)(rtp->sequence - in->max_sequence);
	bool first = !in->any || in->ssrc != rtp->ssrc ||
	    (ahead >= 0x8000 && ahead < 0x10000 - MISORDER);

	if (first) {
		begin_source(in, rtp);
		session->peer_bye = false;
	} else if (ahead < 0x8000) {
		if (rtp->sequence < in->max_sequence)
			in->cycles += 0x10000;
		in->max_sequence = rtp->sequence;
	}
	in->received++;
	count_jitter(in, rtp, now_ns, first);
	return first;
}

uint64_t
rtp_session_expected(const struct rtp_session *session)
{
	const struct rtp_source *in = &session->in;

	return !in->any ? 0 :
	    in->cycles + in->max_sequence - in->base_sequence + 1ULL;
}

uint64_t
rtp_session_lost(const struct rtp_session *session)
{
	uint64_t expected = rtp_session_expected(session);

	return expected > session->in.received ?
	    expected - session->in.received : 0;
}

double
rtp_session_jitter_ms(const struct rtp_session *session)
{
	return session->in.jitter * 1000 / RATE;
}

/*
 * Return the time since the machine's start in NTP's format, which RFC 3550 4
 * allows where the wall clock is not revealed.
 */
static uint64_t
ntp(uint64_t now_ns)
{
	uint64_t s = now_ns / CLOCK_S, rest_ns = now_ns % CLOCK_S;

	return s << 32 | (rest_ns << 32) / CLOCK_S;
}

static void
fill_report(struct rtp_source *in, struct rtcp_report *report,
    uint64_t expected, uint64_t now_ns)
{
	uint64_t interval = expected - in->expected_prior;
	uint64_t received = in->received - in->received_prior;
	int64_t lost = (int64_t)expected - (int64_t)in->received;

	in->expected_prior = expected;
	in->received_prior = in->received;
	report->ssrc = in->ssrc;
	if (interval > received && received == 0)
		report->fraction_lost = 255;
	else if (interval > received)
		report->fraction_lost = (uint8_t)
		    ((interval - received) * 256 / interval);
	if (lost > 0x7fffff)
		lost = 0x7fffff;
	report->lost = lost < -0x800000 ? -0x800000 : (int32_t)lost;
	report->highest_sequence = in->cycles + in->max_sequence;
	report->jitter = (uint32_t)in->jitter;
	report->last_sr = in->last_sr;
	if (in->last_sr_ns != 0)
		report->delay_since_sr = (uint32_t)
		    (ntp(now_ns - in->last_sr_ns) >> 16);
}

ssize_t
rtp_session_report(struct rtp_session *session, uint8_t *out, size_t max,
    uint64_t now_ns, bool bye)
{
	struct rtcp rtcp = {
		.ssrc = session->ssrc,
		.has_sender = session->packets > 0,
		.has_report = session->in.any,
		.bye = bye,
	};

	rtcp.sender.ntp = ntp(now_ns);
	rtcp.sender.timestamp = session->timestamp;
	rtcp.sender.packets = (uint32_t)session->packets;
	rtcp.sender.bytes = (uint32_t)session->bytes;
	if (rtcp.has_report)
		fill_report(&session->in, &rtcp.report,
		    rtp_session_expected(session), now_ns);
	return rtcp_write(out, max, &rtcp, session->cname);
}

/*
 * Take a report's count of sent packets. A peer that has sent no RTP recently
 * sends a receiver report, which has no sender info (RFC 3550 6.4).
 */
static void
count_sent(struct rtp_session *session, const struct rtcp *rtcp)
{
	struct rtp_source *in = &session->in;
	uint32_t sent = rtcp->has_sender ?
	    rtcp->sender.packets - in->sr_packets : 0;

	session->peer_missed = in->last_sr_ns == 0 ||
	    sent > in->received - in->sr_received;
	session->peer_idle = sent == 0 && !session->peer_missed;
	if (!rtcp->has_sender)
		return;
	in->sr_packets = rtcp->sender.packets;
	in->sr_received = in->received;
}

/*
 * Take what the peer says of our stream. Its highest sequence number counts
 * from ours, so that it tells how many packets the peer has expected.
 */
static void
take_report(struct rtp_session *session, const struct rtcp_report *report)
{
	struct rtp_peer_report *peer = &session->peer;
	uint64_t expected = (uint32_t)(report->highest_sequence -
	    session->base_sequence) + 1ULL;
	uint64_t lost = report->lost < 0 ? 0 : (uint64_t)report->lost;

	session->peer_loss_pct = report->fraction_lost * 100u / 256;
	peer->n++;
	peer->expected = expected < session->packets ? expected :
	    session->packets;
	peer->lost = lost < peer->expected ? lost : peer->expected;
	peer->jitter_ms = fmin(report->jitter * 1000.0 / RATE, JITTER_MAX_MS);
}

/* Measure the round trip (RFC 3550 6.4.1). */
static void
take_rtt(struct rtp_session *session, const struct rtcp_report *report,
    uint64_t now_ns)
{
	int32_t rtt = (int32_t)((uint32_t)(ntp(now_ns) >> 16) -
	    report->last_sr - report->delay_since_sr);
	double rtt_ms = rtt * 1000.0 / 65536;

	if (report->last_sr != 0 && rtt_ms >= 0 && rtt_ms <= RTT_MAX_MS)
		session->rtt_ms = rtt_ms;
}

int
rtp_session_rtcp(struct rtp_session *session, const uint8_t *data, size_t len,
    uint64_t now_ns)
{
	struct rtcp rtcp;
	int err = rtcp_parse(&rtcp, data, len, session->ssrc);

	if (err < 0)
		return err;
	/* A BYE for a replaced stream says nothing new. */
	if (rtcp.bye && (!session->in.any || rtcp.ssrc == session->in.ssrc))
		session->peer_bye = true;
	session->peer_idle = session->peer_missed = false;
	if (session->in.any && rtcp.ssrc == session->in.ssrc)
		count_sent(session, &rtcp);
	if (rtcp.has_sender && session->in.any &&
	    rtcp.ssrc == session->in.ssrc) {
		session->in.last_sr = (uint32_t)(rtcp.sender.ntp >> 16);
		session->in.last_sr_ns = now_ns;
	}
	if (!rtcp.has_report)
		return 0;
	take_rtt(session, &rtcp.report, now_ns);
	take_report(session, &rtcp.report);
	return 0;
}
