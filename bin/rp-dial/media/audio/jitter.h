/*
 * jitter: from packets as they come to 20 ms of sound whenever it is asked
 * for. Sound waits as long as the arrivals of the last seconds make necessary.
 * A packet that comes too late to be played in time is played late if nothing
 * behind it has been, so nothing is lost by a stall. Delay in excess is given
 * back by pieces of at most 20 ms, in silences first, and more of them the
 * further it is off; what is lost anyway is given back before. Losses are
 * recovered from in-band FEC where the next packet is there, else concealed
 * by Opus. It is given the time. Pure.
 */
#ifndef RP_DIAL_JITTER_H
#define RP_DIAL_JITTER_H

#include <stddef.h>
#include <stdint.h>

#include "codec.h"
#include "wire/rtp.h"

struct jitter;

enum jitter_result {
	JITTER_NOTHING,		/* nothing has come yet: silence */
	JITTER_VOICE,
	JITTER_RECOVERED,	/* from FEC */
	JITTER_CONCEALED	/* lost or late */
};

/* codec decodes; it stays the caller's and must outlive the buffer. */
int jitter_new(struct jitter **out, struct codec *codec);
void jitter_free(struct jitter *jitter);

/* Forget everything: another stream begins. */
void jitter_reset(struct jitter *jitter);

/*
 * A packet came; its payload is copied. What is too old, or was there before,
 * is left out. -EBADMSG if the payload is no Opus packet.
 */
int jitter_put(struct jitter *jitter, const struct rtp *rtp, uint64_t now_ns);

/*
 * The next 20 ms, which begin to be played at due_ns: 20 ms after those
 * before, unless time was left out.
 */
enum jitter_result jitter_get(struct jitter *jitter,
    int16_t pcm[static CODEC_FRAME], uint64_t due_ns);

/* How long sound waits in the buffer at present, in ms. */
double jitter_delay_ms(const struct jitter *jitter);

#endif
