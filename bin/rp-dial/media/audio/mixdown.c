/*
 * mixdown: add channels with the signs that keep them from cancelling, at the
 * level of the loudest. See mixdown.h.
 */
#include "media/audio/mixdown.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#define MEMORY 0.9		/* of a block's energy in the next: 100 ms */
#define OPPOSED 0.5		/* a correlation that says so; no noise has it */
#define LOUDER 2.0		/* energies, so that equals do not alternate */
#define LIMIT 8.0F		/* a float file may hold anything */

struct channel {
	double energy, cross;	/* cross: with the loudest */
	float sign, weight;
};

struct mixdown {
	unsigned channels, loudest;
	double mixed;		/* energy of the sum */
	bool begun;
	struct channel channel[];
};

struct mixdown *
mixdown_new(unsigned channels)
{
	struct mixdown *mix = calloc(1, sizeof(*mix) +
	    channels * sizeof(mix->channel[0]));
	unsigned c;

	if (mix == NULL)
		return NULL;
	mix->channels = channels;
	for (c = 0; c < channels; c++)
		mix->channel[c].sign = 1;
	return mix;
}

static float
tame(float value)
{
	if (!isfinite(value))
		return 0;
	return value > LIMIT ? LIMIT : value < -LIMIT ? -LIMIT : value;
}

/* Measure each channel, and find the loudest. */
static void
measure_energy(struct mixdown *mix, const float *pcm, size_t n)
{
	unsigned c, loudest = mix->loudest;
	size_t i;

	for (c = 0; c < mix->channels; c++) {
		struct channel *channel = &mix->channel[c];

		channel->energy *= MEMORY;
		for (i = 0; i < n; i++) {
			double x = tame(pcm[i * mix->channels + c]);

			channel->energy += x * x;
		}
		if (channel->energy > LOUDER *
		    mix->channel[loudest].energy)
			loudest = c;
	}
	if (loudest == mix->loudest)
		return;
	mix->loudest = loudest;
	for (c = 0; c < mix->channels; c++)
		mix->channel[c].cross = 0;
}

/* Find the channels that oppose the loudest. */
static void
measure_phase(struct mixdown *mix, const float *pcm, size_t n)
{
	const struct channel *loudest = &mix->channel[mix->loudest];
	float sign = loudest->sign;
	unsigned c;
	size_t i;

	for (c = 0; c < mix->channels; c++) {
		struct channel *channel = &mix->channel[c];
		double both = sqrt(channel->energy * loudest->energy);

		channel->cross *= MEMORY;
		for (i = 0; i < n; i++)
			channel->cross += (double)tame(pcm[i * mix->channels +
			    c]) * tame(pcm[i * mix->channels + mix->loudest]);
		if (channel->cross < -OPPOSED * both)
			channel->sign = -sign;
		else if (channel->cross > OPPOSED * both)
			channel->sign = sign;
	}
}

static float
signed_sum(const struct mixdown *mix, const float *frame)
{
	float sum = 0;
	unsigned c;

	for (c = 0; c < mix->channels; c++)
		sum += mix->channel[c].sign * tame(frame[c]);
	return sum;
}

/* Return the factor at which the sum is as loud as the loudest channel. */
static float
measure_gain(struct mixdown *mix, const float *pcm, size_t n)
{
	double loudest = mix->channel[mix->loudest].energy;
	size_t i;

	mix->mixed *= MEMORY;
	for (i = 0; i < n; i++) {
		double sum = signed_sum(mix, pcm + i * mix->channels);

		mix->mixed += sum * sum;
	}
	return mix->mixed > loudest ? (float)sqrt(loudest / mix->mixed) : 1;
}

void
mixdown_run(struct mixdown *mix, float *mono, const float *pcm, size_t n)
{
	float gain;
	unsigned c;
	size_t i;

	if (mix->channels == 1) {
		for (i = 0; i < n; i++)
			mono[i] = tame(pcm[i]);
		return;
	}
	measure_energy(mix, pcm, n);
	measure_phase(mix, pcm, n);
	gain = measure_gain(mix, pcm, n);
	for (i = 0; i < n; i++)
		mono[i] = 0;
	for (c = 0; c < mix->channels; c++) {
		struct channel *channel = &mix->channel[c];
		float to = channel->sign * gain;
		float from = mix->begun ? channel->weight : to;

		/* The weights move within a block, so that nothing clicks. */
		for (i = 0; i < n; i++)
			mono[i] += (from + (to - from) * (float)(i + 1) /
			    (float)n) * tame(pcm[i * mix->channels + c]);
		channel->weight = to;
	}
	mix->begun = true;
}

void
mixdown_free(struct mixdown *mix)
{
	free(mix);
}
