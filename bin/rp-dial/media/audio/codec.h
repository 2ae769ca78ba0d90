/*
 * codec: Opus (RFC 6716, 7587) as a call uses it: 48 kHz mono, 20 ms. All
 * packets have the same length, so that lengths reveal nothing of the speech.
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
#define CODEC_PACKET_MAX 1275	/* a peer's longest, RFC 6716 3.2.1 */
#define CODEC_SPAN_MAX 5760	/* samples of the longest packet, 120 ms */

struct codec;

int codec_new(struct codec **out);
void codec_free(struct codec *codec);

/*
 * Encode 20 ms into exactly CODEC_PACKET bytes.
 *
 *  -EIO  Opus failed
 */
int codec_encode(struct codec *codec, uint8_t packet[static CODEC_PACKET],
    const int16_t pcm[static CODEC_FRAME]);

/*
 * Set the loss that the peer sees. Opus then depends less on earlier packets.
 */
void codec_loss(struct codec *codec, unsigned percent);

/*
 * Return the number of samples in the packet.
 *
 *  -EBADMSG  invalid packet
 */
ssize_t codec_span(const uint8_t *packet, size_t len);

/*
 * Decode the packet and return its number of samples.
 *
 *  -EBADMSG  invalid packet; `pcm` is then concealed
 */
ssize_t codec_decode(struct codec *codec, int16_t pcm[static CODEC_SPAN_MAX],
    const uint8_t *packet, size_t len);

/* Conceal a lost packet. `samples` must be a multiple of CODEC_UNIT. */
void codec_conceal(struct codec *codec, int16_t *pcm, size_t samples);

/*
 * Return how many samples before the packet it holds as well (in-band FEC); 0:
 * none.
 */
size_t codec_fec_span(const uint8_t *packet, size_t len);

/* Recover a lost packet whose samples are all in the packet behind it. */
void codec_recover(struct codec *codec, int16_t *pcm, size_t samples,
    const uint8_t *next, size_t len);

#endif
