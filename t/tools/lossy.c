/*
 * lossy: what is heard of a recording when packets get lost at random, and
 * losses are met by one of three means. Nothing is sent, and no time passes.
 * Prints one JSON object: the packets, those lost, the frames that were made up
 * or recovered from FEC, the packets recovered by redundancy, and the bandwidth
 * with the headers of RTP and SRTP.
 *
 *	lossy [--means none|fec|red] [--loss PERCENT] [--bytes N] [--seed N]
 *	    [--tell PERCENT] IN OUT.raw
 *
 * none	frames as rp-dial encodes them
 * fec	frames of --bytes (60), with Opus' in-band FEC for the loss
 * red	frames as rp-dial encodes them, each with a copy of the one before
 *
 * The encoder is told the loss, or --tell. The losses depend on the seed alone.
 */
#include <getopt.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <opus/opus.h>

#include "base/clock.h"
#include "base/tool.h"
#include "media/audio/jitter.h"
#include "media/audio/redundancy.h"
#include "tools/recording.h"

#define BYTES_MAX 400
#define HEADERS 22		/* bytes of RTP and SRTP */
#define START_NS (10 * CLOCK_S)
#define FRAME_NS (CODEC_FRAME_MS * CLOCK_MS)
#define WAIT 10			/* frames that are heard after the last */

struct lossy {
	const char *means;
	double loss_pct;
	int bytes, tell_pct;
	unsigned seed;
	struct codec *codec;
	OpusEncoder *fec;		/* NULL: our codec encodes */
	struct redundancy sender, receiver;
	struct rtp_session rtp;
	struct jitter *jitter;
	FILE *out;
	unsigned long packets, heard, lost, concealed, recovered, payload_bytes;
};

static bool
is_lost(struct lossy *l)
{
	l->seed = l->seed * 1103515245u + 12345u;
	return (double)(l->seed >> 8 & 0x7fffff) / 0x800000 * 100 <
	    l->loss_pct;
}

/* An encoder like that of codec.c, but with FEC. */
static void
open_fec(struct lossy *l)
{
	int bitrate = l->bytes * 8 * 1000 / CODEC_FRAME_MS;

	l->fec = opus_encoder_create(CODEC_RATE, 1, OPUS_APPLICATION_AUDIO,
	    NULL);
	if (l->fec == NULL ||
	    opus_encoder_ctl(l->fec, OPUS_SET_BITRATE(bitrate)) != OPUS_OK ||
	    opus_encoder_ctl(l->fec, OPUS_SET_VBR(0)) != OPUS_OK ||
	    opus_encoder_ctl(l->fec, OPUS_SET_INBAND_FEC(1)) != OPUS_OK ||
	    opus_encoder_ctl(l->fec, OPUS_SET_COMPLEXITY(8)) != OPUS_OK ||
	    opus_encoder_ctl(l->fec,
	    OPUS_SET_SIGNAL(OPUS_SIGNAL_VOICE)) != OPUS_OK ||
	    opus_encoder_ctl(l->fec,
	    OPUS_SET_PACKET_LOSS_PERC(l->tell_pct)) != OPUS_OK)
		tool_fail(1, "opus", "no encoder");
}

/* Write a payload of the frame; return its length. */
static size_t
encode(struct lossy *l, uint8_t payload[static BYTES_MAX],
    const int16_t pcm[static CODEC_FRAME])
{
	uint8_t frame[CODEC_PACKET], type;
	int n;

	if (l->fec != NULL) {
		n = opus_encode(l->fec, pcm, CODEC_FRAME, payload, l->bytes);
		return n > 0 ? (size_t)n : 0;
	}
	if (codec_encode(l->codec, frame, pcm) < 0)
		return 0;
	return redundancy_wrap(&l->sender, payload, frame, l->rtp.timestamp,
	    &type);
}

static void
say(struct lossy *l, const int16_t pcm[static CODEC_FRAME], uint64_t now_ns)
{
	struct red_block blocks[RED_BLOCKS_MAX];
	uint8_t payload[BYTES_MAX];
	size_t len = encode(l, payload, pcm);
	struct rtp rtp;
	ssize_t n;

	rtp_session_send(&l->rtp, &rtp, l->sender.out.on && l->packets > 0 ?
	    l->sender.types.peer_red : l->sender.types.peer, CODEC_FRAME, len);
	rtp.payload = payload;
	rtp.payload_len = len;
	l->packets++;
	l->payload_bytes += len;
	if (is_lost(l)) {
		l->lost++;
		return;
	}
	n = redundancy_unwrap(&l->receiver, &rtp, blocks);
	if (len == 0 || n < 0 || jitter_put(l->jitter, &rtp, now_ns) < 0)
		tool_fail(1, "packet", "cannot be decoded");
	redundancy_receive(&l->receiver, &rtp, blocks, (unsigned)n, l->jitter,
	    now_ns);
}

