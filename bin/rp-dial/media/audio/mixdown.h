/*
 * mixdown: any number of channels into one, of which nobody is lost. A voice
 * on one channel alone is as loud as there, and a pair in phase opposition is
 * not cancelled out. Pure.
 */
#ifndef RP_DIAL_MIXDOWN_H
#define RP_DIAL_MIXDOWN_H

#include <stddef.h>

struct mixdown;

/* Return NULL if memory is out. The state starts with no sound. */
struct mixdown *mixdown_new(unsigned channels);

/*
 * Mix `n` interleaved sample frames, about 10 ms. Full scale is 1. The result
 * may exceed it; clip it.
 */
void mixdown_run(struct mixdown *mix, float *mono, const float *pcm, size_t n);

/* NULL is allowed. */
void mixdown_free(struct mixdown *mix);

#endif
