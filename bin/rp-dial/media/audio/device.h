/*
 * device: a microphone or a speaker, by SDL (ALSA, PulseAudio, PipeWire). SDL's
 * own thread moves the sound; the loop only takes from its queue and adds to it,
 * and never waits. Devices are live: what waits longer than 60 ms goes. SDL gets
 * neither signals nor video. A build without SDL has no devices.
 */
#ifndef RP_DIAL_DEVICE_H
#define RP_DIAL_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "media/audio/codec.h"
#include "wire/why.h"

struct device;

enum device_kind {
	DEVICE_SPEAKER,
	DEVICE_MIC
};

/*
 * Open the device of that name; NULL: the default one. It is paused. The sound
 * system may take a moment, so this is for the start of a program. On an error
 * `why` holds one line.
 *
 *  -ENOTSUP  built without devices
 *  -ENODEV   there is no such device, or it cannot be used
 */
int device_open(struct device **out, enum device_kind kind, const char *name,
    char why[static WHY_TEXT]);

/* Close the device. NULL is allowed. */
void device_free(struct device *device);

/* Let it run, or pause it. Either drops what waits. */
void device_run(struct device *device, bool runs);

/* Take 20 ms of a microphone. Return false if they have not come yet. */
bool device_take(struct device *device, int16_t pcm[static CODEC_FRAME]);

/* Add 20 ms to what a speaker plays. */
void device_add(struct device *device, const int16_t pcm[static CODEC_FRAME]);

/* Add `n` samples however long they last, for a tone. */
void device_add_tone(struct device *device, const int16_t *pcm, size_t n);

/* Return whether the device has gone, for example because it was unplugged. */
bool device_gone(const struct device *device);

/*
 * Print the names of the devices of a kind, one per line. Errors as above, and:
 *
 *  -ENOENT  there is none
 */
int device_list(enum device_kind kind, FILE *out, char why[static WHY_TEXT]);

#endif
