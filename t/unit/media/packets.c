/* Packets wait in the order of their time, and never exceed their room. */
#include <errno.h>
#include <string.h>

#include "media/audio/packets.h"
#include "unit.h"

static struct packets packets;

static int
insert(int64_t time)
{
	uint8_t payload[3] = { (uint8_t)time, 1, 2 };

	return packets_insert(&packets, time, 960, payload, sizeof(payload));
}

static void
takes(int64_t time)
{
	const struct packet *first = packets_first(&packets);

	ck_assert_ptr_nonnull(first);
	ck_assert_int_eq(first->time, time);
	ck_assert_int_eq(first->span, 960);
	ck_assert_uint_eq(first->len, 3);
	ck_assert_uint_eq(first->payload[0], (uint8_t)time);
	packets_drop_first(&packets);
}

START_TEST(in_order)
{
	static const int64_t times[] = { 5, -3, 9, 7, 0 };
	unsigned i;

	packets_clear(&packets);
	ck_assert_ptr_null(packets_first(&packets));
	for (i = 0; i < 5; i++)
		ck_assert_int_eq(insert(times[i]), 0);
	ck_assert_int_eq(insert(7), -EEXIST);
	takes(-3);
	takes(0);
	ck_assert_int_eq(insert(6), 0);
	takes(5);
	takes(6);
	takes(7);
	takes(9);
	ck_assert_ptr_null(packets_first(&packets));
}
END_TEST

START_TEST(full)
{
	uint8_t payload[CODEC_PACKET_MAX + 1] = { 0 };
	int64_t time;

	packets_clear(&packets);
	ck_assert_int_eq(packets_insert(&packets, 0, 960, payload,
	    sizeof(payload)), -ENOBUFS);
	for (time = 0; time < PACKETS_MAX; time++)
		ck_assert_int_eq(insert(PACKETS_MAX - time), 0);
	ck_assert_int_eq(insert(1000000), -ENOBUFS);
	takes(1);
	ck_assert_int_eq(insert(1000000), 0);
	for (time = 2; time <= PACKETS_MAX; time++)
		takes(time);
	takes(1000000);
	ck_assert_ptr_null(packets_first(&packets));
}
END_TEST

UNIT_SUITE(packets, in_order, full)
