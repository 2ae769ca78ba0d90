/*
 * playout: what the jitter buffer makes of speech whose packets arrive as a
 * trace says. It needs no network and no clock, so each run gives the same.
 *
 *	playout [--browser] SPOKEN.wav HEARD.wav <TRACE
 *
 * SPOKEN is 16-bit mono at 48 kHz. It is encoded in packets of 20 ms, by the
 * product's encoder or as browsers do, with in-band FEC. A line of TRACE is
 * "NUMBER MS": packet NUMBER, said at 20 * NUMBER, arrives at MS. Lines stand
 * in the order of arrival; a packet without a line is lost. HEARD begins at 0
 * ms. For each second one line says the delay and what was played.
 */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <opus/opus.h>
#include <sndfile.h>

#include "base/clock.h"
#include "base/tool.h"
#include "media/audio/jitter.h"

#define BROWSER_RATE 32000
#define FRAMES_MAX 30000	/* ten minutes */
#define BEGIN CLOCK_S		/* the trace's zero */
#define AFTER_MS 5000		/* played after the last arrival */

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

static unsigned
encode(const char *name, bool browser, struct said *said)
{
	SF_INFO info = { 0 };
	SNDFILE *file = sf_open(name, SFM_READ, &info);
	OpusEncoder *encoder = browser ? new_browser() : NULL;
	int16_t pcm[CODEC_FRAME];
	struct codec *codec;
	unsigned n;

	if (file == NULL || info.samplerate != CODEC_RATE ||
	    info.channels != 1)
		tool_fail(1, name, "not 48 kHz mono");
	if (codec_new(&codec) < 0)
		tool_fail(1, name, "out of memory");
	for (n = 0; n < FRAMES_MAX && sf_read_short(file, pcm, CODEC_FRAME) ==
	    CODEC_FRAME; n++) {
		said[n].len = CODEC_PACKET;
		if (browser)
			said[n].len = (size_t)opus_encode(encoder, pcm,
			    CODEC_FRAME, said[n].packet, CODEC_PACKET_MAX);
		else
			codec_encode(codec, said[n].packet, pcm);
	}
	if (browser)
		opus_encoder_destroy(encoder);
	codec_free(codec);
	sf_close(file);
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
		{ NULL, 0, NULL, 0 }
	};
	static struct said said[FRAMES_MAX];
	SF_INFO info = { .samplerate = CODEC_RATE, .channels = 1,
	    .format = SF_FORMAT_WAV | SF_FORMAT_PCM_16 };
	struct player player = { .now_ns = BEGIN };
	bool browser = false;
	struct codec *codec;
	unsigned n;
	int opt;

	while ((opt = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (opt != 'b')
			return 1;
		browser = true;
	}
	if (argc - optind != 2)
		tool_fail(1, argv[0], "expected SPOKEN.wav HEARD.wav");
	n = encode(argv[optind], browser, said);
	player.out = sf_open(argv[optind + 1], SFM_WRITE, &info);
	if (player.out == NULL || codec_new(&codec) < 0 ||
	    jitter_new(&player.jitter, codec) < 0)
		tool_fail(1, argv[optind + 1], "cannot be written");
	play(&player, said, n);
	jitter_free(player.jitter);
	codec_free(codec);
	return sf_close(player.out) == 0 ? 0 : 1;
}
