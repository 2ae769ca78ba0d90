/*
 * Codec and jitter buffer: packets of one length, sound that survives jitter,
 * loss and reordering, and payloads that are not Opus.
 */
#include <errno.h>
#include <math.h>
#include <string.h>

#include <opus/opus.h>

#include "base/clock.h"
#include "media/audio/jitter.h"
#include "unit.h"

#define SECONDS 6
#define FRAMES (SECONDS * 50)
#define SKIP 50		/* frames before the delay has settled */

#define HARMONICS 10
#define AMPLITUDE 8000.0
#define POWER (AMPLITUDE * AMPLITUDE * 0.775)	/* sum of 1 / (2 k^2) */

/* A voice of sorts: a buzz, for codecs of speech make little of a pure tone. */
static void
buzz(int16_t pcm[static CODEC_FRAME], unsigned frame, double hz)
{
	unsigned i;
	int k;

	for (i = 0; i < CODEC_FRAME; i++) {
		double t = (double)(frame * CODEC_FRAME + i) / CODEC_RATE;
		double sum = 0;

		for (k = 1; k <= HARMONICS; k++)
			sum += sin(2 * M_PI * hz * k * t) / k;
		pcm[i] = (int16_t)(AMPLITUDE * sum);
	}
}

/* Power relative to that of the buzz. */
static double
level(const int16_t pcm[static CODEC_FRAME])
{
	double sum = 0;
	unsigned i;

	for (i = 0; i < CODEC_FRAME; i++)
		sum += (double)pcm[i] * pcm[i];
	return sum / CODEC_FRAME / POWER;
}

struct outcome {
	unsigned voice, recovered, concealed, nothing, quiet;
};

#define FEC_PACKET 120

struct link {
	struct codec *encoder, *decoder;
	struct jitter *jitter;
	uint64_t now_ns;
	uint64_t ahead_ns;	/* packets come so long before a frame */
	uint8_t packets[FRAMES][FEC_PACKET];
	size_t len;		/* of each */
	bool repeats;		/* as if each had a copy of the one before */
	unsigned due[FRAMES];	/* tick in which it arrives; 0: never */
};

static void
link_open(struct link *link)
{
	int16_t pcm[CODEC_FRAME];
	unsigned n;

	ck_assert_int_eq(codec_new(&link->encoder), 0);
	ck_assert_int_eq(codec_new(&link->decoder), 0);
	ck_assert_int_eq(jitter_new(&link->jitter, link->decoder), 0);
	link->now_ns = CLOCK_S;
	link->ahead_ns = 0;
	link->len = CODEC_PACKET;
	link->repeats = false;
	for (n = 0; n < FRAMES; n++) {
		buzz(pcm, n, 120);
		ck_assert_int_eq(codec_encode(link->encoder,
		    link->packets[n], pcm), 0);
		link->due[n] = n + 1;
	}
}

/* A peer that sends in-band FEC, as browsers do, at twice our rate. */
static void
add_fec(struct link *link)
{
	OpusEncoder *encoder = opus_encoder_create(CODEC_RATE, 1,
	    OPUS_APPLICATION_VOIP, NULL);
	int16_t pcm[CODEC_FRAME];
	unsigned n;

	opus_encoder_ctl(encoder, OPUS_SET_BITRATE(FEC_PACKET * 400));
	opus_encoder_ctl(encoder, OPUS_SET_VBR(0));
	opus_encoder_ctl(encoder, OPUS_SET_INBAND_FEC(1));
	opus_encoder_ctl(encoder, OPUS_SET_PACKET_LOSS_PERC(20));
	opus_encoder_ctl(encoder, OPUS_SET_SIGNAL(OPUS_SIGNAL_VOICE));
	opus_encoder_ctl(encoder,
	    OPUS_SET_MAX_BANDWIDTH(OPUS_BANDWIDTH_WIDEBAND));
	for (n = 0; n < FRAMES; n++) {
		/* In syllables: an endless sound is not speech to Opus. */
		buzz(pcm, n, 120);
		if (n % 12 >= 8)
			memset(pcm, 0, sizeof(pcm));
		ck_assert_int_eq(opus_encode(encoder, pcm, CODEC_FRAME,
		    link->packets[n], FEC_PACKET), FEC_PACKET);
	}
	link->len = FEC_PACKET;
	opus_encoder_destroy(encoder);
}

static void
link_close(struct link *link)
{
	jitter_free(link->jitter);
	codec_free(link->encoder);
	codec_free(link->decoder);
}

static int
put(struct link *link, uint32_t timestamp, unsigned sequence,
    const uint8_t *packet, size_t len)
{
	struct rtp rtp = {
		.timestamp = timestamp, .sequence = (uint16_t)sequence,
		.payload = packet, .payload_len = len,
	};

	if (link->repeats)
		jitter_repeats(link->jitter);
	return jitter_put(link->jitter, &rtp,
	    link->now_ns - link->ahead_ns);
}

