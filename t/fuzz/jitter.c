/*
 * The jitter buffer and the reports under a malicious peer. The input is a
 * series of a byte (the time that passes), a length and a datagram, RTP or
 * RTCP. Reports go out each time as well. Whatever came before, an honest peer
 * is heard from then on, and soon without delay.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "fuzz.h"
#include "media/audio/jitter.h"
#include "media/rtp/rtp_session.h"

#define GOOD_FRAMES 750		/* 15 s */
#define GOOD_DELAY_MS 200
#define REPORT_MAX 512

struct listener {
	struct codec *codec;
	struct jitter *jitter;
	struct rtp_session session;
	uint64_t now_ns, due_ns;
	uint32_t timestamp;
	enum jitter_result result;
};

static void
receive(struct listener *listener, const struct rtp *rtp)
{
	if (rtp_session_receive(&listener->session, rtp, listener->now_ns))
		jitter_reset(listener->jitter);
	if (rtp->payload_len > 0)
		jitter_put(listener->jitter, rtp, listener->now_ns);
	listener->timestamp = rtp->timestamp;
}

/* Take RTCP, and write our own, as both go on all the time. */
static void
report(struct listener *listener, const uint8_t *data, size_t len)
{
	uint8_t out[REPORT_MAX];
	struct rtp header;

	(void)rtp_session_rtcp(&listener->session, data, len,
	    listener->now_ns);
	rtp_session_send(&listener->session, &header, 111, CODEC_FRAME, 20);
	(void)rtp_session_report(&listener->session, out, sizeof(out),
	    listener->now_ns, false);
	(void)rtp_session_lost(&listener->session);
	(void)rtp_session_expected(&listener->session);
}

static void
pass(struct listener *listener, uint64_t ms)
{
	int16_t pcm[CODEC_FRAME];

	listener->now_ns += ms * CLOCK_MS;
	for (; listener->due_ns <= listener->now_ns;
	    listener->due_ns += CODEC_FRAME_MS * CLOCK_MS)
		listener->result = jitter_get(listener->jitter, pcm,
		    listener->due_ns);
}

/* Of 20 ms, and nothing in it: it is cheap to decode. */
static void
send_good(struct listener *listener)
{
	static const uint8_t silence[] = { 0x78 };
	struct rtp rtp = {
		.ssrc = listener->session.in.ssrc,
		.sequence = (uint16_t)(listener->session.in.max_sequence + 1),
		.timestamp = listener->timestamp + CODEC_FRAME,
		.payload = silence, .payload_len = sizeof(silence),
	};

	receive(listener, &rtp);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct listener listener = { .now_ns = CLOCK_S, .due_ns = CLOCK_S };
	struct rtp rtp;
	int i;

	if (codec_new(&listener.codec) < 0 ||
	    jitter_new(&listener.jitter, listener.codec) < 0)
		abort();
	while (len >= 2) {
		size_t n = data[1] < len - 2 ? data[1] : len - 2;

		pass(&listener, data[0] < 128 ? data[0] :
		    (data[0] - 127) * 30u);
		if (rtcp_is(data + 2, n))
			report(&listener, data + 2, n);
		else if (rtp_parse(&rtp, data + 2, n) == 0)
			receive(&listener, &rtp);
		data += 2 + n;
		len -= 2 + n;
	}
	for (i = 0; i < GOOD_FRAMES; i++) {
		send_good(&listener);
		pass(&listener, CODEC_FRAME_MS);
	}
	if (listener.result != JITTER_VOICE ||
	    jitter_delay_ms(listener.jitter) > GOOD_DELAY_MS)
		abort();
	jitter_free(listener.jitter);
	codec_free(listener.codec);
	return 0;
}
