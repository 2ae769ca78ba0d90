/*
 * echo: takes out of a microphone's sound what the speaker put there, by
 * speexdsp's adaptive filter (MDF). Linear: where there is no echo, the sound
 * stays as it is.
 */
#ifndef RP_DIAL_ECHO_H
#define RP_DIAL_ECHO_H

#include <stdint.h>

#include "media/audio/codec.h"

struct echo;

/* Return NULL if out of memory. */
struct echo *echo_new(void);
void echo_free(struct echo *echo);

/* Forget the room, for a new call. */
void echo_reset(struct echo *echo);

/*
 * Replace `said`, of the microphone, by what is left of it without `played`,
 * which went to the speaker last. The echo may come 200 ms later.
 */
void echo_cancel(struct echo *echo, int16_t said[static CODEC_FRAME],
    const int16_t played[static CODEC_FRAME]);

#endif
