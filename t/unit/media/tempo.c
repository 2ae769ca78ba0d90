/*
 * Delay is given back faster the more there is of it, in silences first, and in
 * words where a cut fits.
 */
#include "media/audio/codec.h"
#include "media/audio/tempo.h"
#include "unit.h"

#define MS (CODEC_RATE / 1000)
#define FRAMES 500	/* ten seconds */

/* Return how many pieces go if each cut fits so well. */
static unsigned
pieces(int64_t excess, bool quiet, double fits)
{
	struct tempo tempo = { 0 };
	unsigned i, n = 0;

	for (i = 0; i < FRAMES; i++) {
		tempo_frame(&tempo, true);
		if (!tempo_due(&tempo, excess, quiet) ||
		    (!quiet && fits < tempo_fit(&tempo, excess)))
			continue;
		tempo_step(&tempo);
		n++;
	}
	return n;
}

START_TEST(faster_with_more_excess)
{
	static const int64_t excess_ms[] = { 30, 200, 500, 1500 };
	double fits;
	unsigned i;

	for (fits = 0; fits <= 1; fits += 0.25)
		for (i = 1; i < sizeof(excess_ms) / sizeof(excess_ms[0]); i++)
			ck_assert_uint_ge(pieces(excess_ms[i] * MS, false,
			    fits), pieces(excess_ms[i - 1] * MS, false, fits));
	ck_assert_uint_le(pieces(30 * MS, false, 1), FRAMES / 25);
	ck_assert_uint_le(pieces(200 * MS, false, 1), FRAMES / 8);
	ck_assert_uint_ge(pieces(1500 * MS, false, 1), FRAMES / 2);
}
END_TEST

START_TEST(silences_first)
{
	struct tempo tempo = { 0 };
	unsigned i;

	for (i = 0; i < 10; i++)
		tempo_frame(&tempo, true);
	ck_assert(tempo_due(&tempo, 50 * MS, true));
	ck_assert(!tempo_due(&tempo, 50 * MS, false));
	ck_assert_uint_eq(pieces(200 * MS, true, 0), FRAMES);
}
END_TEST

/* What never fits, such as noise, is cut all the same, but less often. */
START_TEST(relents)
{
	ck_assert_uint_le(pieces(200 * MS, false, 0.5), FRAMES / 40);
	ck_assert_uint_ge(pieces(200 * MS, false, 0), FRAMES / 100);
	ck_assert_uint_ge(pieces(1500 * MS, false, 0.2), FRAMES / 10);
}
END_TEST

UNIT_SUITE(tempo, faster_with_more_excess, silences_first, relents)
