/*
 * codec: Opus (RFC 6716, 7587) as a call uses it: 48 kHz mono, 20 ms, every
 * packet of the same length, so that lengths tell nothing of what is said.
 */
#ifndef RP_DIAL_CODEC_H
#define RP_DIAL_CODEC_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define CODEC_RATE 48000
#define CODEC_FRAME 960		/* samples of 20 ms */
#define CODEC_FRAME_MS 20
#define CODEC_UNIT 120		/* samples of 2.5 ms, the shortest frame */
#define CODEC_PACKET 60		/* bytes: 24 kbit/s */
#define CODEC_PACKET_MAX 1275	/* of a peer's, RFC 6716 3.2.1 */
#define CODEC_SPAN_MAX 5760	/* samples of the longest packet, 120 ms */

struct codec;

int codec_new(struct codec **out);
void codec_free(struct codec *codec);

/* 20 ms of sound into exactly CODEC_PACKET bytes. -EIO. */
int codec_encode(struct codec *codec, uint8_t packet[static CODEC_PACKET],
    const int16_t pcm[static CODEC_FRAME]);

/* The loss the peer sees: Opus then leans less on earlier packets. */
void codec_loss(struct codec *codec, unsigned percent);

/* Samples that the packet holds. -EBADMSG. */
ssize_t codec_span(const uint8_t *packet, size_t len);

/* The packet's sound; returns its samples. -EBADMSG, pcm is then concealed. */
ssize_t codec_decode(struct codec *codec, int16_t pcm[static CODEC_SPAN_MAX],
    const uint8_t *packet, size_t len);

/*
 * A packet is lost: make up its samples, of which there must be a multiple of
 * CODEC_UNIT.
 */
void codec_conceal(struct codec *codec, int16_t *pcm, size_t samples);

/* Samples before the packet that it holds as well (in-band FEC); 0: none. */
size_t codec_fec_span(const uint8_t *packet, size_t len);

/* A packet is lost, but the one behind it has all of its samples. */
void codec_recover(struct codec *codec, int16_t *pcm, size_t samples,
    const uint8_t *next, size_t len);

#endif