static void
hear(struct lossy *l, uint64_t due_ns)
{
	int16_t pcm[CODEC_FRAME];
	enum jitter_result result = jitter_get(l->jitter, pcm, due_ns);

	l->heard++;
	l->concealed += result == JITTER_CONCEALED && l->heard <= l->packets;
	l->recovered += result == JITTER_RECOVERED;
	if (fwrite(pcm, sizeof(pcm), 1, l->out) != 1)
		tool_fail(1, "out", "cannot write");
}

static void
run(struct lossy *l, const char *in)
{
	struct sound sound = recording_read(in, CODEC_RATE);
	long n, i, frames = sound.n / CODEC_FRAME;
	int16_t pcm[CODEC_FRAME];

	for (n = 0; n < frames + WAIT; n++) {
		uint64_t now_ns = START_NS + (uint64_t)n * FRAME_NS;

		for (i = 0; i < CODEC_FRAME && n < frames; i++)
			pcm[i] = (int16_t)lrintf(32000 *
			    sound.wave[n * CODEC_FRAME + i]);
		if (n < frames)
			say(l, pcm, now_ns);
		hear(l, now_ns + FRAME_NS / 2);
	}
	free(sound.wave);
}

static void
open_all(struct lossy *l, const char *out)
{
	const struct redundancy_types types = { 111, 111, 63, 63 };

	l->sender.types = l->receiver.types = types;
	l->sender.out.on = strcmp(l->means, "red") == 0;
	if (rtp_session_init(&l->rtp) < 0 || codec_new(&l->codec) < 0 ||
	    jitter_new(&l->jitter, l->codec) < 0)
		tool_fail(1, "lossy", "out of memory");
	if (l->tell_pct < 0)
		l->tell_pct = (int)l->loss_pct;
	codec_loss(l->codec, (unsigned)l->tell_pct);
	if (strcmp(l->means, "fec") == 0)
		open_fec(l);
	l->out = fopen(out, "wb");
	if (l->out == NULL)
		tool_fail(1, out, "cannot write");
}

static void
close_all(struct lossy *l)
{
	if (fclose(l->out) != 0)
		tool_fail(1, "out", "cannot write");
	if (l->fec != NULL)
		opus_encoder_destroy(l->fec);
	jitter_free(l->jitter);
	codec_free(l->codec);
}

int
main(int argc, char *argv[])
{
	static const struct option options[] = {
		{ "means", required_argument, NULL, 'm' },
		{ "loss", required_argument, NULL, 'l' },
		{ "bytes", required_argument, NULL, 'b' },
		{ "seed", required_argument, NULL, 's' },
		{ "tell", required_argument, NULL, 't' },
		{ NULL, 0, NULL, 0 }
	};
	static struct lossy l = { .means = "none", .bytes = CODEC_PACKET,
	    .tell_pct = -1, .seed = 1 };
	int option;

	tool_name("lossy");
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (option) {
		case 'm': l.means = optarg; break;
		case 'l': l.loss_pct = atof(optarg); break;
		case 'b': l.bytes = atoi(optarg); break;
		case 's': l.seed = (unsigned)atoi(optarg); break;
		case 't': l.tell_pct = atoi(optarg); break;
		default: return 1;
		}
	if (optind + 2 != argc || l.bytes < 1 || l.bytes > BYTES_MAX)
		tool_fail(1, "usage", "see the top of t/tools/lossy.c");
	open_all(&l, argv[optind + 1]);
	run(&l, argv[optind]);
	printf("{\"packets\": %lu, \"lost\": %lu, \"concealed\": %lu, "
	    "\"from_fec\": %lu, \"from_red\": %lu, \"kbps\": %.1f}\n",
	    l.packets, l.lost, l.concealed, l.recovered,
	    (unsigned long)l.receiver.in.recovered,
	    (double)(l.payload_bytes + l.packets * HEADERS) * 8 /
	    (double)(l.packets * CODEC_FRAME_MS));
	close_all(&l);
	return 0;
}
