/* The head of a WAV through a pipe, in each way in which it may be written. */
#include <errno.h>
#include <string.h>

#include "unit.h"
#include "wire/wav.h"

/* espeak-ng --stdout: 22,050 Hz mono, lengths that are not true. */
static const uint8_t espeak[] = {
	'R', 'I', 'F', 'F', 0x24, 0xf0, 0xff, 0x7f, 'W', 'A', 'V', 'E',
	'f', 'm', 't', ' ', 16, 0, 0, 0, 1, 0, 1, 0, 0x22, 0x56, 0, 0,
	0x44, 0xac, 0, 0, 2, 0, 16, 0,
	'd', 'a', 't', 'a', 0x00, 0xf0, 0xff, 0x7f, 1, 2
};

/* 48 kHz stereo, an odd LIST before a format that is extensible. */
static const uint8_t extensible[] = {
	'R', 'I', 'F', 'F', 0xff, 0xff, 0xff, 0xff, 'W', 'A', 'V', 'E',
	'L', 'I', 'S', 'T', 3, 0, 0, 0, 'x', 'y', 'z', 0,
	'f', 'm', 't', ' ', 40, 0, 0, 0, 0xfe, 0xff, 2, 0, 0x80, 0xbb, 0, 0,
	0, 0xee, 2, 0, 4, 0, 16, 0, 22, 0, 16, 0, 3, 0, 0, 0,
	1, 0, 0, 0, 0, 0, 16, 0, 128, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71,
	'd', 'a', 't', 'a', 0xff, 0xff, 0xff, 0xff
};

START_TEST(reads)
{
	struct wav wav;
	size_t i;

	ck_assert_int_eq(wav_parse(&wav, espeak, sizeof(espeak)), 44);
	ck_assert_uint_eq(wav.rate, 22050);
	ck_assert_uint_eq(wav.channels, 1);
	ck_assert_int_eq(wav_parse(&wav, extensible, sizeof(extensible)),
	    sizeof(extensible));
	ck_assert_uint_eq(wav.rate, 48000);
	ck_assert_uint_eq(wav.channels, 2);
	for (i = 0; i < 44; i++)
		ck_assert_int_eq(wav_parse(&wav, espeak, i), -EAGAIN);
	for (i = 0; i < sizeof(extensible); i++)
		ck_assert_int_eq(wav_parse(&wav, extensible, i), -EAGAIN);
}
END_TEST

START_TEST(refuses)
{
	static const struct {
		size_t at;
		uint8_t byte;
		int err;
	} cases[] = {
		{ 0, 'X', -EBADMSG }, { 8, 'X', -EBADMSG },
		{ 12, 'x', -EBADMSG },		/* data before fmt */
		{ 16, 15, -EBADMSG },		/* too short a format */
		{ 18, 1, -EBADMSG },		/* too long a chunk */
		{ 20, 3, -EOPNOTSUPP },		/* float */
		{ 22, 0, -EOPNOTSUPP }, { 22, 9, -EOPNOTSUPP },
		{ 26, 9, -EOPNOTSUPP },		/* 600 kHz */
		{ 34, 24, -EOPNOTSUPP },
	};
	uint8_t data[sizeof(espeak)];
	struct wav wav;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memcpy(data, espeak, sizeof(data));
		data[cases[i].at] = cases[i].byte;
		ck_assert_msg(wav_parse(&wav, data, sizeof(data)) ==
		    cases[i].err, "%zu", i);
	}
}
END_TEST

START_TEST(survives_anything)
{
	uint8_t data[sizeof(extensible)];
	struct wav wav;
	size_t i, byte;

	for (i = 0; i < sizeof(extensible); i++)
		for (byte = 0; byte < 256; byte++) {
			memcpy(data, extensible, sizeof(data));
			data[i] = (uint8_t)byte;
			wav_parse(&wav, data, sizeof(data));
		}
}
END_TEST

/* A head that goes on and on is none. */
START_TEST(is_bounded)
{
	static uint8_t data[2 * WAV_HEAD_MAX];
	struct wav wav;
	size_t at;

	ck_assert(!wav_is(espeak, 3));
	ck_assert(!wav_is((const uint8_t *)"RIFX", 4));
	memcpy(data, espeak, 12);
	for (at = 12; at + 8 + 100 <= sizeof(data); at += 8 + 100) {
		memcpy(data + at, "LIST", 4);
		data[at + 4] = 100;
	}
	ck_assert_int_eq(wav_parse(&wav, data, sizeof(data)), -EBADMSG);
	/* Chunks without a body, of which nothing is too long by itself. */
	for (at = 12; at + 8 <= sizeof(data); at += 8)
		memcpy(data + at, "LIST\0\0\0\0", 8);
	ck_assert_int_eq(wav_parse(&wav, data, sizeof(data)), -EBADMSG);
}
END_TEST

UNIT_SUITE(wav, is_bounded, reads, refuses, survives_anything)