/* The next 20 ms. */
static enum jitter_result
get(struct link *link, int16_t pcm[static CODEC_FRAME])
{
	enum jitter_result result = jitter_get(link->jitter, pcm,
	    link->now_ns);

	link->now_ns += CODEC_FRAME_MS * CLOCK_MS;
	return result;
}

static struct outcome
run(struct link *link)
{
	struct outcome outcome = { 0 };
	int16_t pcm[CODEC_FRAME];
	unsigned tick, n;

	for (tick = 1; tick <= FRAMES; tick++) {
		enum jitter_result result;

		for (n = FRAMES; n-- > 0;)	/* copies come last */
			if (link->due[n] == tick)
				ck_assert_int_eq(put(link,
				    0xfffff000 + n * CODEC_FRAME, 65500 + n,
				    link->packets[n], link->len), 0);
		result = get(link, pcm);
		if (tick < SKIP)
			continue;
		outcome.voice += result == JITTER_VOICE;
		outcome.recovered += result == JITTER_RECOVERED;
		outcome.concealed += result == JITTER_CONCEALED;
		outcome.nothing += result == JITTER_NOTHING;
		outcome.quiet += level(pcm) < 0.3;
	}
	return outcome;
}

START_TEST(in_time)
{
	static struct link link;
	struct outcome o;

	link_open(&link);
	o = run(&link);
	ck_assert_uint_eq(o.concealed + o.recovered + o.nothing, 0);
	ck_assert_uint_eq(o.quiet, 0);
	ck_assert_double_le(jitter_delay_ms(link.jitter), 60);
	link_close(&link);
}
END_TEST

/* Packets that just miss a frame wait for the next one, and no longer. */
START_TEST(no_frame_too_many)
{
	static struct link link;
	struct outcome o;

	link_open(&link);
	link.ahead_ns = 19 * CLOCK_MS;
	o = run(&link);
	ck_assert_uint_eq(o.concealed + o.recovered + o.nothing, 0);
	ck_assert_double_le(jitter_delay_ms(link.jitter), 20);
	link_close(&link);
}
END_TEST

/* Up to 60 ms late by turns: the delay grows once, then nothing is lost. */
START_TEST(jittered)
{
	static struct link link;
	struct outcome o;
	unsigned n;

	link_open(&link);
	for (n = 0; n < FRAMES; n++)
		link.due[n] = n + 1 + n * 7 % 4;
	o = run(&link);
	ck_assert_uint_le(o.concealed + o.recovered, 6);
	ck_assert_uint_eq(o.quiet, 0);
	ck_assert_double_ge(jitter_delay_ms(link.jitter), 40);
	ck_assert_double_le(jitter_delay_ms(link.jitter), 160);
	link_close(&link);
}
END_TEST

/* Each tenth is lost and made up. */
START_TEST(lossy)
{
	static struct link link;
	struct outcome o;
	unsigned n;

	link_open(&link);
	for (n = 5; n < FRAMES; n += 10)
		link.due[n] = 0;
	o = run(&link);
	ck_assert_uint_eq(o.concealed, (FRAMES - SKIP) / 10);
	/* What is made up may fade, but only that. */
	ck_assert_uint_le(o.quiet, (FRAMES - SKIP) / 10);
	link_close(&link);
}
END_TEST

/*
 * The same with FEC, which packets behind syllables hold. Once it is of use,
 * audio waits for it, at whatever time within a frame packets come.
 */
static void
lose_with_fec(uint64_t ahead_ns)
{
	static struct link link;
	struct outcome o;
	unsigned n, hold = 0;

	link_open(&link);
	link.ahead_ns = ahead_ns;
	add_fec(&link);
	for (n = 5; n < FRAMES; n += 10) {
		link.due[n] = 0;
		hold += n > SKIP && n + 1 < FRAMES &&
		    codec_fec_span(link.packets[n + 1], FEC_PACKET) > 0;
	}
	o = run(&link);
	ck_assert_uint_ge(hold, (FRAMES - SKIP) / 20);
	ck_assert_uint_eq(o.recovered + o.concealed, (FRAMES - SKIP) / 10);
	ck_assert_uint_ge(o.recovered, hold - 2);
	ck_assert_uint_le(o.recovered, hold);
	ck_assert_uint_eq(codec_fec_span((const uint8_t *)"\x08\x00", 2), 0);
	ck_assert_uint_eq(codec_fec_span((const uint8_t *)"\x80\xff", 2), 0);
	ck_assert_uint_eq(codec_fec_span((const uint8_t *)"\x08\x40", 2),
	    CODEC_FRAME);
	ck_assert_uint_eq(codec_fec_span((const uint8_t *)"\x0b", 1), 0);
	link_close(&link);
}

