/*
 * Packets, loss and jitter of RTP streams from their headers alone, against
 * values worked out by hand from appendix A of RFC 3550, and against invalid
 * headers.
 */
#include <string.h>

#include "base/clock.h"
#include "table/rtpstats.h"
#include "unit.h"
#include "wire/rtp.h"

#define FRAME 960		/* 20 ms at 48 kHz */
#define FRAME_NS (20 * CLOCK_MS)

static struct rtpstats stats;
static struct rtpstats_sums sums;
static uint64_t now;

static void
setup(void)
{
	memset(&stats, 0, sizeof(stats));
	now = 1000 * CLOCK_S;
}

static int
packet_of(uint32_t ssrc, uint16_t sequence, uint32_t timestamp)
{
	struct rtp rtp = {
		.payload_type = 111, .sequence = sequence,
		.timestamp = timestamp, .ssrc = ssrc
	};
	uint8_t packet[RTP_HEADER + 60] = { 0 };

	rtp_write(packet, &rtp);
	return rtpstats_see(&stats, packet, sizeof(packet), now);
}

/* In time with its number. */
static int
packet(uint16_t sequence)
{
	return packet_of(1, sequence, sequence * (uint32_t)FRAME);
}

static void
totals(uint64_t packets, uint64_t lost)
{
	rtpstats_read(&stats, &sums);
	ck_assert_uint_eq(sums.packets, packets);
	ck_assert_uint_eq(sums.lost, lost);
}

START_TEST(is_small)
{
	ck_assert_uint_le(sizeof(struct rtpstats), 64);
	setup();
	totals(0, 0);
	ck_assert_uint_eq(sums.jitter_us, 0);
}
END_TEST

START_TEST(counts_gaps)
{
	setup();
	ck_assert_int_eq(packet(7), 1);
	ck_assert_int_eq(packet(8), 1);
	ck_assert_int_eq(packet(11), 3);	/* 9 and 10 are missing */
	totals(3, 2);
	ck_assert_int_eq(packet(9), 0);		/* one was only late */
	totals(4, 1);
	ck_assert_int_eq(packet(11), 0);	/* twice: as A.3 has it */
	totals(5, 0);
	ck_assert_int_eq(packet(11), 0);
	totals(6, 0);				/* never negative */
	ck_assert_int_eq(packet(12), 1);
}
END_TEST

START_TEST(wraps)
{
	uint32_t i;

	setup();
	ck_assert_int_eq(packet(65534), 1);
	ck_assert_int_eq(packet(65535), 1);
	ck_assert_int_eq(packet(1), 2);		/* 0 is missing */
	totals(3, 1);
	ck_assert_int_eq(packet(0), 0);		/* late, across the wrap */
	totals(4, 0);
	/* Three times around, every hundredth lost. */
	setup();
	for (i = 0; i < 3 * 65536; i++)
		if (i % 100 != 50)
			packet((uint16_t)i);
	totals(3 * 65536 - 1966, 1966);
}
END_TEST

/* Behind a jump a second packet must say the same before it is believed. */
START_TEST(restarts)
{
	setup();
	packet(100);
	packet(103);
	totals(2, 2);
	ck_assert_int_eq(packet(30000), -1);
	totals(2, 2);
	ck_assert_int_eq(packet(104), 1);	/* it was a stray one */
	ck_assert_int_eq(packet(30001), -1);
	ck_assert_int_eq(packet(30002), 1);	/* and now it is not */
	totals(4, 2);
	ck_assert_int_eq(packet(30004), 2);
	totals(5, 3);
	/* The bounds of A.1: 3000 ahead is a jump, 2999 a gap; 100 behind is. */
	ck_assert_int_eq(packet(30004 + 2999), 2999);
	totals(6, 3 + 2998);
	ck_assert_int_eq(packet(33003 + 3000), -1);
	ck_assert_int_eq(packet(33003 - 99), 0);
	ck_assert_int_eq(packet(33003 - 100), -1);
	totals(7, 3 + 2997);
}
END_TEST

START_TEST(keeps_two_apart)
{
	uint16_t i;

	setup();
	for (i = 0; i < 100; i++) {
		if (i % 10 != 5)
			packet_of(1, i, 0);
		packet_of(2, (uint16_t)(5000 + 2 * i), 0);
	}
	/* Ten of the first, and every other one of the second but its last. */
	totals(90 + 100, 10 + 99);
	/* A stray packet of a third costs no loss, and the first goes on. */
	ck_assert_int_eq(packet_of(1, 100, 0), 1);
	ck_assert_int_eq(packet_of(3, 9, 0), 1);
	ck_assert_int_eq(packet_of(1, 102, 0), 2);
	totals(193, 10 + 99 + 1);
	/* What had to give way begins anew when it comes back. */
	ck_assert_int_eq(packet_of(2, 9999, 0), 1);
	totals(194, 10 + 99 + 1);
}
END_TEST

/*
 * A.8 by hand, J being 16 times the jitter in units: J += |D| - (J + 8) / 16.
 * Packets 2 ms (96 units) late in turn: D = 0, 96, -96, 96.
 */
