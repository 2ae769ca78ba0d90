/*
 * lagpath: correlate each window of what was said with all that was heard until
 * the greatest lag. Then the best path through the lags is chosen (Viterbi): a
 * lag that glides costs little, one that leaps costs more, so that words which
 * are alike do not attract it. See lagpath.h.
 */
#include "tools/lagpath.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "tools/fft.h"

#define WINDOW 3000		/* samples, 300 ms around the middle of a step */
#define BIN 50			/* samples, 5 ms: half a period of a voice */
#define GLIDE 10		/* bins in a step: played twice as fast */
#define GLIDE_COST 0.01		/* a bin */
#define LEAP_COST 0.8		/* worth a window that fits and one that not */
#define QUIET 1e-3		/* of the loudest window's energy: no speech */

struct search {
	const struct sound *spoken, *heard;
	long max_lag, n, bins;
	size_t size;		/* of the transforms */
	double complex *x, *y;
	struct lag *at;		/* for step and bin: the best lag in it */
	double *total;		/* for step and bin: the best path to it */
	long *from;		/* and the bin before */
	double loudest;
};

static double
sample(const struct sound *sound, long i)
{
	return i >= 0 && i < sound->n ? (double)sound->wave[i] : 0;
}

static long
window_begin(long step)
{
	return step * LAGPATH_STEP + (LAGPATH_STEP - WINDOW) / 2;
}

static double
energy(const struct sound *sound, long from)
{
	double sum = 0;
	long i;

	for (i = from; i < from + WINDOW; i++)
		sum += sample(sound, i) * sample(sound, i);
	return sum;
}

/* Leave sums of products in x: one for each lag. */
static void
multiply(struct search *search, long from)
{
	long i;

	memset(search->x, 0, search->size * sizeof(*search->x));
	memset(search->y, 0, search->size * sizeof(*search->y));
	for (i = 0; i < WINDOW; i++)
		search->x[i] = sample(search->spoken, from + i);
	for (i = 0; i < WINDOW + search->max_lag; i++)
		search->y[i] = sample(search->heard, from + i);
	fft_transform(search->x, search->size, false);
	fft_transform(search->y, search->size, false);
	for (i = 0; i < (long)search->size; i++)
		search->x[i] = conj(search->x[i]) * search->y[i];
	fft_transform(search->x, search->size, true);
}

/* Find the best lag of each bin for one step. */
static void
fit_step(struct search *search, long step)
{
	struct lag *at = search->at + step * search->bins;
	long lag, from = window_begin(step);
	double said = energy(search->spoken, from);
	double played = energy(search->heard, from);

	if (said <= search->loudest * QUIET)
		return;
	multiply(search, from);
	for (lag = 0; lag < search->max_lag; lag++) {
		double floor = said * 1e-6;
		double fit = creal(search->x[lag]) / (double)search->size /
		    sqrt(said * fmax(played, floor));

		if (fit > at[lag / BIN].fit)
			at[lag / BIN] = (struct lag) { lag, fit };
		played += pow(sample(search->heard, from + WINDOW + lag), 2) -
		    pow(sample(search->heard, from + lag), 2);
	}
}

static long
best_bin(const double *total, long first, long last)
{
	long i, best = first;

	for (i = first + 1; i <= last; i++)
		if (total[i] > total[best])
			best = i;
	return best;
}

static void
extend(struct search *search, long step, long bin, long leap_from)
{
	const double *before = search->total + (step - 1) * search->bins;
	long i, first = bin - GLIDE, last = bin + GLIDE, best = leap_from;
	double most = before[leap_from] - LEAP_COST;

	if (first < 0)
		first = 0;
	if (last > search->bins - 1)
		last = search->bins - 1;
	for (i = first; i <= last; i++) {
		double value = before[i] - GLIDE_COST * (double)labs(i - bin);

		if (value > most) {
			most = value;
			best = i;
		}
	}
	search->total[step * search->bins + bin] = most +
	    search->at[step * search->bins + bin].fit;
	search->from[step * search->bins + bin] = best;
}

static void
follow(struct search *search, struct lag *lags)
{
	long step, bin, last = search->bins - 1;

	for (bin = 0; bin <= last; bin++)
		search->total[bin] = search->at[bin].fit;
	for (step = 1; step < search->n; step++) {
		long leap_from = best_bin(search->total +
		    (step - 1) * search->bins, 0, last);

		for (bin = 0; bin <= last; bin++)
			extend(search, step, bin, leap_from);
	}
	bin = best_bin(search->total + (search->n - 1) * search->bins, 0, last);
	for (step = search->n - 1; step >= 0; step--) {
		lags[step] = search->at[step * search->bins + bin];
		if (lags[step].fit <= 0)
			lags[step].samples = bin * BIN;
		bin = search->from[step * search->bins + bin];
	}
}

static bool
open_search(struct search *search)
{
	size_t cells = (size_t)(search->n * search->bins);

	search->size = 1;
	while ((long)search->size < 2 * WINDOW + search->max_lag)
		search->size *= 2;
	search->x = calloc(search->size, sizeof(*search->x));
	search->y = calloc(search->size, sizeof(*search->y));
	search->at = calloc(cells, sizeof(*search->at));
	search->total = calloc(cells, sizeof(*search->total));
	search->from = calloc(cells, sizeof(*search->from));
	return search->x != NULL && search->y != NULL && search->at != NULL &&
	    search->total != NULL && search->from != NULL;
}

static void
close_search(struct search *search)
{
	free(search->x);
	free(search->y);
	free(search->at);
	free(search->total);
	free(search->from);
}

struct lag *
lagpath_find(const struct sound *spoken, const struct sound *heard,
    long max_lag)
{
	struct search search = {
		.spoken = spoken, .heard = heard, .max_lag = max_lag,
		.n = spoken->n / LAGPATH_STEP + 1, .bins = max_lag / BIN + 1,
	};
	struct lag *lags = calloc((size_t)search.n, sizeof(*lags));
	long step;

	if (lags == NULL || !open_search(&search)) {
		close_search(&search);
		free(lags);
		return NULL;
	}
	for (step = 0; step < search.n; step++)
		search.loudest = fmax(search.loudest,
		    energy(spoken, window_begin(step)));
	for (step = 0; step < search.n; step++)
		fit_step(&search, step);
	follow(&search, lags);
	close_search(&search);
	return lags;
}
