/*
 * splice: takes a piece out of sound or plays a piece twice, so that it is
 * not heard to be done: by a whole number of periods of a voice where there
 * is one, and with a cross-fade of SPLICE_FADE samples. Pure.
 */
#ifndef RP_DIAL_SPLICE_H
#define RP_DIAL_SPLICE_H

#include <stddef.h>
#include <stdint.h>

#include "codec.h"

#define SPLICE_FADE 240			/* 5 ms */
#define SPLICE_LEAST (CODEC_FRAME / 2)	/* 10 ms: one period of a deep voice */
#define SPLICE_OUT CODEC_FRAME		/* taken out at most */
#define SPLICE_IN (CODEC_FRAME - SPLICE_FADE)	/* put in at most */

/*
 * How many samples at the front, from least to most, go best. pcm holds most
 * and SPLICE_FADE more.
 */
size_t splice_find(const int16_t *pcm, size_t least, size_t most);

/* Takes out the first n of have samples; have is n + SPLICE_FADE or more. */
void splice_out(int16_t *pcm, size_t have, size_t n);

/* Plays the first n samples twice: have + n samples are there afterwards. */
void splice_in(int16_t *pcm, size_t have, size_t n);

#endif
