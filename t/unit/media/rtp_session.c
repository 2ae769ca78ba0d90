/* The accounts of a stream: wraps, losses, jitter, round trips and reports. */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "media/rtp/rtp_session.h"
#include "unit.h"

#define MS CLOCK_MS

static struct rtp
packet(uint32_t n)
{
	return (struct rtp) {
		.sequence = (uint16_t)(65530 + n), .timestamp = n * 960,
		.ssrc = 7
	};
}

START_TEST(numbers_what_is_sent)
{
	struct rtp_session s;
	struct rtp one, two;

	ck_assert_int_eq(rtp_session_init(&s), 0);
	rtp_session_send(&s, &one, 111, 960, 60);
	rtp_session_send(&s, &two, 111, 960, 60);
	ck_assert(one.marker && !two.marker);
	ck_assert_uint_eq((uint16_t)(one.sequence + 1), two.sequence);
	ck_assert_uint_eq(one.timestamp + 960, two.timestamp);
	ck_assert_uint_eq(one.ssrc, two.ssrc);
	ck_assert_uint_ne(one.ssrc, 0);
	ck_assert_uint_eq(s.packets, 2);
	ck_assert_uint_eq(s.bytes, 120);
}
END_TEST

START_TEST(counts_losses_across_the_wrap)
{
	struct rtp_session s;
	uint32_t n;

	rtp_session_init(&s);
	for (n = 0; n < 100; n++) {
		struct rtp p = packet(n == 50 ? 51 : n == 51 ? 50 : n);

		if (n % 10 == 3)	/* ten of a hundred */
			continue;
		ck_assert(rtp_session_receive(&s, &p, n * 20 * MS) ==
		    (n == 0));
	}
	ck_assert_uint_eq(rtp_session_expected(&s), 100);
	ck_assert_uint_eq(rtp_session_lost(&s), 10);
	ck_assert_uint_eq(s.in.received, 90);
	ck_assert_uint_eq(s.in.cycles, 65536);
}
END_TEST

START_TEST(duplicates_are_no_negative_loss)
{
	struct rtp_session s;
	struct rtp p = packet(0);

	rtp_session_init(&s);
	rtp_session_receive(&s, &p, 0);
	rtp_session_receive(&s, &p, 0);
	ck_assert_uint_eq(rtp_session_lost(&s), 0);
}
END_TEST

START_TEST(another_stream_begins)
{
	struct rtp_session s;
	struct rtp p = packet(0);

	rtp_session_init(&s);
	ck_assert(rtp_session_receive(&s, &p, 0));
	p.ssrc = 8;
	ck_assert(rtp_session_receive(&s, &p, 0));
	ck_assert_uint_eq(s.in.received, 1);
	p.sequence = (uint16_t)(p.sequence - 99);
	ck_assert(!rtp_session_receive(&s, &p, 0));
	p.sequence = (uint16_t)(p.sequence - 5000);
	ck_assert(rtp_session_receive(&s, &p, 0));
}
END_TEST

/* Every second packet is 5 ms late: D is 5 ms each time, and so is J. */
START_TEST(measures_jitter)
{
	struct rtp_session s;
	uint32_t n;

	rtp_session_init(&s);
	for (n = 0; n < 500; n++) {
		struct rtp p = packet(n);

		rtp_session_receive(&s, &p, (n * 20 + n % 2 * 5) * MS);
	}
	ck_assert_double_eq_tol(rtp_session_jitter_ms(&s), 5, 0.01);
}
END_TEST

/* A reports to B, B to A: the time on the way there and back, not B's. */
START_TEST(measures_round_trips)
{
	struct rtp_session a, b;
	uint8_t data[256];
	struct rtp p;
	ssize_t len;
	uint32_t n;

	rtp_session_init(&a);
	rtp_session_init(&b);
	for (n = 0; n < 100; n++) {
		rtp_session_send(&a, &p, 111, 960, 60);
		if (n % 4 != 0)
			rtp_session_receive(&b, &p, (n * 20 + 30) * MS);
	}
	len = rtp_session_report(&a, data, sizeof(data), 5000 * MS, false);
	ck_assert_int_gt(len, 0);
	ck_assert_int_eq(rtp_session_rtcp(&b, data, (size_t)len, 5030 * MS),
	    0);
	ck_assert_double_eq(b.rtt_ms, 0);
	len = rtp_session_report(&b, data, sizeof(data), 6030 * MS, false);
	ck_assert_int_eq(rtp_session_rtcp(&a, data, (size_t)len, 6070 * MS),
	    0);
	ck_assert_double_eq_tol(a.rtt_ms, 70, 0.1);
	/* 24 of the 99 since the first that came */
	ck_assert_uint_eq(a.peer_loss_pct, 24);
	ck_assert(!a.peer_bye);
	len = rtp_session_report(&b, data, sizeof(data), 6100 * MS, true);
	ck_assert_int_eq(rtp_session_rtcp(&a, data, (size_t)len, 6140 * MS),
	    0);
	ck_assert(a.peer_bye);
}
END_TEST

