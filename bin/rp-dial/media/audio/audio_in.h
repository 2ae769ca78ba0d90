/*
 * audio_in: the source of the audio to send, a file that libsndfile reads or
 * standard input, as 20 ms frames of 48 kHz mono. A thread reads ahead by half
 * a second at most; the loop never waits.
 *
 * Standard input is raw 16-bit 48 kHz mono or, if it begins with RIFF, a 16-bit
 * PCM WAV of any rate. A source that delivers audio no faster than it plays is
 * live (arecord). Its audio before the call is picked up is discarded, and
 * later the audio that cannot be sent in time. Any other source is a recording,
 * of which nothing is lost.
 */
#ifndef RP_DIAL_AUDIO_IN_H
#define RP_DIAL_AUDIO_IN_H

#include <stdbool.h>
#include <stdint.h>

#include "media/audio/codec.h"
#include "wire/why.h"

struct audio_in;


/*
 * Open `name`, a file or "-". If it cannot be opened or holds no audio, return
 * a negative errno with one line in `why`.
 */
int audio_in_new(struct audio_in **out, const char *name,
    char why[static WHY_TEXT]);

/* Start to take frames, because the call was picked up. */
void audio_in_unmute(struct audio_in *in);

/*
 * Read the next frame, or silence if there is none. Return false for silence.
 */
bool audio_in_frame(struct audio_in *in, int16_t pcm[static CODEC_FRAME]);

/* Return whether the last frame was taken. */
bool audio_in_ended(struct audio_in *in);

void audio_in_free(struct audio_in *in);

#endif
