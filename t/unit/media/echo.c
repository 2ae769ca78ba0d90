/*
 * The canceller takes the speaker's sound out of the microphone's, also a sound
 * that comes late, and leaves a voice as it is where there is no echo.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "media/audio/echo.h"
#include "unit.h"

#define FRAMES 250		/* 5 s */
#define LATE (80 * CODEC_RATE / 1000)

static int16_t far[(FRAMES + 1) * CODEC_FRAME];

/* Noise that swells and ebbs like speech; deterministic. */
static void
make_far(void)
{
	unsigned seed = 1;
	size_t i;

	for (i = 0; i < FRAMES * CODEC_FRAME; i++) {
		seed = seed * 1664525 + 1013904223;
		far[i] = (int16_t)(((int)(seed >> 16) - 32768) / 6 *
		    (1 + sin(2 * M_PI * 4 * (double)i / CODEC_RATE)) / 2);
	}
}

static double
power(const int16_t pcm[static CODEC_FRAME])
{
	double sum = 0;
	size_t i;

	for (i = 0; i < CODEC_FRAME; i++)
		sum += (double)pcm[i] * pcm[i];
	return sum;
}

START_TEST(echo_goes)
{
	struct echo *echo = echo_new();
	double before = 0, after = 0;
	size_t f, i;

	make_far();
	for (f = 0; f < FRAMES; f++) {
		int16_t said[CODEC_FRAME];

		for (i = 0; i < CODEC_FRAME; i++) {
			size_t at = f * CODEC_FRAME + i;

			said[i] = at < LATE ? 0 :
			    (int16_t)(far[at - LATE] / 2);
		}
		if (f >= FRAMES - 50)
			before += power(said);
		echo_cancel(echo, said, far + f * CODEC_FRAME);
		if (f >= FRAMES - 50)
			after += power(said);
	}
	echo_free(echo);
	ck_assert_double_gt(10 * log10(before / after), 15);
}
END_TEST

START_TEST(voice_stays)
{
	static const int16_t silence[CODEC_FRAME];
	struct echo *echo = echo_new();
	double before = 0, after = 0;
	size_t f;

	make_far();
	for (f = 0; f < 100; f++) {
		int16_t said[CODEC_FRAME];

		memcpy(said, far + f * CODEC_FRAME, sizeof(said));
		before += power(said);
		echo_cancel(echo, said, silence);
		after += power(said);
	}
	echo_free(echo);
	ck_assert_double_lt(fabs(10 * log10(before / after)), 1);
}
END_TEST

UNIT_SUITE(echo, echo_goes, voice_stays)
