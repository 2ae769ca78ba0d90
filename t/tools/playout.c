/*
 * playout: what the jitter buffer makes of speech whose packets arrive as a
 * trace says. It needs no network and no clock, so each run gives the same.
 *
 *	playout [--browser] [--loss PERCENT] [--lead SECONDS] SPOKEN HEARD.wav
 *	    <TRACE
 *
 * SPOKEN is encoded in packets of 20 ms behind --lead seconds of silence, by
 * the product's encoder or as browsers do, with in-band FEC. --loss is the loss
 * of which the product's encoder knows. A line of TRACE is "NUMBER MS": packet
 * NUMBER, whose first sample is said at 20 * NUMBER, arrives at MS. Lines stand
 * in the order of arrival; a packet without a line is lost. HEARD begins at 0
 * ms. For each second one line says the delay and what was played. With the
 * weather of soundcast, for example:
 *
 *	soundcast --in a.wav --weather stall:300 --trace |
 *	    playout --lead 2 a.wav heard.wav
 *	stoi --shift -2000 a.wav heard.wav
 */
#include <getopt.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <opus/opus.h>
#include <sndfile.h>

#include "base/clock.h"
#include "base/tool.h"
#include "media/audio/jitter.h"
#include "tools/recording.h"

#define BROWSER_RATE 32000
#define FRAMES_MAX 30000	/* ten minutes */
#define BEGIN CLOCK_S		/* the trace's zero */
#define AFTER_MS 5000		/* played after the last arrival */

struct options {
	bool browser;
	unsigned loss;
	double lead_s;
};

struct said {
	size_t len;
	uint8_t packet[CODEC_PACKET_MAX];
};

struct player {
	struct jitter *jitter;
	SNDFILE *out;
	uint64_t now_ns;
	unsigned ticks;
	unsigned results[JITTER_CONCEALED + 1];
};

static OpusEncoder *
new_browser(void)
{
	OpusEncoder *encoder = opus_encoder_create(CODEC_RATE, 1,
	    OPUS_APPLICATION_VOIP, NULL);

	opus_encoder_ctl(encoder, OPUS_SET_BITRATE(BROWSER_RATE));
	opus_encoder_ctl(encoder, OPUS_SET_INBAND_FEC(1));
	opus_encoder_ctl(encoder, OPUS_SET_PACKET_LOSS_PERC(10));
	return encoder;
}

static void
frame_of(const struct sound *sound, long from, int16_t pcm[static CODEC_FRAME])
{
	long i;

	for (i = 0; i < CODEC_FRAME; i++)
		pcm[i] = from + i < 0 || from + i >= sound->n ? 0 :
		    (int16_t)lrintf(sound->wave[from + i] * 32000);
}

static unsigned
encode(const char *name, const struct options *options, struct said *said)
{
	struct sound sound = recording_read(name, CODEC_RATE);
	OpusEncoder *browser = options->browser ? new_browser() : NULL;
	long lead = lround(options->lead_s * CODEC_RATE);
	int16_t pcm[CODEC_FRAME];
	struct codec *codec;
	unsigned n;

	if (codec_new(&codec) < 0)
		tool_fail(1, name, "out of memory");
	codec_loss(codec, options->loss);
	for (n = 0; n < FRAMES_MAX && n * (long)CODEC_FRAME < lead + sound.n;
	    n++) {
		frame_of(&sound, n * (long)CODEC_FRAME - lead, pcm);
		said[n].len = CODEC_PACKET;
		if (browser != NULL)
			said[n].len = (size_t)opus_encode(browser, pcm,
			    CODEC_FRAME, said[n].packet, CODEC_PACKET_MAX);
		else
			codec_encode(codec, said[n].packet, pcm);
	}
	if (browser != NULL)
		opus_encoder_destroy(browser);
	codec_free(codec);
	free(sound.wave);
	return n;
}

static void
say_second(struct player *player)
{
	const unsigned *n = player->results;

	printf("second=%u delay_ms=%.0f voice=%u recovered=%u concealed=%u "
	    "nothing=%u\n", player->ticks / 50 - 1,
	    jitter_delay_ms(player->jitter), n[JITTER_VOICE],
	    n[JITTER_RECOVERED], n[JITTER_CONCEALED], n[JITTER_NOTHING]);
	memset(player->results, 0, sizeof(player->results));
}

static void
play_until(struct player *player, uint64_t end_ns)
{
	int16_t pcm[CODEC_FRAME];

	while (player->now_ns < end_ns) {
		player->results[jitter_get(player->jitter, pcm,
		    player->now_ns)]++;
		sf_write_short(player->out, pcm, CODEC_FRAME);
		player->now_ns += CODEC_FRAME_MS * CLOCK_MS;
		if (++player->ticks % 50 == 0)
			say_second(player);
	}
}

static void
play(struct player *player, const struct said *said, unsigned n)
{
	uint64_t at_ns = BEGIN;
	unsigned number;
	double ms;

	while (scanf("%u %lf", &number, &ms) == 2) {
		struct rtp rtp = {
			.sequence = (uint16_t)number,
			.timestamp = number * CODEC_FRAME,
		};

		if (number >= n)
			continue;
		rtp.payload = said[number].packet;
		rtp.payload_len = said[number].len;
		at_ns = BEGIN + (uint64_t)(ms * (double)CLOCK_MS);
		play_until(player, at_ns);
		jitter_put(player->jitter, &rtp, at_ns);
	}
	play_until(player, at_ns + AFTER_MS * CLOCK_MS);
}

int
main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "browser", no_argument, NULL, 'b' },
		{ "loss", required_argument, NULL, 'l' },
		{ "lead", required_argument, NULL, 's' },
		{ NULL, 0, NULL, 0 }
	};
	static struct said said[FRAMES_MAX];
	SF_INFO info = { .samplerate = CODEC_RATE, .channels = 1,
	    .format = SF_FORMAT_WAV | SF_FORMAT_PCM_16 };
	struct player player = { .now_ns = BEGIN };
	struct options options = { 0 };
	struct codec *codec;
	unsigned n;
	int opt;

	while ((opt = getopt_long(argc, argv, "", longs, NULL)) != -1)
		switch (opt) {
		case 'b': options.browser = true; break;
		case 'l': options.loss = (unsigned)atoi(optarg); break;
		case 's': options.lead_s = atof(optarg); break;
		default: return 1;
		}
	if (argc - optind != 2)
		tool_fail(1, argv[0], "expected SPOKEN HEARD.wav");
	n = encode(argv[optind], &options, said);
	player.out = sf_open(argv[optind + 1], SFM_WRITE, &info);
	if (player.out == NULL || codec_new(&codec) < 0 ||
	    jitter_new(&player.jitter, codec) < 0)
		tool_fail(1, argv[optind + 1], "cannot be written");
	play(&player, said, n);
	jitter_free(player.jitter);
	codec_free(codec);
	return sf_close(player.out) == 0 ? 0 : 1;
}
