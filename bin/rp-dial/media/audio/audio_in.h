/*
 * audio_in: where what is said comes from: a file that libsndfile reads, or
 * standard input, as 20 ms frames of 48 kHz mono. A thread reads ahead by half
 * a second at most; the loop never waits.
 *
 * Standard input is 16-bit 48 kHz mono as it is, or a 16-bit PCM WAV of any
 * rate if it begins with RIFF. A source that takes as long to deliver as its
 * sound lasts is live (arecord): what it says before the call is picked up is
 * thrown away, and later what cannot be sent in time. Any other is a recording,
 * of which nothing is lost.
 */
#ifndef RP_DIAL_AUDIO_IN_H
#define RP_DIAL_AUDIO_IN_H

#include <stdbool.h>
#include <stdint.h>

#include "media/audio/codec.h"

struct audio_in;

#define AUDIO_WHY 160

/*
 * name is a file or "-". A negative errno with one line in why if it cannot
 * be opened or is no sound.
 */
int audio_in_new(struct audio_in **out, const char *name,
    char why[static AUDIO_WHY]);

/* Picked up: from now on frames are taken. */
void audio_in_unmute(struct audio_in *in);

/* The next frame, or silence if there is none. False: silence. */
bool audio_in_frame(struct audio_in *in, int16_t pcm[static CODEC_FRAME]);

/* Has the last frame been taken? */
bool audio_in_ended(struct audio_in *in);

void audio_in_free(struct audio_in *in);

#endif
