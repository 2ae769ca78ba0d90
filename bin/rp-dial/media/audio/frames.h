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

/*
 * Add or take a frame without waiting. Return false if the queue is full, ended
 * or stopped (push), or empty (pop).
 */
bool frames_push(struct frames *frames, const int16_t pcm[static CODEC_FRAME]);
bool frames_pop(struct frames *frames, int16_t pcm[static CODEC_FRAME]);

/*
 * Add or take a frame, waiting as needed. Return false if the queue is stopped
 * or, for pop, empty and ended.
 */
bool frames_push_wait(struct frames *frames,
    const int16_t pcm[static CODEC_FRAME]);
bool frames_pop_wait(struct frames *frames, int16_t pcm[static CODEC_FRAME]);

/* Return how many frames wait. */
size_t frames_count(struct frames *frames);

/* Keep only the newest `keep` frames. */
void frames_trim(struct frames *frames, size_t keep);

/*
 * End the queue. No more frames may be pushed; the present ones can still be
 * taken.
 */
void frames_end(struct frames *frames);
/* Return whether the queue is ended and empty. */
bool frames_at_end(struct frames *frames);

/* Stop the queue and wake all waiting threads. */
void frames_stop(struct frames *frames);

#endif
