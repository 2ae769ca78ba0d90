/* Formats are told by their first bytes; raw samples are taken for none. */
#include <stdbool.h>
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

/* Two heads of a frame, so many bytes apart. */
static enum soundhead_kind
two(const char *head, size_t apart)
{
	uint8_t data[600] = { 0 };
	const char *name;

	memcpy(data, head, 4);
	memcpy(data + apart, head, 4);
	return soundhead_of(data, sizeof(data), &name);
}

/* MPEG 1, 2 and 2.5, layers II and III, and what none of them has */
START_TEST(tells_frames)
{
	static const struct {
		const char *head;
		size_t apart;
	} frames[] = {
		{ "\xff\xfb\x92\x64", 418 }, { "\xff\xfd\x80\x64", 417 },
		{ "\xff\xf3\x80\x64", 208 }, { "\xff\xe3\x80\x64", 417 },
		{ "\xff\xf5\x80\x64", 417 },
	};
	static const char *const none[] = {
		"\xfe\xfb\x90\x64", "\xff\xdb\x90\x64", "\xff\xeb\x90\x64",
		"\xff\xf8\x90\x64", "\xff\xff\x90\x64", "\xff\xfb\x01\x64",
		"\xff\xfb\xf0\x64", "\xff\xfb\x9c\x64", "\xff\xf1\x74\x80",
	};
	size_t i;

	for (i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		ck_assert_msg(two(frames[i].head, frames[i].apart) ==
		    SOUNDHEAD_MPEG, "%zu", i);
		ck_assert_msg(two(frames[i].head, frames[i].apart + 1) ==
		    SOUNDHEAD_UNKNOWN, "%zu", i);
	}
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		ck_assert_msg(two(none[i], 417) == SOUNDHEAD_UNKNOWN, "%zu",
		    i);
}
END_TEST

START_TEST(tells_text)
{
	static const struct {
		const char *text;
		enum soundhead_kind kind;
	} cases[] = {
		{ "\xef\xbb\xbf<", SOUNDHEAD_SEEKS },
		{ "a\tb\r\nc", SOUNDHEAD_SEEKS },
		{ "abc", SOUNDHEAD_UNKNOWN }, { "ab\x7f" "c", SOUNDHEAD_UNKNOWN },
		{ "ab\1c", SOUNDHEAD_UNKNOWN },
	};
	const char *name;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_msg(soundhead_of((const uint8_t *)cases[i].text,
		    strlen(cases[i].text), &name) == cases[i].kind, "%zu", i);
}
END_TEST

#define EMPTY "WAVEfmt \4\0\0\0....data\0\0\0\0"
#define EMPTY_BIG "WAVEfmt \0\0\0\4....data\0\0\0\0"

/* A chunk of no samples is meant so where another one follows. */
START_TEST(believes_what_follows)
{
	static const struct {
		const char *bytes;
		bool meant;
	} cases[] = {
		{ "RIFF\x28\0\0\0" EMPTY "LIST\4\0\0\0", true },
		{ "RIFX\0\0\0\x28" EMPTY_BIG "LIST\0\0\0\4", true },
		{ "RIFF\x28\0\0\0" EMPTY "LI\1T\4\0\0\0", false },
		{ "RIFF\x28\0\0\0" EMPTY "LI\xffT\4\0\0\0", false },
		{ "RIFF\x28\0\0\0" EMPTY "LIST\4\1\0\0", false },
		{ "RIFF\0\xf0\xff\x7f" EMPTY "LIST\4\0\0\0", false },
	};
	uint8_t data[40];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memcpy(data, cases[i].bytes, sizeof(data));
		ck_assert_uint_eq(soundhead_lengths(data, sizeof(data)), 0);
		ck_assert_msg((memcmp(data, cases[i].bytes, sizeof(data)) ==
		    0) == cases[i].meant, "%zu", i);
	}
	/* Nothing follows. */
	memcpy(data, cases[1].bytes, sizeof(data));
	ck_assert_uint_eq(soundhead_lengths(data, 36), 0);
	ck_assert_mem_eq(data + 4, "\0\0\0\10", 4);
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

UNIT_SUITE(soundhead, tells, needs_two_frames, tells_frames, tells_text,
    believes_what_follows, believes_true_lengths)
