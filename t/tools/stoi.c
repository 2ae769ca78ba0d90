/*
 * stoi: measure how well speech is understood, and how much later each second
 * of it is heard. The lag may change: each part is compared where it is heard.
 * Prints one JSON object:
 *
 *	stoi	1 for the same sound; below 0.5 little is understood
 *	lag_ms	the mean lag
 *	end_ms	the mean lag of the last two seconds
 *	lags_ms	the lag of each second; null where nothing is said or heard
 *
 *	stoi [--max-lag SECONDS] [--shift MS] [--min X] SPOKEN HEARD
 *
 * The recording of HEARD began --shift ms after that of SPOKEN, or before it if
 * that is negative. A file named .raw is 16-bit 48 kHz mono. Exits 0, or 2 if
 * the score is below --min.
 */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/tool.h"
#include "tools/intelligibility.h"
#include "tools/lagpath.h"

#define HEARD 0.4	/* fit from which on a lag is believed */
#define STEPS (LAGPATH_RATE / LAGPATH_STEP)	/* in a second */
#define END_S 2
#define PER_MS (LAGPATH_RATE / 1000)

/* Put silence before the sound, or take a part away. */
static void
shift(struct sound *sound, long samples)
{
	long n = sound->n + samples > 0 ? sound->n + samples : 0;
	float *wave = calloc((size_t)n + 1, sizeof(*wave));
	long i;

	if (wave == NULL)
		tool_fail(1, "shift", "out of memory");
	for (i = samples > 0 ? samples : 0; i < n; i++)
		wave[i] = sound->wave[i - samples];
	free(sound->wave);
	*sound = (struct sound) { wave, n };
}

/* Average the lags that are believed; return whether there are any. */
static bool
mean_ms(double *out, const struct lag *lags, long from, long to)
{
	double sum = 0, weight = 0;
	long i;

	for (i = from < 0 ? 0 : from; i < to; i++)
		if (lags[i].fit >= HEARD) {
			sum += (double)lags[i].samples / PER_MS * lags[i].fit;
			weight += lags[i].fit;
		}
	if (weight > 0)
		*out = sum / weight;
	return weight > 0;
}

static void
print_lag(const char *before, const struct lag *lags, long from, long to)
{
	double ms = 0;

	if (mean_ms(&ms, lags, from, to))
		printf("%s%.0f", before, ms);
	else
		printf("%snull", before);
}

static void
print_lags(const struct lag *lags, long n)
{
	long i;

	print_lag(", \"lag_ms\": ", lags, 0, n);
	print_lag(", \"end_ms\": ", lags, n - END_S * STEPS, n);
	printf(", \"lags_ms\": [");
	for (i = 0; i < n; i += STEPS)
		print_lag(i > 0 ? ", " : "", lags, i,
		    i + STEPS < n ? i + STEPS : n);
	printf("]");
}

/* Give each frame the lag of the step that its middle is in. */
static long *
frame_lags(const struct lag *lags, long n)
{
	long i, frames = n * LAGPATH_STEP / STOI_HOP + 1;
	long *out = calloc((size_t)frames, sizeof(*out));

	if (out == NULL)
		tool_fail(1, "lags", "out of memory");
	for (i = 0; i < frames; i++) {
		long step = (i + 1) * STOI_HOP / LAGPATH_STEP;

		out[i] = lags[step < n ? step : n - 1].samples;
	}
	return out;
}

static double
measure(const struct sound *spoken, const struct sound *heard, long max_lag)
{
	long n = spoken->n / LAGPATH_STEP + 1;
	struct lag *lags = lagpath_find(spoken, heard, max_lag);
	long *per_frame;
	double score;

	if (lags == NULL)
		tool_fail(1, "lags", "out of memory");
	per_frame = frame_lags(lags, n);
	score = intelligibility_score(spoken, heard, per_frame);
	printf("{\"stoi\": %.3f", score);
	print_lags(lags, n);
	printf("}\n");
	free(per_frame);
	free(lags);
	return score;
}

int
main(int argc, char *argv[])
{
	static const struct option options[] = {
		{ "max-lag", required_argument, NULL, 'l' },
		{ "shift", required_argument, NULL, 's' },
		{ "min", required_argument, NULL, 'm' },
		{ NULL, 0, NULL, 0 }
	};
	double min = -1, found, shift_ms = 0, max_lag_s = 3;
	struct sound spoken, heard;
	int option;

	tool_name("stoi");
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (option) {
		case 'l': max_lag_s = atof(optarg); break;
		case 's': shift_ms = atof(optarg); break;
		case 'm': min = atof(optarg); break;
		default: return 1;
		}
	if (argc - optind != 2 || max_lag_s <= 0)
		tool_fail(1, "usage", "stoi [OPTION...] SPOKEN HEARD");
	spoken = recording_read(argv[optind], LAGPATH_RATE);
	heard = recording_read(argv[optind + 1], LAGPATH_RATE);
	shift(&heard, (long)(shift_ms * PER_MS));
	found = measure(&spoken, &heard, (long)(max_lag_s * LAGPATH_RATE));
	free(spoken.wave);
	free(heard.wave);
	return found < min ? 2 : 0;
}
