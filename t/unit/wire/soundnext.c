/*
 * Another sound is found behind the first one, and not in its own head, nor in
 * its chunks.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "unit.h"
#include "wire/soundnext.h"

static uint8_t stream[20000];
static size_t used;

static void
put(const void *bytes, size_t len)
{
	memcpy(stream + used, bytes, len);
	used += len;
}

static void
fill(size_t len)
{
	memset(stream + used, 0x55, len);
	used += len;
}

/* Return where the next sound begins, or -1. */
static long
found(void)
{
	struct soundnext next;
	size_t at;
	long where = -1;

	fill(SOUNDNEXT_SPAN);
	soundnext_init(&next, stream, used);
	for (at = SOUNDNEXT_BEFORE; at + SOUNDNEXT_SPAN <= used && where < 0;
	    at++)
		if (soundnext_here(&next, stream + at, at))
			where = (long)at;
	used = 0;
	return where;
}

#define WAV "RIFF\x24\0\0\0WAVEfmt "
#define FLAC "fLaC\0\0\0\x22"
#define BOS "OggS\0\2\0\0\0\0\0\0\0\0"
#define PAGE "OggS\0\0\x40\0\0\0\0\0\0\0"
#define ID3 "ID3\4\0\0\0\0\0\x40"
#define INFO "\xff\xfb\x50\xc4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0Info"

#define PUT(text) put(text, sizeof(text) - 1)

START_TEST(finds_the_next)
{
	static const struct {
		const char *bytes;
		size_t len;
	} heads[] = {
		{ WAV, sizeof(WAV) - 1 }, { FLAC, sizeof(FLAC) - 1 },
		{ BOS, sizeof(BOS) - 1 }, { ID3, sizeof(ID3) - 1 },
		{ INFO, sizeof(INFO) - 1 },
		{ "FORM\0\0\0\x40" "AIFF", 12 },
		{ ".snd\0\0\0\x18\xff\xff\xff\xff\0\0\0\3"
		  "\0\0\xbb\x80\0\0\0\1", 24 },
		{ "caff\0\1\0\0desc", 12 },
	};
	size_t i;

	for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		PUT(WAV);
		fill(100);
		put(heads[i].bytes, heads[i].len);
		ck_assert_msg(found() == 116, "%zu", i);
		PUT(FLAC);
		fill(92);
		ck_assert_int_eq(found(), -1);
	}
}
END_TEST

/* Several streams begin together; their samples follow. */
START_TEST(finds_a_chained_ogg)
{
	PUT(BOS);
	fill(20);
	PUT(BOS);
	fill(20);
	PUT(PAGE);
	fill(20);
	ck_assert_int_eq(found(), -1);
	PUT(BOS);
	fill(20);
	PUT(PAGE);
	fill(20);
	PUT(BOS);
	ck_assert_int_eq(found(), 68);
	/* FLAC in Ogg is one sound. */
	PUT(BOS);
	PUT("\x7f" "FLAC\1\0\0\1");
	PUT(FLAC);
	ck_assert_int_eq(found(), -1);
}
END_TEST

/* Tags belong to what follows them; a first frame has the length of all. */
START_TEST(keeps_what_is_its_own)
{
	PUT(ID3);
	fill(0x40);
	PUT(FLAC);
	ck_assert_int_eq(found(), -1);
	PUT(ID3);
	fill(0x40);
	PUT(INFO);
	fill(8000);
	ck_assert_int_eq(found(), -1);
	PUT(ID3);
	fill(0x40);
	PUT(INFO);
	fill(8000);
	PUT(INFO);
	ck_assert_int_eq(found(), 10 + 0x40 + 25 + 8000);
	PUT(WAV);
	fill(50);
	PUT("id3 \x40\0\0\0");
	PUT(ID3);
	ck_assert_int_eq(found(), -1);
}
END_TEST

#define XING(second, fourth, zeros) "\xff" second "\x50" fourth zeros "Xing"
#define NINE "\0\0\0\0\0\0\0\0\0"

/* Further heads, and others with one byte that no head has. */
START_TEST(tells_near_misses)
{
	static const struct {
		const char *bytes;
		size_t len;
		bool found;
	} cases[] = {
		{ "RIFX\0\0\0\x24WAVE", 12, true },
		{ "RF64\xff\xff\xff\xffWAVE", 12, true },
		{ "riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\0\0", 16, true },
		{ "FORM\0\0\0\x40" "AIFC", 12, true },
		{ "FORM\0\0\0\x40" "8SVX", 12, false },
		{ "RIFF\0\0\0\x40" "AVI ", 12, false },
		{ "ID3\2\0\0\0\0\0\1", 10, true },
		{ "ID3\1\0\0\0\0\0\1", 10, false },
		{ "ID3\5\0\0\0\0\0\1", 10, false },
		{ "ID3\4\1\0\0\0\0\1", 10, false },
		{ "ID3\4\0\1\0\0\0\1", 10, false },
		{ "ID3\4\0\0\0\0\0\x81", 10, false },
		{ "IDEA", 4, false },
		{ "fLaC\x80\0\0\x22", 8, true },
		{ "fLaC\1\0\0\x22", 8, false },
		{ "fLaC\0\0\1\x22", 8, false },
		{ "flat", 4, false },
		{ ".snd\0\0\0\x18\xff\xff\xff\xff\1\0\0\3", 16, false },
		{ ".snd\1\0\0\x18", 8, false },
		{ ".snd\0\0\0\x18\xff\xff\xff\xff\0\0\0\3"
		  "\0\0\xbb\x80\0\0\1\1", 24, false },
		{ "OggS\1\2\0\0\0\0\0\0\0\0", 14, false },
		{ "OggS\0\x0a\0\0\0\0\0\0\0\0", 14, false },
		{ "OggS\0\2\0\0\0\1\0\0\0\0", 14, false },
		/* MPEG 1 and 2, of two channels and one */
		{ XING("\xfb", "\xc4", NINE "\0\0\0\0\0\0\0\0"), 25, true },
		{ XING("\xfb", "\x44", NINE NINE NINE "\0\0\0\0\0"), 40, true },
		{ XING("\xf3", "\xc4", NINE), 17, true },
		{ XING("\xf3", "\x44", NINE "\0\0\0\0\0\0\0\0"), 25, true },
		{ XING("\xf5", "\xc4", NINE), 17, false },
		{ XING("\xf3", "\xc4", NINE "\0"), 18, false },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		PUT(WAV);
		fill(100);
		put(cases[i].bytes, cases[i].len);
		ck_assert_msg(found() == (cases[i].found ? 116 : -1), "%zu",
		    i);
	}
}
END_TEST

UNIT_SUITE(soundnext, finds_the_next, finds_a_chained_ogg,
    keeps_what_is_its_own, tells_near_misses)
