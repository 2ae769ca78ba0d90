/*
 * audio_out: where what is heard goes: a file that libsndfile writes, by its
 * extension, or standard output as 16-bit 48 kHz mono. A thread writes; the
 * loop never waits. A reader of standard output that is too slow misses the
 * oldest sound.
 */
#ifndef RP_DIAL_AUDIO_OUT_H
#define RP_DIAL_AUDIO_OUT_H

#include <stdint.h>

#include "media/audio/audio_in.h"

struct audio_out;

/* name is a file or "-". A negative errno with one line in why. */
int audio_out_new(struct audio_out **out, const char *name,
    char why[static AUDIO_WHY]);

/* 20 ms more. A negative errno once writing has failed. */
int audio_out_frame(struct audio_out *out,
    const int16_t pcm[static CODEC_FRAME]);

/* Writes what is left, for a second at most, and closes. NULL is fine. */
void audio_out_free(struct audio_out *out);

#endif
