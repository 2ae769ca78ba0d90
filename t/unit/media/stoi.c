/*
 * STOI and the lag: the same sound scores 1 wherever it is, noise scores low,
 * and the more noise the lower.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tools/intelligibility.h"
#include "tools/lagpath.h"
#include "unit.h"

#define SECONDS 4
#define N (SECONDS * STOI_RATE)
#define ROOM (2 * STOI_RATE)	/* what is heard may be later */

static float said[N], heard[N + ROOM];
static const struct sound spoken = { said, N };
static const struct sound got = { heard, N + ROOM };
static unsigned seed;

static float
noise(void)
{
	seed = seed * 1103515245u + 12345u;
	return (float)(seed >> 8 & 0xffff) / 0x8000 - 1;
}

/* Something like a voice: noise in syllables of its own lengths. */
static void
speak(void)
{
	float level = 0;
	long i, left = 0;

	seed = 1;
	for (i = 0; i < N; i++) {
		if (left-- == 0) {
			left = 500 + (long)(1000 * fabsf(noise()));
			level = fabsf(noise());
		}
		said[i] = level * noise();
	}
	memset(heard, 0, sizeof(heard));
}

static void
hear(long from, long to, long lag)
{
	long i;

	for (i = from; i < to; i++)
		heard[i + lag] = said[i];
}

static void
add_noise(float level)
{
	long i;

	for (i = 0; i < N; i++)
		heard[i] += level * noise();
}

/* The score with the lags that are found, which stoi uses likewise. */
static double
score(void)
{
	static long lags[N / STOI_HOP + 1];
	struct lag *found = lagpath_find(&spoken, &got, ROOM);
	size_t i;

	ck_assert_ptr_nonnull(found);
	for (i = 0; i <= N / STOI_HOP; i++)
		lags[i] = found[i * STOI_HOP / LAGPATH_STEP].samples;
	free(found);
	return intelligibility_score(&spoken, &got, lags);
}

START_TEST(same_sound_is_1)
{
	speak();
	hear(0, N, 0);
	ck_assert_double_gt(score(), 0.999);
}
END_TEST

START_TEST(later_is_still_1)
{
	struct lag *found;
	int i;

	speak();
	hear(0, N, 7000);
	ck_assert_double_gt(score(), 0.99);
	found = lagpath_find(&spoken, &got, ROOM);
	for (i = 1; i < SECONDS * 10 - 1; i++)
		ck_assert_int_eq(found[i].samples, 7000);
	free(found);
}
END_TEST

START_TEST(lag_that_leaps_is_followed)
{
	struct lag *found;

	speak();
	hear(0, N / 2, 500);
	hear(N / 2, N, 9000);
	ck_assert_double_gt(score(), 0.95);
	found = lagpath_find(&spoken, &got, ROOM);
	ck_assert_int_eq(found[5].samples, 500);
	ck_assert_int_eq(found[35].samples, 9000);
	free(found);
}
END_TEST

START_TEST(noise_is_low)
{
	speak();
	add_noise(1);
	ck_assert_double_lt(score(), 0.3);
}
END_TEST

START_TEST(silence_is_0)
{
	speak();
	ck_assert_double_lt(fabs(score()), 0.001);
}
END_TEST

START_TEST(more_noise_is_lower)
{
	static const float levels[] = { 0.03f, 0.1f, 0.3f, 1 };
	double last = 1, now;
	size_t i;

	for (i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		speak();
		hear(0, N, 0);
		add_noise(levels[i]);
		now = score();
		ck_assert_double_lt(now, last);
		last = now;
	}
}
END_TEST

START_TEST(missing_words_cost)
{
	speak();
	hear(0, N, 0);
	memset(heard + N / 2, 0, N / 4 * sizeof(*heard));
	ck_assert_double_lt(score(), 0.9);
}
END_TEST

START_TEST(too_short_is_refused)
{
	static const struct sound brief = { said, 1000 };
	static const long lags[10];

	ck_assert_double_lt(intelligibility_score(&brief, &brief, lags), 0);
}
END_TEST

UNIT_SUITE(stoi, same_sound_is_1, later_is_still_1, lag_that_leaps_is_followed,
    noise_is_low, silence_is_0, more_noise_is_lower, missing_words_cost,
    too_short_is_refused)