START_TEST(jitter_by_hand)
{
	setup();
	packet(1);
	rtpstats_read(&stats, &sums);
	ck_assert_uint_eq(sums.jitter_us, 0);
	now += FRAME_NS;
	packet(2);
	ck_assert_uint_eq(stats.source[stats.latest].jitter, 0);
	now += FRAME_NS + 2 * CLOCK_MS;
	packet(3);
	ck_assert_uint_eq(stats.source[stats.latest].jitter, 96);
	now += FRAME_NS - 2 * CLOCK_MS;
	packet(4);
	/* 96 + 96 - 104 / 16 */
	ck_assert_uint_eq(stats.source[stats.latest].jitter, 186);
	now += FRAME_NS + 2 * CLOCK_MS;
	packet(5);
	/* 186 + 96 - 194 / 16 */
	ck_assert_uint_eq(stats.source[stats.latest].jitter, 270);
	rtpstats_read(&stats, &sums);
	/* 270 / 16 of 1/48000 s */
	ck_assert_uint_eq(sums.jitter_us, 351);
}
END_TEST

/* It settles at the mean deviation; and timestamps wrap. */
START_TEST(jitter_settles)
{
	uint32_t timestamp = UINT32_MAX - 100 * FRAME, i;

	setup();
	for (i = 0; i < 1000; i++) {
		packet_of(1, (uint16_t)i, timestamp);
		timestamp += FRAME;
		now += FRAME_NS + (i % 2 ? 5 : -5) * (int64_t)CLOCK_MS;
	}
	rtpstats_read(&stats, &sums);
	ck_assert_uint_ge(sums.jitter_us, 4900);
	ck_assert_uint_le(sums.jitter_us, 5100);
	totals(1000, 0);
}
END_TEST

START_TEST(passes_over_others)
{
	static const uint8_t compound[] = { 0x81, 200, 0, 6, 0, 0, 0, 1,
	    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
	static const uint8_t dtls[] = { 22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0,
	    0, 0 };
	static const uint8_t stun[20] = { 0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42 };
	static const uint8_t channel[] = { 0x40, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0,
	    0 };
	uint8_t packet[RTP_HEADER + 4] = { 0x80, 111 };
	unsigned type;

	setup();
	ck_assert_int_eq(rtpstats_see(&stats, compound, sizeof(compound),
	    now), -1);
	ck_assert_int_eq(rtpstats_see(&stats, dtls, sizeof(dtls), now), -1);
	ck_assert_int_eq(rtpstats_see(&stats, stun, sizeof(stun), now), -1);
	ck_assert_int_eq(rtpstats_see(&stats, channel, sizeof(channel), now),
	    -1);
	totals(0, 0);
	/* RFC 5761 4: RTCP's types are 64 to 95 of RTP's, marked. */
	for (type = 0; type < 256; type++) {
		setup();
		packet[1] = (uint8_t)type;
		ck_assert_int_eq(rtpstats_see(&stats, packet, sizeof(packet),
		    now), type >= 192 && type <= 223 ? -1 : 1);
	}
}
END_TEST

START_TEST(survives_bad_headers)
{
	uint8_t packet[RTP_HEADER + 8] = { 0x80, 111, 0, 1 };
	size_t len;

	setup();
	for (len = 0; len < RTP_HEADER; len++)
		ck_assert_int_eq(rtpstats_see(&stats, packet, len, now), -1);
	packet[0] = 0x8f;		/* 15 CSRCs in 8 bytes */
	ck_assert_int_eq(rtpstats_see(&stats, packet, sizeof(packet), now),
	    -1);
	packet[0] = 0x90;		/* an extension of 65535 words */
	packet[14] = packet[15] = 0xff;
	ck_assert_int_eq(rtpstats_see(&stats, packet, sizeof(packet), now),
	    -1);
	totals(0, 0);
	/* Padding is encrypted: its length is not for us to judge. */
	packet[0] = 0xa0;
	packet[sizeof(packet) - 1] = 0xff;
	ck_assert_int_eq(rtpstats_see(&stats, packet, sizeof(packet), now), 1);
	totals(1, 0);
}
END_TEST

/* Numbers as far apart as they get do not wrap the counters. */
START_TEST(bounds_counters)
{
	uint64_t before, i;
	uint16_t sequence = 0;

	setup();
	before = 0;
	for (i = 0; i < 800000; i++) {
		packet_of(1, sequence, 0);
		sequence = (uint16_t)(sequence + 2999);
		rtpstats_read(&stats, &sums);
		ck_assert_uint_ge(sums.lost, before);
		before = sums.lost;
	}
	ck_assert_uint_ge(sums.lost, 800000 * 2997ULL);
	/* As many senders as there are packets: none of it is loss. */
	setup();
	for (i = 0; i < 100000; i++)
		packet_of((uint32_t)(i * 2654435761u), (uint16_t)(i * 77), 0);
	totals(100000, 0);
}
END_TEST

UNIT_SUITE(rtpstats, is_small, counts_gaps, wraps, restarts, keeps_two_apart,
    jitter_by_hand, jitter_settles, passes_over_others, survives_bad_headers,
    bounds_counters)
