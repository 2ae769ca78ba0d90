/*
 * frames: a bounded queue between the loop and an audio thread; one end may
 * wait. See frames.h.
 */
#include "media/audio/frames.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct frames {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	size_t max, first, count;
	bool ended, stopped;
	int16_t pcm[][CODEC_FRAME];
};

int
frames_new(struct frames **out, size_t max)
{
	struct frames *frames;

	frames = calloc(1, sizeof(*frames) + max * sizeof(frames->pcm[0]));
	if (frames == NULL)
		return -ENOMEM;
	frames->max = max;
	pthread_mutex_init(&frames->lock, NULL);
	pthread_cond_init(&frames->changed, NULL);
	*out = frames;
	return 0;
}

void
frames_free(struct frames *frames)
{
	if (frames == NULL)
		return;
	pthread_cond_destroy(&frames->changed);
	pthread_mutex_destroy(&frames->lock);
	free(frames);
}

static bool
push(struct frames *frames, const int16_t *pcm, bool wait)
{
	bool pushed;

	pthread_mutex_lock(&frames->lock);
	while (wait && !frames->stopped && frames->count == frames->max)
		pthread_cond_wait(&frames->changed, &frames->lock);
	pushed = !frames->stopped && !frames->ended &&
	    frames->count < frames->max;
	if (pushed) {
		memcpy(frames->pcm[(frames->first + frames->count) %
		    frames->max], pcm, sizeof(frames->pcm[0]));
		frames->count++;
		pthread_cond_signal(&frames->changed);
	}
	pthread_mutex_unlock(&frames->lock);
	return pushed;
}

static bool
pop(struct frames *frames, int16_t *pcm, bool wait)
{
	bool popped;

	pthread_mutex_lock(&frames->lock);
	while (wait && !frames->stopped && !frames->ended &&
	    frames->count == 0)
		pthread_cond_wait(&frames->changed, &frames->lock);
	popped = !frames->stopped && frames->count > 0;
	if (popped) {
		memcpy(pcm, frames->pcm[frames->first],
		    sizeof(frames->pcm[0]));
		frames->first = (frames->first + 1) % frames->max;
		frames->count--;
		if (frames->count == 0)
			frames->first = 0;	/* use little of its memory */
		pthread_cond_signal(&frames->changed);
	}
	pthread_mutex_unlock(&frames->lock);
	return popped;
}

bool
frames_push(struct frames *frames, const int16_t pcm[static CODEC_FRAME])
{
	return push(frames, pcm, false);
}

bool
frames_push_wait(struct frames *frames, const int16_t pcm[static CODEC_FRAME])
{
	return push(frames, pcm, true);
}

bool
frames_pop(struct frames *frames, int16_t pcm[static CODEC_FRAME])
{
	return pop(frames, pcm, false);
}

bool
frames_pop_wait(struct frames *frames, int16_t pcm[static CODEC_FRAME])
{
	return pop(frames, pcm, true);
}

void
frames_trim(struct frames *frames, size_t keep)
{
	pthread_mutex_lock(&frames->lock);
	while (frames->count > keep) {
		frames->first = (frames->first + 1) % frames->max;
		frames->count--;
	}
	pthread_cond_signal(&frames->changed);
	pthread_mutex_unlock(&frames->lock);
}

size_t
frames_count(struct frames *frames)
{
	size_t count;

	pthread_mutex_lock(&frames->lock);
	count = frames->count;
	pthread_mutex_unlock(&frames->lock);
	return count;
}

static void
set(struct frames *frames, bool *flag)
{
	pthread_mutex_lock(&frames->lock);
	*flag = true;
	pthread_cond_broadcast(&frames->changed);
	pthread_mutex_unlock(&frames->lock);
}

void
frames_end(struct frames *frames)
{
	set(frames, &frames->ended);
}

void
frames_stop(struct frames *frames)
{
	set(frames, &frames->stopped);
}

bool
frames_at_end(struct frames *frames)
{
	bool at_end;

	pthread_mutex_lock(&frames->lock);
	at_end = frames->ended && frames->count == 0;
	pthread_mutex_unlock(&frames->lock);
	return at_end;
}
