/*
 * handset: a microphone and a speaker, either or both, with ring tones, and
 * without the echo of one in the other. It outlives the calls that use it. A
 * device that goes away in mid-call is told, and the call goes on.
 */
#ifndef RP_DIAL_HANDSET_H
#define RP_DIAL_HANDSET_H

#include <stdbool.h>
#include <stdint.h>

#include "media/audio/codec.h"
#include "wire/why.h"

struct event_base;
struct handset;

/* Names of devices; "default" is the system's, NULL none. */
struct handset_options {
	const char *mic, *speaker;
};

enum handset_tone {
	HANDSET_RING,		/* somebody calls */
	HANDSET_RINGBACK	/* we call, and it rings there */
};

/*
 * Open the devices. `why` names the option that failed; errors are those of
 * device_open.
 */
int handset_new(struct handset **out, struct event_base *loop,
    const struct handset_options *options, char why[static WHY_TEXT]);

/* Close the devices. NULL is allowed, here and in the following functions. */
void handset_free(struct handset *handset);

/* Call `lost` from the loop, with the device's name, when one goes away. */
void handset_watch(struct handset *handset,
    void (*lost)(const char *what, void *arg), void *arg);

/* Repeat a tone until handset_begin or handset_end. */
void handset_ring(struct handset *handset, enum handset_tone tone);

/* Start to speak and listen. Sound that waited is dropped. */
void handset_begin(struct handset *handset);

/* Pause the devices until the next call. */
void handset_end(struct handset *handset);

bool handset_has_mic(const struct handset *handset);

/* Take 20 ms of the microphone, or silence. */
void handset_say(struct handset *handset, int16_t pcm[static CODEC_FRAME]);

/* Play 20 ms. Each handset_say belongs to the one before it. */
void handset_hear(struct handset *handset,
    const int16_t pcm[static CODEC_FRAME]);

#endif
