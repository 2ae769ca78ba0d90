/* The copies of lost packets are used, and no others. */
#include <string.h>

#include "media/rtp/red_receiver.h"
#include "unit.h"

#define SPAN 960

static struct red_receiver receiver;

static void
open_receiver(void)
{
	memset(&receiver, 0, sizeof(receiver));
}

static struct rtp
packet(unsigned n)
{
	/* Both numbers wrap early on. */
	return (struct rtp) { .sequence = (uint16_t)(65530 + n),
	    .timestamp = 0xfffff000u + n * SPAN, .ssrc = 7,
	    .payload_type = 111 };
}

static void
comes(unsigned n)
{
	struct rtp rtp = packet(n);

	red_receiver_packet(&receiver, &rtp);
}

/* Is the copy in packet n, of the packet `back` before it, of a lost packet? */
static bool
gives(unsigned n, unsigned age, unsigned back, struct rtp *out)
{
	struct rtp rtp = packet(n);
	struct red_block copy = { 111, (uint16_t)(back * SPAN),
	    (const uint8_t *)"copy", 4 };

	return red_receiver_copy(&receiver, &rtp, &copy, age, out);
}

static void
check_lost(const struct rtp *lost, unsigned n)
{
	struct rtp wanted = packet(n);

	ck_assert_uint_eq(lost->sequence, wanted.sequence);
	ck_assert_uint_eq(lost->timestamp, wanted.timestamp);
	ck_assert_uint_eq(lost->ssrc, wanted.ssrc);
	ck_assert_uint_eq(lost->payload_len, 4);
	ck_assert_mem_eq(lost->payload, "copy", 4);
}

START_TEST(gives_what_was_lost)
{
	struct rtp lost;
	unsigned n;

	comes(0);
	for (n = 2; n < 200; n += 2) {
		comes(n);
		ck_assert(gives(n, 1, 1, &lost));
		check_lost(&lost, n - 1);
		ck_assert(!gives(n, 2, 2, &lost));
	}
	ck_assert_uint_eq(receiver.recovered, 99);
}
END_TEST

/* Once, whichever packet repeats it, and not what has come. */
START_TEST(gives_nothing_twice)
{
	struct rtp lost;
	unsigned n;

	for (n = 0; n < 10; n++) {
		comes(n);
		ck_assert(!gives(n, 1, 1, &lost));
		ck_assert(!gives(n, 2, 2, &lost));
	}
	comes(12);
	ck_assert(gives(12, 2, 2, &lost));
	check_lost(&lost, 10);
	ck_assert(gives(12, 1, 1, &lost));
	check_lost(&lost, 11);
	ck_assert(!gives(12, 1, 1, &lost));
	comes(13);
	ck_assert(!gives(13, 2, 2, &lost));
	ck_assert(!gives(13, 3, 3, &lost));
	ck_assert_uint_eq(receiver.recovered, 2);
}
END_TEST

/* A packet that comes after its copy was not lost. */
START_TEST(counts_no_late_packet)
{
	struct rtp lost;

	comes(0);
	comes(3);
	ck_assert(gives(3, 1, 1, &lost));
	ck_assert(gives(3, 2, 2, &lost));
	ck_assert_uint_eq(receiver.recovered, 2);
	comes(1);
	comes(1);
	ck_assert_uint_eq(receiver.recovered, 1);
	ck_assert(!gives(3, 2, 2, &lost));
}
END_TEST

START_TEST(begins_with_the_first_packet)
{
	struct rtp lost;

	comes(5);
	ck_assert(!gives(5, 1, 1, &lost));
	comes(6);
	ck_assert(!gives(6, 2, 2, &lost));
	comes(8);
	ck_assert(gives(8, 1, 1, &lost));
	red_receiver_begin(&receiver);
	comes(11);
	ck_assert(!gives(11, 1, 1, &lost));
	ck_assert_uint_eq(receiver.recovered, 1);
}
END_TEST

/* Where there is no gap, nothing is added, whatever time it claims. */
START_TEST(adds_nothing_to_a_whole_stream)
{
	struct rtp lost, rtp = packet(99);
	struct red_block copy = { .payload_type = 111,
	    .data = (const uint8_t *)"copy", .len = 4 };
	unsigned n;

	for (n = 0; n < 100; n++)
		comes(n);
	for (n = 0; n <= RED_OFFSET_MAX; n++) {
		copy.offset = (uint16_t)n;
		ck_assert(!red_receiver_copy(&receiver, &rtp, &copy,
		    n % RED_BLOCKS_MAX, &lost));
	}
	ck_assert_uint_eq(receiver.recovered, 0);
}
END_TEST

/* A sender may repeat only what was two packets before. */
START_TEST(finds_the_number)
{
	struct rtp lost;

	comes(0);
	comes(2);
	comes(3);
	ck_assert(gives(3, 1, 2, &lost));
	check_lost(&lost, 1);
}
END_TEST

START_TEST(forgets)
{
	struct rtp lost;

	comes(0);
	comes(2);
	comes(2 + RED_RECEIVER_KEPT);
	/* Nothing of the time before the long gap is known. */
	ck_assert(!gives(2 + RED_RECEIVER_KEPT, 1, 1, &lost));
	comes(1);	/* as late as that counts for nothing */
	comes(4 + RED_RECEIVER_KEPT);
	ck_assert(gives(4 + RED_RECEIVER_KEPT, 1, 1, &lost));
	check_lost(&lost, 3 + RED_RECEIVER_KEPT);
}
END_TEST

START_TEST(wants_sound_in_it)
{
	struct rtp lost, rtp = packet(2);
	const struct red_block empty = { 111, SPAN, NULL, 0 };

	comes(0);
	comes(2);
	ck_assert(!red_receiver_copy(&receiver, &rtp, &empty, 1, &lost));
	ck_assert(gives(2, 1, 1, &lost));
}
END_TEST

UNIT_SUITE_WITH(red_receiver, open_receiver, NULL, gives_what_was_lost,
    gives_nothing_twice, counts_no_late_packet, begins_with_the_first_packet,
    adds_nothing_to_a_whole_stream, finds_the_number, forgets,
    wants_sound_in_it)
