/*
 * sound: what is decoded and not played yet. It is played from the front by
 * frames, and may be made shorter or longer there. Pure.
 */
#ifndef RP_DIAL_SOUND_H
#define RP_DIAL_SOUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec.h"

/* Embedded; zeroed at first. There is room for a packet behind two frames. */
struct sound {
	size_t have;
	int16_t pcm[2 * CODEC_FRAME + CODEC_SPAN_MAX];
	double loud;		/* mean square of the loudest frame of late */
};

/* Where more sound is to be put; then sound_add says how much it is. */
int16_t *sound_end(struct sound *sound);
void sound_add(struct sound *sound, size_t n);

/* Is the frame at the front a silence? To be called once for each. */
bool sound_quiet(struct sound *sound);

/*
 * Makes the frame at the front shorter or longer by up to 20 ms, the most if
 * it is quiet; returns by how many samples. 0: there is not sound enough, of
 * which sound_shorten wants two frames, or no room.
 */
size_t sound_shorten(struct sound *sound, bool quiet);
size_t sound_lengthen(struct sound *sound, bool quiet);

/* Leaves whole frames there, if what is more is worth it. True: it was. */
bool sound_drop_rest(struct sound *sound);

/* Plays a frame, which must be there. */
void sound_take(struct sound *sound, int16_t pcm[static CODEC_FRAME]);

#endif
