/* RTP and RTCP packets are read and written, and no byte sequence does harm. */
#include <errno.h>
#include <string.h>

#include "unit.h"
#include "wire/rtp.h"

START_TEST(rtp_round_trips)
{
	struct rtp in = { true, 111, 65535, 0xfedcba98, 0x01020304, NULL, 0 };
	uint8_t packet[RTP_HEADER + 3];
	struct rtp out;

	rtp_write(packet, &in);
	memcpy(packet + RTP_HEADER, "abc", 3);
	ck_assert(rtp_is(packet, sizeof(packet)));
	ck_assert(!rtcp_is(packet, sizeof(packet)));
	ck_assert_int_eq(rtp_parse(&out, packet, sizeof(packet)), 0);
	ck_assert(out.marker);
	ck_assert_uint_eq(out.payload_type, 111);
	ck_assert_uint_eq(out.sequence, 65535);
	ck_assert_uint_eq(out.timestamp, 0xfedcba98);
	ck_assert_uint_eq(out.ssrc, 0x01020304);
	ck_assert_uint_eq(out.payload_len, 3);
	ck_assert_mem_eq(out.payload, "abc", 3);
}
END_TEST

/* As Chromium sends it: one-byte extensions; and with CSRC and padding. */
START_TEST(rtp_skips)
{
	static const uint8_t packet[] = {
		0xb1, 0x6f, 0x00, 0x01, 0, 0, 0, 2, 0, 0, 0, 3,
		0, 0, 0, 9,				/* CSRC */
		0xbe, 0xde, 0x00, 0x01, 0x10, 0x85, 0, 0,	/* extension */
		'x', 'y', 0, 2				/* padding */
	};
	uint8_t bad[sizeof(packet)];
	struct rtp out;

	ck_assert_int_eq(rtp_parse(&out, packet, sizeof(packet)), 0);
	ck_assert_uint_eq(out.payload_len, 2);
	ck_assert_mem_eq(out.payload, "xy", 2);
	ck_assert(!out.marker);

	memcpy(bad, packet, sizeof(bad));
	bad[sizeof(bad) - 1] = 5;	/* more padding than payload */
	ck_assert_int_eq(rtp_parse(&out, bad, sizeof(bad)), -EBADMSG);
	bad[sizeof(bad) - 1] = 0;
	ck_assert_int_eq(rtp_parse(&out, bad, sizeof(bad)), -EBADMSG);
	memcpy(bad, packet, sizeof(bad));
	bad[19] = 3;			/* extension past the end */
	ck_assert_int_eq(rtp_parse(&out, bad, sizeof(bad)), -EBADMSG);
	bad[0] = 0x71;			/* version 1 */
	ck_assert_int_eq(rtp_parse(&out, bad, sizeof(bad)), -EBADMSG);
	ck_assert_int_eq(rtp_parse(&out, packet, 11), -EBADMSG);
	ck_assert_int_eq(rtp_parse(&out, packet, 15), -EBADMSG);
	ck_assert_int_eq(rtp_parse(&out, packet, 19), -EBADMSG);
}
END_TEST

static const struct rtcp example = {
	.ssrc = 0x11223344,
	.has_sender = true,
	.has_report = true,
	.bye = true,
	.sender = { 0x8000000180000002ULL, 48000, 50, 3000 },
	.report = { 0x55667788, 128, -2, 0x10005, 240, 0xaabbccdd, 65536 },
};

START_TEST(rtcp_round_trips)
{
	struct rtcp in = example, out;
	uint8_t packet[128];
	ssize_t len;
	size_t max;
	const char *cname;

	for (cname = "a-rather-long-name"; *cname != '\0'; cname++) {
		memset(packet, 0xee, sizeof(packet));
		len = rtcp_write(packet, sizeof(packet), &in, cname);
		ck_assert_int_gt(len, 0);
		ck_assert_int_eq(len % 4, 0);
		ck_assert(rtcp_is(packet, (size_t)len));
		ck_assert_uint_eq(packet[len], 0xee);
		ck_assert_int_eq(rtcp_parse(&out, packet, (size_t)len,
		    0x55667788), 0);
		ck_assert_str_eq(out.cname, cname);
		memset(out.cname, 0, sizeof(out.cname));
		ck_assert_mem_eq(&in, &out, sizeof(in));
	}
	len = rtcp_write(packet, sizeof(packet), &in, "x");
	for (max = 0; max < (size_t)len; max++)
		ck_assert_int_eq(rtcp_write(packet, max, &in, "x"),
		    -EMSGSIZE);
}
END_TEST

