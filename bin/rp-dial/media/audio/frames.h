/*
 * frames: a bounded queue of 20 ms frames between the loop and a thread that
 * reads or writes audio. One side may wait, the other never does.
 */
#ifndef RP_DIAL_FRAMES_H
#define RP_DIAL_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "media/audio/codec.h"

struct frames;

int frames_new(struct frames **out, size_t max);
void frames_free(struct frames *frames);

/* Without waiting. False: full, ended or stopped; empty. */
bool frames_push(struct frames *frames, const int16_t pcm[static CODEC_FRAME]);
bool frames_pop(struct frames *frames, int16_t pcm[static CODEC_FRAME]);

/* With waiting. False: stopped; pop: or empty and ended. */
bool frames_push_wait(struct frames *frames,
    const int16_t pcm[static CODEC_FRAME]);
bool frames_pop_wait(struct frames *frames, int16_t pcm[static CODEC_FRAME]);

/* Keep only the newest. */
void frames_trim(struct frames *frames, size_t keep);

size_t frames_count(struct frames *frames);

/* Nothing more is pushed; what is there can still be popped. */
void frames_end(struct frames *frames);
/* Is it ended and empty? */
bool frames_at_end(struct frames *frames);

/* Nobody waits any longer. */
void frames_stop(struct frames *frames);
bool frames_stopped(struct frames *frames);

#endif
