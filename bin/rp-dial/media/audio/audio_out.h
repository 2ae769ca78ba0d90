/*
 * audio_out: the sink of received audio, a file that libsndfile writes, with
 * the format of its extension, or standard output, a FIFO or a device as 16-bit
 * 48 kHz mono. The old contents of a file are replaced once there is something
 * to write. A thread writes; the loop never waits.
 *
 * Nothing of a recording is lost. If its disk or its reader is more than a
 * minute behind, that is an error. A live reader that is too slow misses the
 * oldest audio.
 */
#ifndef RP_DIAL_AUDIO_OUT_H
#define RP_DIAL_AUDIO_OUT_H

#include <stdbool.h>
#include <stdint.h>

#include "media/audio/audio_in.h"
#include "wire/why.h"

struct audio_out;

/*
 * How it is written. AUDIO_OUT_LIVE: at most 60 ms wait here for the reader of
 * a pipe, and the pipe holds as little as it can. AUDIO_OUT_NEW: to a file that
 * was not there; see tool_new_file.
 */
#define AUDIO_OUT_LIVE 1u
#define AUDIO_OUT_NEW 2u

/*
 * Open `name`, a file or "-". Return 0, or a negative errno with one line in
 * `why`.
 */
int audio_out_new(struct audio_out **out, const char *name, unsigned how,
    char why[static WHY_TEXT]);


/* Write 20 ms more. Return a negative errno once writing has failed. */
int audio_out_frame(struct audio_out *out,
    const int16_t pcm[static CODEC_FRAME]);

/*
 * Write the remaining audio and close. This waits for as long as some is taken
 * every ten seconds, or every second if it is live. Return the first error of
 * writing or closing, or 0. Repeated, it does nothing more.
 */
int audio_out_finish(struct audio_out *out);

/* Write into `why` the name of what is written, and what `err` means. */
void audio_out_explain(const struct audio_out *out, int err,
    char why[static WHY_TEXT]);

/* Finish it, if that is not done, and free it. NULL is allowed. */
void audio_out_free(struct audio_out *out);

#endif
