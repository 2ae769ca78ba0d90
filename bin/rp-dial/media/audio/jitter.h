/*
 * jitter: turn packets as they come into 20 ms of audio whenever it is
 * requested. Audio waits as long as the arrivals of the last seconds make
 * necessary. A packet that is too late for its time is played late unless a
 * later packet was already played, so that a stall loses nothing. Excess delay
 * is removed in pieces of at most 20 ms, in silences first, and faster the
 * larger the excess is. Lost packets are skipped before that. Losses are
 * recovered from in-band FEC if the next packet is there, otherwise concealed
 * by Opus. The caller passes the time. Pure.
 */
#ifndef RP_DIAL_JITTER_H
#define RP_DIAL_JITTER_H

#include <stddef.h>
#include <stdint.h>

#include "media/audio/codec.h"
#include "wire/rtp.h"

struct jitter;

enum jitter_result {
	JITTER_NOTHING,		/* nothing has come yet: silence */
	JITTER_VOICE,
	JITTER_RECOVERED,	/* from FEC */
	JITTER_CONCEALED	/* lost or late */
};

/*
 * Create a jitter buffer. `codec` decodes; the caller owns it, and it must
 * outlive the buffer.
 */
int jitter_new(struct jitter **out, struct codec *codec);
void jitter_free(struct jitter *jitter);

/* Forget everything, because another stream begins. */
void jitter_reset(struct jitter *jitter);

/*
 * Add a packet that came; its payload is copied. A packet that is too old or a
 * duplicate is dropped.
 *
 *  -EBADMSG  invalid Opus payload
 */
int jitter_put(struct jitter *jitter, const struct rtp *rtp, uint64_t now_ns);

/*
 * Note that packets repeat audio of those before them (RFC 2198), as in-band FEC
 * does. For the next 10 seconds audio waits until the packet behind it has come.
 */
void jitter_repeats(struct jitter *jitter);

/*
 * Write the next 20 ms, whose playback begins at `due_ns`. That is 20 ms after
 * the frame before, unless time was left out.
 */
enum jitter_result jitter_get(struct jitter *jitter,
    int16_t pcm[static CODEC_FRAME], uint64_t due_ns);

/* Return how long audio waits in the buffer at present, in ms. */
double jitter_delay_ms(const struct jitter *jitter);

#endif
