/* Redundant audio is read and written, and no byte sequence does harm. */
#include <errno.h>
#include <string.h>

#include "unit.h"
#include "wire/red.h"

/* As libwebrtc sends it: 20 ms before, and now. */
static const uint8_t of_libwebrtc[] = {
	0xef, 0x0f, 0x00, 0x03, 0x6f, 'o', 'l', 'd', 'n', 'e', 'w', '!'
};

START_TEST(reads_libwebrtc)
{
	struct red_block blocks[RED_BLOCKS_MAX];

	ck_assert_int_eq(red_parse(blocks, of_libwebrtc,
	    sizeof(of_libwebrtc)), 2);
	ck_assert_uint_eq(blocks[0].payload_type, 111);
	ck_assert_uint_eq(blocks[0].offset, 960);
	ck_assert_uint_eq(blocks[0].len, 3);
	ck_assert_mem_eq(blocks[0].data, "old", 3);
	ck_assert_uint_eq(blocks[1].payload_type, 111);
	ck_assert_uint_eq(blocks[1].offset, 0);
	ck_assert_uint_eq(blocks[1].len, 4);
	ck_assert_mem_eq(blocks[1].data, "new!", 4);
}
END_TEST

START_TEST(reads_what_is_short)
{
	static const uint8_t alone[] = { 0x6f, 'x' };
	static const uint8_t empty[] = { 0x6f };
	static const uint8_t empty_copy[] = { 0xff, 0xff, 0xfc, 0x00, 0x00 };
	struct red_block blocks[RED_BLOCKS_MAX];

	ck_assert_int_eq(red_parse(blocks, alone, sizeof(alone)), 1);
	ck_assert_uint_eq(blocks[0].len, 1);
	ck_assert_int_eq(red_parse(blocks, empty, sizeof(empty)), 1);
	ck_assert_uint_eq(blocks[0].len, 0);
	ck_assert_int_eq(red_parse(blocks, empty_copy, sizeof(empty_copy)),
	    2);
	ck_assert_uint_eq(blocks[0].payload_type, 127);
	ck_assert_uint_eq(blocks[0].offset, RED_OFFSET_MAX);
	ck_assert_uint_eq(blocks[0].len, 0);
	ck_assert_uint_eq(blocks[1].payload_type, 0);
}
END_TEST

/* A packet that ends too early anywhere before its primary block is refused. */
START_TEST(refuses_cuts)
{
	struct red_block blocks[RED_BLOCKS_MAX];
	uint8_t bad[sizeof(of_libwebrtc)];
	size_t len;

	for (len = 0; len < sizeof(bad); len++)
		ck_assert_int_eq(red_parse(blocks, of_libwebrtc, len),
		    len < 8 ? -EBADMSG : 2);
	memcpy(bad, of_libwebrtc, sizeof(bad));
	bad[3] = 7;		/* all the rest, and an empty primary block */
	ck_assert_int_eq(red_parse(blocks, bad, sizeof(bad)), 2);
	bad[3] = 8;		/* one byte more than there is */
	ck_assert_int_eq(red_parse(blocks, bad, sizeof(bad)), -EBADMSG);
	bad[2] = 3;		/* as much as the field holds */
	bad[3] = 0xff;
	ck_assert_int_eq(red_parse(blocks, bad, sizeof(bad)), -EBADMSG);
	memset(bad, 0xff, sizeof(bad));	/* headers without an end */
	ck_assert_int_eq(red_parse(blocks, bad, sizeof(bad)), -EBADMSG);
}
END_TEST

START_TEST(takes_so_many_and_no_more)
{
	struct red_block blocks[RED_BLOCKS_MAX];
	uint8_t packet[RED_BLOCKS_MAX * RED_COPY_HEADER + 1];
	size_t most = (RED_BLOCKS_MAX - 1) * RED_COPY_HEADER + 1, i;

	memset(packet, 0, sizeof(packet));
	for (i = 0; i < RED_BLOCKS_MAX - 1; i++)
		packet[i * RED_COPY_HEADER] = 0x80;
	ck_assert_int_eq(red_parse(blocks, packet, most), RED_BLOCKS_MAX);
	packet[i * RED_COPY_HEADER] = 0x80;
	ck_assert_int_eq(red_parse(blocks, packet, sizeof(packet)), -EBADMSG);
}
END_TEST

/* No cut and no flipped bit leads outside the packet. */
START_TEST(stays_inside)
{
	struct red_block blocks[RED_BLOCKS_MAX];
	uint8_t bad[sizeof(of_libwebrtc)];
	size_t i, k, len = sizeof(bad);
	ssize_t n;

	for (i = 0; i < 8 * len; i++) {
		memcpy(bad, of_libwebrtc, len);
		bad[i / 8] ^= (uint8_t)(1 << i % 8);
		n = red_parse(blocks, bad, len);
		for (k = 0; (ssize_t)k < n; k++)
			ck_assert(blocks[k].data >= bad &&
			    blocks[k].data + blocks[k].len <= bad + len);
	}
}
END_TEST

START_TEST(writes)
{
	struct red_block blocks[] = {
		{ 111, 960, (const uint8_t *)"old", 3 },
		{ 111, 0, (const uint8_t *)"new!", 4 }
	};
	uint8_t out[sizeof(of_libwebrtc)];

	ck_assert_int_eq(red_write(out, sizeof(out), blocks, 2), sizeof(out));
	ck_assert_mem_eq(out, of_libwebrtc, sizeof(out));
	ck_assert_int_eq(red_write(out, sizeof(out) - 1, blocks, 2),
	    -EMSGSIZE);
	ck_assert_int_eq(red_write(out, sizeof(out), blocks + 1, 1), 5);
	ck_assert_mem_eq(out, "\x6fnew!", 5);
}
END_TEST

START_TEST(writes_no_value_that_does_not_fit)
{
	static const uint8_t long_copy[RED_COPY_MAX + 1];
	const struct red_block good = { 111, RED_OFFSET_MAX, long_copy,
	    RED_COPY_MAX };
	struct red_block blocks[] = { good, { 111, 0, long_copy, 60 } };
	uint8_t out[2 * RED_COPY_MAX];

	ck_assert_int_gt(red_write(out, sizeof(out), blocks, 2), 0);
	blocks[0].len++;
	ck_assert_int_eq(red_write(out, sizeof(out), blocks, 2), -EINVAL);
	blocks[0] = good;
	blocks[0].offset++;
	ck_assert_int_eq(red_write(out, sizeof(out), blocks, 2), -EINVAL);
	blocks[0] = good;
	blocks[0].payload_type = 128;
	ck_assert_int_eq(red_write(out, sizeof(out), blocks, 2), -EINVAL);
	blocks[0] = good;
	blocks[1].payload_type = 128;
	ck_assert_int_eq(red_write(out, sizeof(out), blocks, 2), -EINVAL);
	ck_assert_int_eq(red_write(out, sizeof(out), blocks, 0), -EINVAL);
	ck_assert_int_eq(red_write(out, sizeof(out), blocks,
	    RED_BLOCKS_MAX + 1), -EINVAL);
}
END_TEST

UNIT_SUITE(red, reads_libwebrtc, reads_what_is_short, refuses_cuts,
    takes_so_many_and_no_more, stays_inside, writes,
    writes_no_value_that_does_not_fit)