START_TEST(lossy_with_fec)
{
	lose_with_fec(0);
	lose_with_fec(19 * CLOCK_MS);
}
END_TEST

/*
 * One lost in a hundred comes again behind the next one (RFC 2198). Audio waits
 * for that, although arrivals alone do not make it wait.
 */
START_TEST(copies_of_the_lost)
{
	static struct link link;
	struct outcome o;
	unsigned n;

	link_open(&link);
	link.ahead_ns = 19 * CLOCK_MS;
	link.repeats = true;
	for (n = 5; n < FRAMES - 1; n += 100)
		link.due[n] = link.due[n + 1];
	o = run(&link);
	ck_assert_uint_eq(o.concealed + o.nothing, 0);
	link_close(&link);
}
END_TEST

START_TEST(silence_before_and_after)
{
	static struct link link;
	int16_t pcm[CODEC_FRAME];
	unsigned i;

	link_open(&link);
	ck_assert_int_eq(get(&link, pcm), JITTER_NOTHING);
	ck_assert_double_le(level(pcm), 0);
	run(&link);
	/* The peer is gone: what is made up fades away. */
	for (i = 0; i < 50; i++)
		get(&link, pcm);
	ck_assert_int_ne(get(&link, pcm), JITTER_VOICE);
	ck_assert_double_lt(level(pcm), 0.01);
	jitter_reset(link.jitter);
	ck_assert_int_eq(get(&link, pcm), JITTER_NOTHING);
	link_close(&link);
}
END_TEST

/* 60 ms per packet, as a peer may choose. */
START_TEST(long_packets)
{
	static struct link link;
	int16_t pcm[CODEC_FRAME];
	uint8_t long_packet[1 + 3 * CODEC_PACKET];
	unsigned n, voice = 0;

	link_open(&link);
	for (n = 0; n + 3 <= FRAMES; n += 3) {
		unsigned i;

		/* RFC 6716 3.2.5: code 3, CBR, three frames. */
		long_packet[0] = link.packets[n][0] | 3;
		long_packet[1] = 3;
		for (i = 0; i < 3; i++)
			memcpy(long_packet + 2 + i * (CODEC_PACKET - 1),
			    link.packets[n + i] + 1, CODEC_PACKET - 1);
		ck_assert_int_eq(codec_span(long_packet,
		    2 + 3 * (CODEC_PACKET - 1)), 3 * CODEC_FRAME);
		ck_assert_int_eq(put(&link, n * CODEC_FRAME, n / 3,
		    long_packet, 2 + 3 * (CODEC_PACKET - 1)), 0);
		for (i = 0; i < 3; i++)
			voice += get(&link, pcm) == JITTER_VOICE;
	}
	ck_assert_uint_ge(voice, FRAMES - 15);
	link_close(&link);
}
END_TEST

START_TEST(packets_have_one_length)
{
	struct codec *codec;
	int16_t pcm[CODEC_FRAME] = { 0 };
	uint8_t packet[CODEC_PACKET + 1];
	unsigned n;

	/* codec_encode promises it; what must hold is that they decode. */
	ck_assert_int_eq(codec_new(&codec), 0);
	for (n = 0; n < 200; n++) {
		if (n >= 50)
			buzz(pcm, n, 80 + n);
		packet[CODEC_PACKET] = 0xee;
		ck_assert_int_eq(codec_encode(codec, packet, pcm), 0);
		ck_assert_uint_eq(packet[CODEC_PACKET], 0xee);
		ck_assert_int_eq(codec_span(packet, CODEC_PACKET),
		    CODEC_FRAME);
	}
	codec_free(codec);
}
END_TEST

START_TEST(refuses)
{
	static struct link link;
	uint8_t packet[CODEC_PACKET_MAX + 1] = { 0x03, 0x3f };
	int16_t pcm[CODEC_SPAN_MAX];

	link_open(&link);
	ck_assert_int_eq(put(&link, 0, 0, packet, 0), -EBADMSG);
	ck_assert_int_eq(put(&link, 0, 0, packet,
	    sizeof(packet)), -EBADMSG);
	ck_assert_int_eq(put(&link, 0, 0, packet, 2), -EBADMSG);
	ck_assert_int_eq(codec_decode(link.decoder, pcm, packet, 2),
	    -EBADMSG);
	ck_assert_int_eq(get(&link, pcm), JITTER_NOTHING);
	link_close(&link);
}
END_TEST

UNIT_SUITE(jitter, in_time, no_frame_too_many, jittered, lossy, lossy_with_fec,
    copies_of_the_lost, silence_before_and_after, long_packets,
    packets_have_one_length, refuses)
