/*
 * intelligibility: envelopes in bands of a third of an octave, compared in
 * segments of 384 ms. See intelligibility.h.
 */
#include "tools/intelligibility.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "tools/fft.h"

/* The figures are those of the paper. */
#define FRAME 256		/* samples, 25.6 ms */
#define BINS 512		/* of the transform, half of them zeros */
#define BANDS 15
#define LOWEST_HZ 150		/* centre of the first band */
#define SEGMENT 30		/* frames, 384 ms */
#define RANGE 1e-4		/* of power: 40 dB below the loudest */
#define CLIP 6.623413251903491	/* 1 + 10^(15/20): 15 dB of distortion */

struct frame {
	double spoken[BANDS], heard[BANDS];
	double power;			/* spoken */
};

static double
sample(const struct sound *sound, long i)
{
	return i >= 0 && i < sound->n ? (double)sound->wave[i] : 0;
}

static long
bin_of(double hz)
{
	return lround(hz * BINS / STOI_RATE);
}

/* Write the magnitudes of the frame that begins at `from`; return its power. */
static double
analyse(double bands[static BANDS], const struct sound *sound, long from)
{
	double complex x[BINS] = { 0 };
	double sum, power = 0, centre = LOWEST_HZ, half = pow(2, 1 / 6.);
	long i, band;

	for (i = 0; i < FRAME; i++) {
		double window = 0.5 - 0.5 * cos(2 * M_PI * (double)(i + 1) /
		    (FRAME + 1));

		x[i] = window * sample(sound, from + i);
		power += creal(x[i]) * creal(x[i]);
	}
	fft_transform(x, BINS, false);
	for (band = 0; band < BANDS; band++) {
		sum = 0;
		for (i = bin_of(centre / half); i < bin_of(centre * half); i++)
			sum += creal(x[i] * conj(x[i]));
		bands[band] = sqrt(sum);
		centre *= pow(2, 1 / 3.);
	}
	return power;
}

/* Drop the frames in which nothing was said; return how many are left. */
static long
drop_silent(struct frame *frames, long n)
{
	double loudest = 0;
	long i, left = 0;

	for (i = 0; i < n; i++)
		loudest = fmax(loudest, frames[i].power);
	for (i = 0; i < n; i++)
		if (frames[i].power > loudest * RANGE)
			frames[left++] = frames[i];
	return left;
}

static double
correlation(const double *x, const double *y)
{
	double mean_x = 0, mean_y = 0, xx = 0, yy = 0, xy = 0;
	int i;

	for (i = 0; i < SEGMENT; i++) {
		mean_x += x[i] / SEGMENT;
		mean_y += y[i] / SEGMENT;
	}
	for (i = 0; i < SEGMENT; i++) {
		xx += (x[i] - mean_x) * (x[i] - mean_x);
		yy += (y[i] - mean_y) * (y[i] - mean_y);
		xy += (x[i] - mean_x) * (y[i] - mean_y);
	}
	return xx <= 0 || yy <= 0 ? 0 : xy / sqrt(xx * yy);
}

/* Compare one band of a segment, after what is heard is scaled and clipped. */
static double
compare(const struct frame *frames, int band)
{
	double x[SEGMENT], y[SEGMENT], xx = 0, yy = 0;
	int i;

	for (i = 0; i < SEGMENT; i++) {
		x[i] = frames[i].spoken[band];
		y[i] = frames[i].heard[band];
		xx += x[i] * x[i];
		yy += y[i] * y[i];
	}
	if (yy <= 0)
		return 0;
	for (i = 0; i < SEGMENT; i++)
		y[i] = fmin(y[i] * sqrt(xx / yy), x[i] * CLIP);
	return correlation(x, y);
}

static double
average(const struct frame *frames, long n)
{
	double sum = 0;
	long from, segments = n - SEGMENT + 1;
	int band;

	if (segments < 1)
		return -1;
	for (from = 0; from < segments; from++)
		for (band = 0; band < BANDS; band++)
			sum += compare(frames + from, band);
	return sum / (double)segments / BANDS;
}

double
intelligibility_score(const struct sound *spoken, const struct sound *heard,
    const long *lags)
{
	long i, n = (spoken->n - FRAME) / STOI_HOP + 1;
	struct frame *frames;
	double score;

	if (spoken->n < FRAME)
		return -1;
	frames = calloc((size_t)n, sizeof(*frames));
	if (frames == NULL)
		return -1;
	for (i = 0; i < n; i++) {
		frames[i].power = analyse(frames[i].spoken, spoken,
		    i * STOI_HOP);
		analyse(frames[i].heard, heard, i * STOI_HOP + lags[i]);
	}
	score = average(frames, drop_silent(frames, n));
	free(frames);
	return score;
}
