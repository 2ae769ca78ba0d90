/* Redundancy goes on when loss is told, and lengths tell nothing else. */
#include <string.h>

#include "base/clock.h"
#include "media/rtp/red_sender.h"
#include "unit.h"

#define LEN 60
#define WRAPPED (2 * LEN + RED_SENDER_EXTRA)

static struct red_sender sender;
static struct rtp_session session;
static uint64_t now_s;
static uint32_t timestamp;

static void
open_sender(void)
{
	memset(&sender, 0, sizeof(sender));
	memset(&session, 0, sizeof(session));
	now_s = 1000;
	timestamp = 0xffffff00;
}

/* Two seconds later, a report that so many of the 100 packets were lost. */
static bool
report(unsigned lost)
{
	session.peer.n++;
	session.peer.expected += 100;
	session.peer.lost += lost;
	now_s += 2;
	red_sender_report(&sender, &session, now_s * CLOCK_S);
	return sender.on;
}

/* Another frame, all of whose bytes are n. */
static size_t
wrap(uint8_t n, uint8_t out[static WRAPPED])
{
	uint8_t frame[LEN];

	memset(frame, n, LEN);
	timestamp += 960;
	return red_sender_wrap(&sender, out, 111, timestamp, frame, LEN);
}

START_TEST(is_off_without_loss)
{
	uint8_t out[WRAPPED];
	unsigned i;

	for (i = 0; i < 100; i++) {
		ck_assert_uint_eq(wrap((uint8_t)i, out), 0);
		ck_assert(!report(i % 2));
	}
	ck_assert_uint_eq(sender.sent, 0);
}
END_TEST

START_TEST(begins_and_ends)
{
	unsigned i;

	ck_assert(report(RED_SENDER_ON_PCT));
	/* It stays on as long as a little is lost... */
	for (i = 0; i < 100; i++)
		ck_assert(report(i % 8 == 0 ? 1 : 0));
	ck_assert(report(1));
	/* ...and until nothing was for 20 s. */
	for (i = 0; i < 10; i++)
		ck_assert(report(0));
	ck_assert(!report(0));
	ck_assert(!report(1));
	ck_assert(report(99));
	for (i = 0; i < 11; i++)
		report(0);
	ck_assert(!sender.on);
}
END_TEST

/* RTCP without a report of ours, or of no more packets, says nothing new. */
START_TEST(counts_each_report_once)
{
	report(50);
	report(0);
	red_sender_report(&sender, &session, (now_s + 60) * CLOCK_S);
	ck_assert(sender.on);
	session.peer.n++;
	red_sender_report(&sender, &session, (now_s + 60) * CLOCK_S);
	ck_assert(sender.on);
	report(0);
	now_s += 60;
	ck_assert(!report(0));
}
END_TEST

/* What a lost report told is in the next one's totals. */
START_TEST(knows_totals)
{
	session.peer.expected += 1000;
	session.peer.lost += 50;
	ck_assert(report(0));
	open_sender();
	session.peer.lost = 100;
	report(0);
	sender.on = false;
	session.peer.lost = 0;	/* duplicates count against it */
	ck_assert(!report(0));
	ck_assert(!report(1));
	ck_assert(report(2));
}
END_TEST

/* One of a few packets may be the only one. */
START_TEST(one_packet_is_no_sign)
{
	session.peer = (struct rtp_peer_report) { .n = 1, .expected = 10,
	    .lost = 1 };
	red_sender_report(&sender, &session, now_s * CLOCK_S);
	ck_assert(!sender.on);
	session.peer = (struct rtp_peer_report) { .n = 2, .expected = 20,
	    .lost = 3 };
	red_sender_report(&sender, &session, now_s * CLOCK_S);
	ck_assert(sender.on);
}
END_TEST

/* Two of many are little. */
START_TEST(little_loss_is_none)
{
	session.peer = (struct rtp_peer_report) { .n = 1, .expected = 101,
	    .lost = 2 };
	red_sender_report(&sender, &session, now_s * CLOCK_S);
	ck_assert(!sender.on);
}
END_TEST

START_TEST(repeats_the_frame_before)
{
	struct red_block blocks[RED_BLOCKS_MAX];
	uint8_t out[WRAPPED];
	unsigned i;

	report(10);
	ck_assert_uint_eq(wrap(0, out), 0);	/* there is none before */
	for (i = 1; i < 100; i++) {
		ck_assert_uint_eq(wrap((uint8_t)i, out), WRAPPED);
		ck_assert_int_eq(red_parse(blocks, out, WRAPPED), 2);
		ck_assert_uint_eq(blocks[0].offset, 960);
		ck_assert_uint_eq(blocks[0].len, LEN);
		ck_assert_uint_eq(blocks[0].data[LEN - 1], i - 1);
		ck_assert_uint_eq(blocks[1].data[LEN - 1], i);
		ck_assert_uint_eq(blocks[0].payload_type, 111);
		ck_assert_uint_eq(blocks[1].payload_type, 111);
	}
	ck_assert_uint_eq(sender.sent, 99);
}
END_TEST

/* It is on from the next packet, which has the frame before already. */
START_TEST(needs_no_start)
{
	uint8_t out[WRAPPED];

	wrap(1, out);
	report(10);
	ck_assert_uint_eq(wrap(2, out), WRAPPED);
}
END_TEST

START_TEST(pauses)
{
	struct red_block blocks[RED_BLOCKS_MAX];
	uint8_t out[WRAPPED];

	report(10);
	wrap(1, out);
	timestamp += RED_OFFSET_MAX - 960;
	ck_assert_uint_eq(wrap(2, out), WRAPPED);
	ck_assert_int_eq(red_parse(blocks, out, WRAPPED), 2);
	ck_assert_uint_eq(blocks[0].offset, RED_OFFSET_MAX);
	timestamp += RED_OFFSET_MAX - 959;
	ck_assert_uint_eq(wrap(3, out), 0);	/* too long ago for RED */
	ck_assert_uint_eq(wrap(4, out), WRAPPED);
	timestamp += 0x10000;	/* which looks like none in 16 bits */
	ck_assert_uint_eq(wrap(5, out), 0);
}
END_TEST

START_TEST(takes_no_longer_frame)
{
	static const uint8_t frame[RED_SENDER_FRAME + 1];
	uint8_t out[2 * sizeof(frame) + RED_SENDER_EXTRA];

	report(10);
	ck_assert_uint_eq(red_sender_wrap(&sender, out, 111, 0, frame,
	    sizeof(frame)), 0);
	ck_assert_uint_eq(red_sender_wrap(&sender, out, 111, 960, frame,
	    sizeof(frame)), 0);
}
END_TEST

UNIT_SUITE_WITH(red_sender, open_sender, NULL, is_off_without_loss,
    begins_and_ends, counts_each_report_once, knows_totals,
    one_packet_is_no_sign, little_loss_is_none, repeats_the_frame_before,
    needs_no_start, pauses, takes_no_longer_frame)
