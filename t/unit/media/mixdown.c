/* Whoever speaks on some channel is heard at the level of that channel. */
#include <math.h>
#include <string.h>

#include "media/audio/mixdown.h"
#include "unit.h"

#define BLOCK 480
#define BLOCKS 50

/* Mix a tone of these factors for each channel. Return its level in dB. */
static double
level(const float *factors, unsigned channels)
{
	struct mixdown *mix = mixdown_new(channels);
	static float pcm[BLOCK * 1024], mono[BLOCK];
	double power = 0;
	unsigned b, i, c;

	ck_assert_ptr_nonnull(mix);
	for (b = 0; b < BLOCKS; b++) {
		for (i = 0; i < BLOCK; i++)
			for (c = 0; c < channels; c++)
				pcm[i * channels + c] = factors[c] *
				    (float)sin(0.05 * (b * BLOCK + i));
		mixdown_run(mix, mono, pcm, BLOCK);
		for (i = 0; i < BLOCK; i++)
			power += mono[i] * mono[i];
	}
	mixdown_free(mix);
	return 10 * log10(2 * power / (BLOCK * BLOCKS) + 1e-12);
}

START_TEST(loses_nobody)
{
	static const struct {
		unsigned channels;
		float factors[8];
	} cases[] = {
		{ 1, { 1 } }, { 2, { 1, 0 } }, { 2, { 0, 1 } },
		{ 2, { 1, 1 } }, { 2, { 1, -1 } },
		{ 6, { 0, 0, 1 } }, { 6, { 1, 1, 1, 1, 1, 1 } },
		{ 8, { 0, 0, 1 } }, { 8, { 1, -1, 1, -1, 1, -1, 1, -1 } }
	};
	static float many[1024] = { [1000] = 1 };
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_msg(fabs(level(cases[i].factors,
		    cases[i].channels)) < 1, "%zu", i);
	ck_assert_double_eq_tol(level(many, 1024), 0, 1);
}
END_TEST

/* A float file may hold what is no number, and any number. */
START_TEST(survives_anything)
{
	float pcm[] = { NAN, 0, INFINITY, 0, -INFINITY, 1e30F, 0, 0 };
	struct mixdown *mix = mixdown_new(2);
	float mono[4];
	size_t i;

	mixdown_run(mix, mono, pcm, 4);
	for (i = 0; i < 4; i++)
		ck_assert(isfinite(mono[i]));
	mixdown_free(mix);
}
END_TEST

UNIT_SUITE(mixdown, loses_nobody, survives_anything)
