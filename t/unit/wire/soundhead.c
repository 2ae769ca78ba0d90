/* Formats are told by their first bytes; raw samples are taken for none. */
#include <string.h>

#include "unit.h"
#include "wire/soundhead.h"

/* espeak-ng --stdout: 22,050 Hz mono, lengths that are not true. */
static const uint8_t espeak[] = {
	'R', 'I', 'F', 'F', 0x24, 0xf0, 0xff, 0x7f, 'W', 'A', 'V', 'E',
	'f', 'm', 't', ' ', 16, 0, 0, 0, 1, 0, 1, 0, 0x22, 0x56, 0, 0,
	0x44, 0xac, 0, 0, 2, 0, 16, 0,
	'd', 'a', 't', 'a', 0x00, 0xf0, 0xff, 0x7f, 1, 2
};

START_TEST(tells)
{
	static const struct {
		const char *bytes;
		size_t len;
		enum soundhead_kind kind;
	} cases[] = {
		{ "RIFF....WAVE", 12, SOUNDHEAD_RIFF },
		{ "RIFX....WAVE", 12, SOUNDHEAD_RIFF },
		{ "fLaC", 4, SOUNDHEAD_FLOW }, { "OggS", 4, SOUNDHEAD_FLOW },
		{ "ID3\3\0\0", 6, SOUNDHEAD_MPEG },
		{ "\0\0\0\x20" "ftypM4A ", 12, SOUNDHEAD_REFUSED },
		{ "\x1a\x45\xdf\xa3", 4, SOUNDHEAD_REFUSED },
		{ "\0\0\0\x40" "....8SVX", 12, SOUNDHEAD_SEEKS },
		{ "sh: 1: espeak: not found\n", 24, SOUNDHEAD_SEEKS },
		{ "{\"a\"", 4, SOUNDHEAD_SEEKS },
		{ "sh: 1: esp\xff\x01", 12, SOUNDHEAD_UNKNOWN },
		{ "", 0, SOUNDHEAD_UNKNOWN }, { "RIF", 3, SOUNDHEAD_UNKNOWN },
		/* Raw samples of -1, and one head without the second */
		{ "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 10,
		    SOUNDHEAD_UNKNOWN },
		{ "\xff\xfb\x90\x64\0\0\0\0\0\0\0\0", 12, SOUNDHEAD_UNKNOWN },
	};
	const char *name;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_msg(soundhead_of((const uint8_t *)cases[i].bytes,
		    cases[i].len, &name) == cases[i].kind, "%zu", i);
}
END_TEST

START_TEST(needs_two_frames)
{
	/* 128 kbit/s at 44,100 Hz: 417 bytes; AAC: 100 bytes */
	uint8_t mpeg[500] = { 0xff, 0xfb, 0x90, 0x64 };
	uint8_t aac[200] = { 0xff, 0xf1, 0x50, 0x80, 0x0c, 0x9f, 0xfc };
	const char *name;

	memcpy(mpeg + 417, mpeg, 4);
	memcpy(aac + 100, aac, 7);
	ck_assert_int_eq(soundhead_of(mpeg, sizeof(mpeg), &name),
	    SOUNDHEAD_MPEG);
	ck_assert_int_eq(soundhead_of(aac, sizeof(aac), &name),
	    SOUNDHEAD_REFUSED);
	ck_assert_str_eq(name, "AAC");
}
END_TEST

START_TEST(believes_true_lengths)
{
	uint8_t data[sizeof(espeak)];
	size_t i;

	memcpy(data, espeak, sizeof(data));
	for (i = 0; i < 44; i++)
		ck_assert_uint_gt(soundhead_lengths(data, i), i);
	ck_assert_uint_eq(soundhead_lengths(data, sizeof(data)), 0);
	ck_assert_mem_eq(data + 4, "\10\0\0\0", 4);
	ck_assert_mem_eq(data + 40, "\0\0\0\0", 4);
	memcpy(data + 40, "\x00\xe0\xff\x7f", 4);
	ck_assert_uint_eq(soundhead_lengths(data, sizeof(data)), 0);
	ck_assert_mem_eq(data + 40, "\x00\xe0\xff\x7f", 4);
	/* A chunk before it that has no end */
	memset(data + 16, 0xff, 4);
	ck_assert_uint_eq(soundhead_lengths(data, sizeof(data)), 0);
}
END_TEST

UNIT_SUITE(soundhead, tells, needs_two_frames, believes_true_lengths)
