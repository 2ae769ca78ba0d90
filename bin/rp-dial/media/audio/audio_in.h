/*
 * audio_in: the source of the audio to send as 20 ms frames of 48 kHz mono: a
 * file or pipe in any format that reader reads, or a device. A thread reads
 * ahead by half a second at most; the loop never waits.
 *
 * A source is a recording, of which no sample is lost however slow it is, or
 * live. Of a live one everything is discarded while it is muted. Unmuted, audio
 * that waits for longer than 60 ms is discarded. A source that delivers lumps
 * of up to 200 ms at a time, one after the other, may have such a lump wait as
 * well.
 *
 * To plug in a device, call audio_in_device, and audio_in_put from the device's
 * callback in whatever thread it runs. Everything else is as for a live pipe.
 */
#ifndef RP_DIAL_AUDIO_IN_H
#define RP_DIAL_AUDIO_IN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "media/audio/codec.h"
#include "wire/why.h"

struct audio_in;

/*
 * Open `name`, a file, a pipe, or "-" for standard input. It begins muted. Wait
 * for the head of a pipe, but for two seconds only if not a byte comes: whoever
 * writes it may wait for the call. If it cannot be opened or read, or holds no
 * audio, return a negative errno with one line in `why`.
 */
int audio_in_new(struct audio_in **out, const char *name, bool live,
    char why[static WHY_TEXT]);

/* Create a live source without a thread of its own. Return 0 or -ENOMEM. */
int audio_in_device(struct audio_in **out);

/*
 * Add `n` samples of 48 kHz mono that a device has just recorded. Never waits.
 * Allowed in one thread that is not the loop's, until audio_in_free.
 */
void audio_in_put(struct audio_in *in, const int16_t *pcm, size_t n);

/* Start to take frames, because the call was picked up. */
void audio_in_unmute(struct audio_in *in);

/*
 * Return the monotonic time at which a live source has last completed a frame,
 * muted or not; 0 if it has none, or is not live.
 */
uint64_t audio_in_framed_ns(struct audio_in *in);

/* Stop, because the call is over. The source may serve another one. */
void audio_in_mute(struct audio_in *in);

/*
 * Read the next frame, or silence if there is none. Return false for silence.
 */
bool audio_in_frame(struct audio_in *in, int16_t pcm[static CODEC_FRAME]);

/* Return whether the last frame was taken. */
bool audio_in_ended(struct audio_in *in);

/*
 * Return a negative errno with one line in `why`, which begins with the name, if
 * the source failed and the frames of before were taken. It is told once, and
 * the source has ended then. Otherwise return 0.
 */
int audio_in_error(struct audio_in *in, char why[static WHY_TEXT]);

/* NULL is allowed. */
void audio_in_free(struct audio_in *in);

#endif
