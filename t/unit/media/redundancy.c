/*
 * Redundant audio from our frames to the jitter buffer of the peer: what was
 * lost is heard, and is lost by RTCP's account all the same.
 */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "media/audio/jitter.h"
#include "media/audio/redundancy.h"
#include "media/rtp/rtp_session.h"
#include "unit.h"

#define OPUS 111
#define RED 63
#define FRAMES 500
#define START_NS (100 * CLOCK_S)
#define FRAME_NS (CODEC_FRAME_MS * CLOCK_MS)

static struct redundancy us, peer;
static struct codec *codec;
static struct jitter *jitter;
static struct rtp_session sent, received;
static unsigned concealed, voice;

static void
open_both(void)
{
	const struct redundancy_types types = { OPUS, OPUS, RED, RED };

	memset(&us, 0, sizeof(us));
	memset(&peer, 0, sizeof(peer));
	redundancy_agree(&us, &types);
	redundancy_agree(&peer, &types);
	us.out.on = true;
	concealed = voice = 0;
	memset(&received, 0, sizeof(received));
	ck_assert_int_eq(rtp_session_init(&sent), 0);
	ck_assert_int_eq(codec_new(&codec), 0);
	ck_assert_int_eq(jitter_new(&jitter, codec), 0);
}

static void
close_both(void)
{
	jitter_free(jitter);
	codec_free(codec);
}

/* Send a frame of a tone, unless it gets lost. */
static void
speak(unsigned n, bool lost)
{
	uint8_t payload[REDUNDANCY_PAYLOAD], frame[CODEC_PACKET], type;
	struct red_block blocks[RED_BLOCKS_MAX];
	uint64_t now_ns = START_NS + n * FRAME_NS;
	int16_t pcm[CODEC_FRAME];
	struct rtp rtp;
	ssize_t blocks_n;
	unsigned i;
	size_t len;

	for (i = 0; i < CODEC_FRAME; i++)
		pcm[i] = (int16_t)(8000 * sin((n * CODEC_FRAME + i) / 20.0));
	ck_assert_int_eq(codec_encode(codec, frame, pcm), 0);
	len = redundancy_wrap(&us, payload, frame, sent.timestamp, &type);
	rtp_session_send(&sent, &rtp, type, CODEC_FRAME, len);
	rtp.payload = payload;
	rtp.payload_len = len;
	if (lost)
		return;
	blocks_n = redundancy_unwrap(&peer, &rtp, blocks);
	ck_assert_int_ge(blocks_n, 1);
	rtp_session_receive(&received, &rtp, now_ns);
	ck_assert_int_eq(jitter_put(jitter, &rtp, now_ns), 0);
	redundancy_receive(&peer, &rtp, blocks, (unsigned)blocks_n, jitter,
	    now_ns);
}

static void
hear(unsigned n)
{
	int16_t pcm[CODEC_FRAME];
	enum jitter_result result = jitter_get(jitter, pcm, START_NS +
	    n * FRAME_NS + FRAME_NS / 2);

	concealed += result == JITTER_CONCEALED;
	voice += result == JITTER_VOICE;
}

/* Lose the first `lost` of each ten packets but the first ten. */
static void
lose(unsigned lost)
{
	unsigned n;

	for (n = 0; n < FRAMES; n++) {
		speak(n, n >= 10 && n % 10 < lost);
		hear(n);
	}
}

START_TEST(hears_what_was_lost)
{
	lose(1);
	ck_assert_uint_eq(concealed, 0);
	ck_assert_uint_ge(voice, FRAMES - 3);
	ck_assert_uint_eq(peer.in.recovered, FRAMES / 10 - 1);
	ck_assert_uint_eq(rtp_session_lost(&received), FRAMES / 10 - 1);
	ck_assert_uint_eq(us.out.sent, FRAMES - 1);
}
END_TEST

/* A copy reaches back by one frame: of three lost ones it saves the last. */
START_TEST(saves_one_of_a_burst)
{
	lose(3);
	ck_assert_uint_eq(peer.in.recovered, FRAMES / 10 - 1);
	ck_assert_uint_eq(concealed, 2 * (FRAMES / 10 - 1));
	ck_assert_uint_eq(rtp_session_lost(&received),
	    3 * (FRAMES / 10 - 1));
}
END_TEST

START_TEST(is_lost_without_it)
{
	us.types.peer_red = 0;
	lose(1);
	ck_assert_uint_eq(concealed, FRAMES / 10 - 1);
	ck_assert_uint_eq(peer.in.recovered, 0);
	ck_assert_uint_eq(us.out.sent, 0);
}
END_TEST