START_TEST(rtcp_receiver_only)
{
	struct rtcp in = { .ssrc = 7 }, out;
	uint8_t packet[64];
	ssize_t len = rtcp_write(packet, sizeof(packet), &in, "n");

	ck_assert_int_eq(len, 8 + 12);
	ck_assert_uint_eq(packet[1], 201);
	ck_assert_int_eq(rtcp_parse(&out, packet, (size_t)len, 1), 0);
	ck_assert(!out.has_sender && !out.has_report && !out.bye);
	ck_assert_uint_eq(out.ssrc, 7);
}
END_TEST

/* libwebrtc: RR with two blocks, REMB and transport feedback behind it. */
START_TEST(rtcp_foreign)
{
	static const uint8_t packet[] = {
		0x82, 201, 0, 13, 0, 0, 0, 1,
		0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0, 4,
		0, 0, 0, 5, 0, 0, 0, 6,
		0, 0, 0, 9, 64, 0xff, 0xff, 0xff, 0, 0, 0, 3, 0, 0, 0, 4,
		0, 0, 0, 5, 0, 0, 0, 6,
		0x8f, 206, 0, 3, 0, 0, 0, 1, 0, 0, 0, 0, 'R', 'E', 'M', 'B',
	};
	struct rtcp out;

	ck_assert_int_eq(rtcp_parse(&out, packet, sizeof(packet), 9), 0);
	ck_assert(out.has_report);
	ck_assert_uint_eq(out.report.fraction_lost, 64);
	ck_assert_int_eq(out.report.lost, -1);
	ck_assert_int_eq(rtcp_parse(&out, packet, sizeof(packet), 8), 0);
	ck_assert(!out.has_report);
	ck_assert_int_eq(rtcp_parse(&out, packet, sizeof(packet) - 1, 8),
	    -EBADMSG);
	ck_assert_int_eq(rtcp_parse(&out, packet, 0, 8), -EBADMSG);
}
END_TEST

START_TEST(survives_anything)
{
	uint8_t packet[128], copy[128];
	struct rtcp in = example, out;
	struct rtp rtp;
	size_t len = (size_t)rtcp_write(packet, sizeof(packet), &in, "cname");
	size_t i, byte;

	for (i = 0; i < len; i++)
		for (byte = 0; byte < 256; byte++) {
			memcpy(copy, packet, len);
			copy[i] = (uint8_t)byte;
			rtcp_parse(&out, copy, len, 0x55667788);
			rtcp_parse(&out, copy, i, 0x55667788);
			rtp_parse(&rtp, copy, len);
			rtp_parse(&rtp, copy, i);
		}
}
END_TEST

/* RFC 7983 by the first byte, RFC 5761 by the second; at each edge. */
START_TEST(tells_apart)
{
	static const struct {
		uint8_t data[2];
		size_t len;
		bool rtp, rtcp;
	} cases[] = {
		{ { 127, 0 }, 2, false, false },
		{ { 128, 0 }, 2, true, false },
		{ { 128, 191 }, 2, true, false },
		{ { 128, 192 }, 2, true, true },
		{ { 191, 223 }, 2, true, true },
		{ { 191, 224 }, 2, true, false },
		{ { 192, 200 }, 2, false, false },
		{ { 128, 200 }, 1, false, false },
		{ { 128, 200 }, 0, false, false },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_msg(rtp_is(cases[i].data, cases[i].len) ==
		    cases[i].rtp && rtcp_is(cases[i].data, cases[i].len) ==
		    cases[i].rtcp, "%zu", i);
}
END_TEST

/* Padding ends a compound packet, and may not be more than there is. */
START_TEST(rtcp_padding)
{
	uint8_t packet[] = {
		0x80, 201, 0, 1, 0, 0, 0, 1,
		0xa1, 203, 0, 2, 0, 0, 0, 1, 0, 0, 0, 4,
	};
	const size_t len = sizeof(packet);
	struct rtcp out;

	ck_assert_int_eq(rtcp_parse(&out, packet, len, 9), 0);
	ck_assert(out.bye);
	packet[len - 1] = 0;
	ck_assert_int_eq(rtcp_parse(&out, packet, len, 9), -EBADMSG);
	packet[len - 1] = 9;
	ck_assert_int_eq(rtcp_parse(&out, packet, len, 9), -EBADMSG);
	/* Of a packet that is nothing else. */
	packet[11] = 0;
	ck_assert_int_eq(rtcp_parse(&out, packet, 12, 9), -EBADMSG);
	/* A receiver's report without a source. */
	ck_assert_int_eq(rtcp_parse(&out, (uint8_t[]){ 0x80, 201, 0, 0 }, 4,
	    9), -EBADMSG);
}
END_TEST

UNIT_SUITE(rtp, tells_apart, rtcp_padding, rtp_round_trips, rtp_skips,
    rtcp_round_trips, rtcp_receiver_only, rtcp_foreign, survives_anything)
