/*
 * sound: decoded sound that waits to be played, and where it is silent. Pure;
 * called by jitter. See sound.h.
 */
#include "media/audio/sound.h"

#include <string.h>

#include "media/audio/splice.h"

/* Mean squares of silence; between words it is 24 dB below the loudest. */
#define SILENT (30.0 * 30)
#define QUIETER 256
#define LOUD_FADES 0.995	/* per frame: by half in three seconds */

#define WINDOW 480	/* 10 ms: compares a period of a deep voice */

int16_t *
sound_end(struct sound *sound)
{
	return sound->pcm + sound->have;
}

void
sound_add(struct sound *sound, size_t n)
{
	sound->have += n;
}

bool
sound_quiet(struct sound *sound)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < CODEC_FRAME; i++)
		sum += (double)sound->pcm[i] * sound->pcm[i];
	sum /= CODEC_FRAME;
	sound->loud *= LOUD_FADES;
	if (sum > sound->loud)
		sound->loud = sum;
	return sum < SILENT || sum * QUIETER < sound->loud;
}

static void
take_out(struct sound *sound, size_t n)
{
	splice_out(sound->pcm, sound->have, n);
	sound->have -= n;
}

size_t
sound_shorten(struct sound *sound, bool quiet, double least_fit)
{
	size_t n = SPLICE_OUT;

	if (sound->have < 2 * CODEC_FRAME)
		return 0;
	if (!quiet)
		n = splice_find(sound->pcm, SPLICE_OUT, WINDOW, least_fit);
	if (n > 0)
		take_out(sound, n);
	return n;
}

size_t
sound_lengthen(struct sound *sound, bool quiet)
{
	size_t n = SPLICE_IN;

	if (sound->have < CODEC_FRAME || sound->have + n >
	    sizeof(sound->pcm) / sizeof(sound->pcm[0]))
		return 0;
	if (!quiet)
		n = splice_find(sound->pcm, SPLICE_IN, SPLICE_FADE, -1);
	splice_in(sound->pcm, sound->have, n);
	sound->have += n;
	return n;
}

bool
sound_drop_rest(struct sound *sound)
{
	size_t rest = sound->have % CODEC_FRAME;

	if (rest < SPLICE_FADE || sound->have < CODEC_FRAME)
		return false;
	take_out(sound, rest);
	return true;
}

void
sound_take(struct sound *sound, int16_t pcm[static CODEC_FRAME])
{
	memcpy(pcm, sound->pcm, CODEC_FRAME * sizeof(*pcm));
	sound->have -= CODEC_FRAME;
	memmove(sound->pcm, sound->pcm + CODEC_FRAME,
	    sound->have * sizeof(*pcm));
}
