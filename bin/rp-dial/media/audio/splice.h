/*
 * splice: take a piece out of audio or play a piece twice, inaudibly. The piece
 * is a whole number of periods of a voice where there is one, and the cut is a
 * cross-fade of SPLICE_FADE samples. Pure.
 */
#ifndef RP_DIAL_SPLICE_H
#define RP_DIAL_SPLICE_H

#include <stddef.h>
#include <stdint.h>

#include "media/audio/codec.h"

#define SPLICE_FADE 240			/* 5 ms */
#define SPLICE_LEAST 240		/* 5 ms: one period of a high voice */
#define SPLICE_OUT CODEC_FRAME		/* longest piece to take out */
#define SPLICE_IN (CODEC_FRAME - SPLICE_FADE)	/* longest piece to repeat */

/*
 * Return how many samples at the front, from SPLICE_LEAST to `most`, are best
 * to take out or to repeat. `pcm` holds `window` more than `most`; so much is
 * compared, and it is even. Return 0 if no piece fits as well as `least_fit`,
 * from -1 to 1.
 */
size_t splice_find(const int16_t *pcm, size_t most, size_t window,
    double least_fit);

/*
 * Take out the first `n` of `have` samples; `have` is at least n + SPLICE_FADE.
 */
void splice_out(int16_t *pcm, size_t have, size_t n);

/* Play the first `n` samples twice. Afterwards there are have + n samples. */
void splice_in(int16_t *pcm, size_t have, size_t n);

#endif