/* a sends n packets, of which the last do not come to b, and a report. */
static void
talk(struct rtp_session *a, struct rtp_session *b, unsigned n, unsigned lost)
{
	uint8_t data[256];
	struct rtp p;
	ssize_t len;

	while (n-- > 0) {
		rtp_session_send(a, &p, 111, 960, 60);
		if (n >= lost)
			rtp_session_receive(b, &p, 0);
	}
	len = rtp_session_report(a, data, sizeof(data), 5000 * MS, false);
	ck_assert_int_eq(rtp_session_rtcp(b, data, (size_t)len, 5030 * MS),
	    0);
}

/* Its reports tell a peer that is silent from one that is not heard. */
START_TEST(hears_of_silence)
{
	struct rtp_session a, b, other;

	rtp_session_init(&a);
	rtp_session_init(&b);
	rtp_session_init(&other);
	talk(&a, &b, 100, 0);
	ck_assert(!b.peer_idle && b.peer_missed);	/* nothing to compare */
	talk(&a, &b, 100, 0);
	ck_assert(!b.peer_idle && !b.peer_missed);
	talk(&a, &b, 0, 0);
	ck_assert(b.peer_idle && !b.peer_missed);
	talk(&a, &b, 100, 1);
	ck_assert(!b.peer_idle && b.peer_missed);
	talk(&a, &b, 100, 100);
	ck_assert(!b.peer_idle && b.peer_missed);
	a.packets = 0;		/* so that it reports as who only listens */
	talk(&a, &b, 0, 0);
	ck_assert(b.peer_idle && !b.peer_missed);
	talk(&other, &b, 0, 0);
	ck_assert(!b.peer_idle && !b.peer_missed);
}
END_TEST

/* Let a peer report these numbers of our 100 packets. */
static void
told(struct rtp_session *s, const struct rtcp_report *report, uint64_t now_ns)
{
	struct rtcp rtcp = { .ssrc = 9, .has_report = true, .report = *report };
	uint8_t packet[256];
	ssize_t len;

	rtcp.report.ssrc = s->ssrc;
	len = rtcp_write(packet, sizeof(packet), &rtcp, "x");
	ck_assert(len > 0);
	ck_assert_int_eq(rtp_session_rtcp(s, packet, (size_t)len, now_ns), 0);
}

START_TEST(bounds_what_a_peer_says)
{
	struct rtcp_report report = { .lost = 10, .jitter = 480 };
	struct rtp_session s;
	struct rtp header;
	int i;

	rtp_session_init(&s);
	for (i = 0; i < 100; i++)
		rtp_session_send(&s, &header, 111, 960, 60);
	ck_assert_uint_eq(s.peer.n, 0);
	report.highest_sequence = s.base_sequence + 49u;
	told(&s, &report, 10 * CLOCK_S);
	ck_assert_uint_eq(s.peer.n, 1);
	ck_assert_uint_eq(s.peer.expected, 50);
	ck_assert_uint_eq(s.peer.lost, 10);
	ck_assert_double_eq_tol(s.peer.jitter_ms, 10, 1e-9);
	report = (struct rtcp_report){
		.highest_sequence = s.base_sequence - 2u, .lost = 0x7fffff,
		.jitter = UINT32_MAX, .last_sr = 1,
		.delay_since_sr = 0x80000000
	};
	told(&s, &report, 10 * CLOCK_S);
	ck_assert_uint_eq(s.peer.expected, 100);
	ck_assert_uint_eq(s.peer.lost, 100);
	ck_assert_double_le(s.peer.jitter_ms, 30000);
	ck_assert_double_le(s.rtt_ms, 30000);
	report = (struct rtcp_report){
		.highest_sequence = s.base_sequence, .lost = -0x800000,
		.last_sr = 1
	};
	told(&s, &report, 32000 * CLOCK_S);
	ck_assert_uint_eq(s.peer.lost, 0);
	ck_assert_double_le(s.rtt_ms, 30000);
}
END_TEST

UNIT_SUITE(rtp_session, numbers_what_is_sent, counts_losses_across_the_wrap,
    duplicates_are_no_negative_loss, another_stream_begins, measures_jitter,
    measures_round_trips, hears_of_silence, bounds_what_a_peer_says)