static ssize_t
unwrap(uint8_t type, const char *payload, size_t len, struct rtp *rtp)
{
	static struct red_block blocks[RED_BLOCKS_MAX];

	*rtp = (struct rtp) { .payload_type = type,
	    .payload = (const uint8_t *)payload, .payload_len = len };
	return redundancy_unwrap(&peer, rtp, blocks);
}

START_TEST(unwraps_what_was_agreed)
{
	static const char copy[] = "\xef\x0f\x00\x01\x6f" "a" "bc";
	struct rtp rtp;

	ck_assert_int_eq(unwrap(OPUS, "abc", 3, &rtp), 1);
	ck_assert_uint_eq(rtp.payload_len, 3);
	ck_assert_int_eq(unwrap(OPUS, "", 0, &rtp), 1);
	ck_assert_int_eq(unwrap(RED, copy, 8, &rtp), 2);
	ck_assert_uint_eq(rtp.payload_type, OPUS);
	ck_assert_uint_eq(rtp.payload_len, 2);
	ck_assert_mem_eq(rtp.payload, "bc", 2);
	ck_assert_int_eq(unwrap(RED, copy, 5, &rtp), -EBADMSG);
	ck_assert_int_eq(unwrap(RED, "", 0, &rtp), -EBADMSG);
	ck_assert_int_eq(unwrap(0, "abc", 3, &rtp), -EPROTONOSUPPORT);
	/* RED within RED, and of something else. */
	ck_assert_int_eq(unwrap(RED, "\x3f\x6f" "a", 3, &rtp),
	    -EPROTONOSUPPORT);
	ck_assert_int_eq(unwrap(RED, "\x0d" "a", 2, &rtp), -EPROTONOSUPPORT);
	peer.types.own_red = peer.types.peer_red = 0;
	ck_assert_int_eq(unwrap(RED, copy, 8, &rtp), -EPROTONOSUPPORT);
}
END_TEST

/* An offer in mid-call names another number, and the first one goes on. */
START_TEST(keeps_earlier_numbers)
{
	static const struct redundancy_types later = { 96, 97, OPUS, 0 };
	struct rtp rtp;

	ck_assert_int_eq(unwrap(96, "abc", 3, &rtp), -EPROTONOSUPPORT);
	redundancy_agree(&peer, &later);
	ck_assert_int_eq(unwrap(96, "abc", 3, &rtp), 1);
	ck_assert_int_eq(unwrap(97, "abc", 3, &rtp), 1);
	ck_assert_int_eq(unwrap(RED, "abc", 3, &rtp), -EPROTONOSUPPORT);
	/* What it means now counts before what it meant. */
	ck_assert_int_eq(unwrap(OPUS, "\x60" "a", 2, &rtp), 1);
	ck_assert_uint_eq(rtp.payload_len, 1);
	peer.types.own_red = 0;
	ck_assert_int_eq(unwrap(OPUS, "abc", 3, &rtp), 1);
}
END_TEST

/* Copies that are no sound of ours fill no gap. */
START_TEST(skips_odd_copies)
{
	static const struct red_block odd[] = {
		{ 13, CODEC_FRAME, (const uint8_t *)"x", 1 },
		{ RED, CODEC_FRAME, (const uint8_t *)"\x6f" "x", 2 },
		{ OPUS, CODEC_FRAME, (const uint8_t *)"\xff", 1 },
		{ OPUS, CODEC_FRAME, (const uint8_t *)"", 0 },
		{ OPUS, 0, (const uint8_t *)"\x78", 1 },
	};
	struct red_block blocks[2] = { { .payload_type = OPUS } };
	struct rtp rtp;
	size_t i;

	speak(0, false);
	speak(1, true);
	speak(2, false);
	ck_assert_uint_eq(peer.in.recovered, 1);
	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		blocks[0] = odd[i];
		rtp = (struct rtp) {
			.sequence = (uint16_t)(sent.sequence + 1 + 2 * i),
			.timestamp = sent.timestamp +
			    (uint32_t)(1 + 2 * i) * CODEC_FRAME
		};
		redundancy_receive(&peer, &rtp, blocks, 2, jitter, START_NS);
	}
	ck_assert_uint_eq(peer.in.recovered, 1);
}
END_TEST

UNIT_SUITE_WITH(redundancy, open_both, close_both, hears_what_was_lost,
    saves_one_of_a_burst, is_lost_without_it, unwraps_what_was_agreed,
    keeps_earlier_numbers, skips_odd_copies)
