/*
 * jitter: from packets as they come to 20 ms of sound whenever it is asked
 * for: libspeexdsp's adaptive jitter buffer, losses recovered from in-band
 * FEC where the next packet is there, else concealed by Opus.
 */
#ifndef RP_DIAL_JITTER_H
#define RP_DIAL_JITTER_H

#include <stddef.h>
#include <stdint.h>

#include "media/audio/codec.h"

struct jitter;

enum jitter_result {
	JITTER_NOTHING,		/* nothing has come yet: silence */
	JITTER_VOICE,
	JITTER_RECOVERED,	/* from FEC */
	JITTER_CONCEALED	/* lost, late, or the delay is growing */
};

/* codec decodes; it stays the caller's and must outlive the buffer. */
int jitter_new(struct jitter **out, struct codec *codec);
void jitter_free(struct jitter *jitter);

/* Forget everything: another stream begins. */
void jitter_reset(struct jitter *jitter);

/* An RTP packet's payload. -EBADMSG if it is no Opus packet. */
int jitter_put(struct jitter *jitter, uint32_t timestamp, uint16_t sequence,
    const uint8_t *payload, size_t len);

/* The next 20 ms; to be called every 20 ms. */
enum jitter_result jitter_get(struct jitter *jitter,
    int16_t pcm[static CODEC_FRAME]);

/* How long sound waits in the buffer at present, in ms. */
double jitter_delay_ms(const struct jitter *jitter);

#endif
