/*
 * sound: audio that is decoded and not played yet. It is played from the front
 * by frames, and may be made shorter or longer there. Pure.
 */
#ifndef RP_DIAL_SOUND_H
#define RP_DIAL_SOUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "media/audio/codec.h"

/* Embedded; zeroed at first. It holds a longest packet behind two frames. */
struct sound {
	size_t have;
	int16_t pcm[2 * CODEC_FRAME + CODEC_SPAN_MAX];
	double loud;		/* mean square of the loudest recent frame */
};

/* Return where to write more audio; then pass its length to sound_add. */
int16_t *sound_end(struct sound *sound);
void sound_add(struct sound *sound, size_t n);

/*
 * Return whether the frame at the front is a silence. Call it once for each
 * frame.
 */
bool sound_quiet(struct sound *sound);

/*
 * Make the frame at the front shorter or longer by up to 20 ms, the most if it
 * is `quiet`. Return by how many samples. 0 means that there is too little
 * audio or no space. sound_shorten needs two frames; it also returns 0 if the
 * frame is not quiet and no cut fits as well as `least_fit`, from -1 to 1.
 */
size_t sound_shorten(struct sound *sound, bool quiet, double least_fit);
size_t sound_lengthen(struct sound *sound, bool quiet);

/* Drop the incomplete last frame if that is worth it. Return whether it was. */
bool sound_drop_rest(struct sound *sound);

/* Take a frame to play, which must be there. */
void sound_take(struct sound *sound, int16_t pcm[static CODEC_FRAME]);

#endif
