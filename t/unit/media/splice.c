/*
 * Adding or removing a piece of a voice, of noise or of silence makes no click.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "media/audio/splice.h"
#include "unit.h"

#define HAVE (2 * CODEC_FRAME)
#define WINDOW 480

static int16_t pcm[2 * HAVE], before[HAVE];

static void
tone(double hz)
{
	int i;

	for (i = 0; i < HAVE; i++)
		before[i] = (int16_t)lround(10000 *
		    sin(2 * M_PI * hz * i / CODEC_RATE));
	memcpy(pcm, before, sizeof(before));
}

/* The farthest from one sample to the next. */
static int
roughness(const int16_t *wave, size_t n)
{
	int worst = 0;
	size_t i;

	for (i = 1; i < n; i++)
		if (abs(wave[i] - wave[i - 1]) > worst)
			worst = abs(wave[i] - wave[i - 1]);
	return worst;
}

START_TEST(takes_out_whole_periods)
{
	double hz;

	for (hz = 75; hz < 1000; hz *= 1.1) {
		size_t n, period = (size_t)lround(CODEC_RATE / hz);

		tone(hz);
		n = splice_find(pcm, SPLICE_OUT, WINDOW, 0.9);
		ck_assert_uint_ge(n, SPLICE_LEAST);
		ck_assert_uint_le(n, SPLICE_OUT);
		ck_assert_double_le(fabs(remainder((double)n,
		    CODEC_RATE / hz)), (double)period / 10);
		splice_out(pcm, HAVE, n);
		ck_assert_int_le(roughness(pcm, HAVE - n),
		    roughness(before, HAVE) * 11 / 10 + 2);
		ck_assert_int_eq(pcm[0], before[0]);
		ck_assert_mem_eq(pcm + SPLICE_FADE, before + n + SPLICE_FADE,
		    (HAVE - n - SPLICE_FADE) * sizeof(*pcm));
	}
}
END_TEST

START_TEST(puts_in_whole_periods)
{
	double hz;

	for (hz = 75; hz < 1000; hz *= 1.1) {
		size_t n;

		tone(hz);
		n = splice_find(pcm, SPLICE_IN, SPLICE_FADE, -1);
		ck_assert_uint_ge(n, SPLICE_LEAST);
		ck_assert_uint_le(n, SPLICE_IN);
		splice_in(pcm, HAVE, n);
		/* A deep voice may have no whole period of that length. */
		ck_assert_int_le(roughness(pcm, HAVE + n),
		    roughness(before, HAVE) * (hz < 100 ? 3 : 1) * 11 / 10 +
		    2);
		ck_assert_mem_eq(pcm, before, n * sizeof(*pcm));
		ck_assert_mem_eq(pcm + n + SPLICE_FADE, before + SPLICE_FADE,
		    (HAVE - SPLICE_FADE) * sizeof(*pcm));
	}
}
END_TEST

START_TEST(of_silence_the_most)
{
	memset(pcm, 0, sizeof(pcm));
	ck_assert_uint_eq(splice_find(pcm, SPLICE_OUT, WINDOW, -1),
	    SPLICE_OUT);
	ck_assert_uint_eq(splice_find(pcm, SPLICE_IN, SPLICE_FADE, -1),
	    SPLICE_IN);
}
END_TEST

/* Of noise no piece goes on where another ends. */
START_TEST(of_noise_nothing)
{
	uint32_t random = 1;
	int i;

	for (i = 0; i < HAVE; i++) {
		random = random * 1103515245 + 12345;
		pcm[i] = (int16_t)(random >> 16);
	}
	ck_assert_uint_eq(splice_find(pcm, SPLICE_OUT, WINDOW, 0.9), 0);
	ck_assert_uint_ge(splice_find(pcm, SPLICE_OUT, WINDOW, 0),
	    SPLICE_LEAST);
}
END_TEST

/* Full scale does not wrap. */
START_TEST(loudest)
{
	int i;

	for (i = 0; i < HAVE; i++)
		pcm[i] = i < CODEC_FRAME ? INT16_MIN : INT16_MAX;
	splice_out(pcm, HAVE, CODEC_FRAME);
	for (i = 1; i < CODEC_FRAME; i++)
		ck_assert_int_ge(pcm[i], pcm[i - 1]);
	splice_in(pcm, CODEC_FRAME, SPLICE_IN);
	ck_assert_int_eq(pcm[SPLICE_IN - 1], INT16_MAX);
}
END_TEST

UNIT_SUITE(splice, takes_out_whole_periods, puts_in_whole_periods,
    of_silence_the_most, of_noise_nothing, loudest)
