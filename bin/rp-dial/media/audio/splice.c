/*
 * splice: shorten or lengthen sound by whole periods of a voice. Pure; called
 * by sound. See splice.h.
 */
#include "media/audio/splice.h"

#include <math.h>
#include <string.h>

/*
 * Return how well the audio at `n` continues the front, from -1 to 1. Each
 * second sample is enough for it.
 */
static double
fit(const int16_t *pcm, size_t n, size_t window)
{
	double product = 0, front = 0, there = 0;
	size_t i;

	for (i = 0; i < window; i += 2) {
		double x = pcm[i], y = pcm[n + i];

		product += x * y;
		front += x * x;
		there += y * y;
	}
	return front > 0 && there > 0 ? product / sqrt(front * there) : 0;
}

/*
 * Return the value of a piece. Of two that fit about equally the longer one
 * wins, because fewer splices are better.
 */
static double
worth(double fits, size_t n)
{
	return fits * (1 + (double)n / (20 * CODEC_FRAME));
}

size_t
splice_find(const int16_t *pcm, size_t most, size_t window, double least_fit)
{
	double best = 0, best_fit = 0;
	size_t n, found = most;

	for (n = SPLICE_LEAST; n <= most; n++) {
		double fits = fit(pcm, n, window);

		if (worth(fits, n) > best) {
			best = worth(fits, n);
			best_fit = fits;
			found = n;
		}
	}
	return best_fit < least_fit ? 0 : found;
}

/* Cross-fade `to` into `into`. */
static void
fade(int16_t *to, const int16_t *into)
{
	int i;

	for (i = 0; i < SPLICE_FADE; i++)
		to[i] = (int16_t)((to[i] * (SPLICE_FADE - i) + into[i] * i) /
		    SPLICE_FADE);
}

void
splice_out(int16_t *pcm, size_t have, size_t n)
{
	int16_t joint[SPLICE_FADE];

	memcpy(joint, pcm, sizeof(joint));
	fade(joint, pcm + n);
	memmove(pcm, pcm + n, (have - n) * sizeof(*pcm));
	memcpy(pcm, joint, sizeof(joint));
}

void
splice_in(int16_t *pcm, size_t have, size_t n)
{
	int16_t joint[SPLICE_FADE];

	memcpy(joint, pcm + n, sizeof(joint));
	fade(joint, pcm);
	memmove(pcm + n, pcm, have * sizeof(*pcm));
	memcpy(pcm + n, joint, sizeof(joint));
}
