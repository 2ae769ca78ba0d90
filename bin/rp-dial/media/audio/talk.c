/*
 * talk: the clock of 20 ms that drives speaking and listening; audio, codec,
 * RTP. See talk.h.
 */
#include "media/audio/talk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "media/audio/audibility.h"
#include "media/audio/audio_out.h"
#include "media/audio/handset.h"
#include "media/audio/jitter.h"
#include "media/audio/quality.h"
#include "media/audio/redundancy.h"
#include "media/rtp/badrtp.h"
#include "media/rtp/media_stats.h"
#include "media/rtp/rtp_session.h"
#include "net/loop.h"
#include "wire/why.h"

#define TICK_NS (CODEC_FRAME_MS * CLOCK_MS)
#define CATCH_UP 10		/* ticks to catch up after a stall */
#define LINGER 50		/* ticks: a second, as after an end */
#define SOURCE_NS (3 * CLOCK_MS)	/* what a source is uneven by */
#define FRAMED_NS (500 * CLOCK_MS)	/* since then it may have ended */
#define EARLY_NS (60 * CLOCK_MS)	/* unmuting drops older audio */
#define REPORT_FIRST_MS 500
#define REPORT_MIN_MS 1000
#define REPORT_MAX_MS 2000

struct talk {
	struct talk_handlers handlers;
	void *arg;
	struct loop_event *timer;
	struct codec *codec;
	struct jitter *jitter;
	struct audio_in *in;		/* NULL: silence, or echo */
	bool owns_in;
	struct audio_out *out;		/* NULL: nowhere */
	struct handset *handset;	/* NULL: no devices */
	bool echo, muted;
	bool agreed;
	struct talk_terms terms;
	bool unmuted, heard, in_ended, out_failed;
	int in_err;			/* of `in`, */
	char in_why[WHY_TEXT];
	unsigned linger;		/* told after so many ticks */
	struct rtp_session rtp;
	uint64_t early_ns;		/* first packet while muted */
	uint64_t next_ns;		/* the next tick's deadline */
	uint64_t report_ns;
	uint64_t second_ns;		/* when the next sample is due */
	struct audibility books;
	struct quality quality;
	struct badrtp_counts bad;
	struct redundancy redundancy;
	uint32_t next_timestamp;	/* behind the newest packet */
};

static void on_tick(void *arg);

static int
open_audio(struct talk *talk, const struct talk_options *options,
    char why[static WHY_TEXT])
{
	char what[WHY_TEXT];
	const char *name = options->in;
	int err = 0;

	talk->in = options->source;
	talk->owns_in = options->source == NULL;
	if (options->in != NULL && !options->echo && talk->owns_in)
		err = audio_in_new(&talk->in, options->in,
		    options->live, what);
	if (err == 0 && options->out != NULL) {
		name = options->out;
		err = audio_out_new(&talk->out, options->out,
		    (options->live ? AUDIO_OUT_LIVE : 0) |
		    (options->out_new ? AUDIO_OUT_NEW : 0), what);
	}
	if (err < 0)
		why_set(why, "%.90s: %s", name, what);
	return err;
}

int
talk_new(struct talk **out, struct event_base *loop,
    const struct talk_options *options, const struct talk_handlers *handlers,
    void *arg, char why[static WHY_TEXT])
{
	struct talk *talk = calloc(1, sizeof(*talk));
	int err;

	why_set(why, "out of memory");
	if (talk == NULL)
		return -ENOMEM;
	talk->handlers = *handlers;
	talk->arg = arg;
	talk->echo = options->echo;
	talk->handset = options->handset;
	err = rtp_session_init(&talk->rtp);
	if (err == 0)
		err = codec_new(&talk->codec);
	if (err == 0)
		err = jitter_new(&talk->jitter, talk->codec);
	if (err == 0) {
		talk->timer = loop_timer_new(loop, on_tick, talk);
		err = talk->timer == NULL ? -ENOMEM :
		    open_audio(talk, options, why);
	}
	if (err < 0) {
		talk_free(talk);
		return err;
	}
	*out = talk;
	return 0;
}

uint32_t
talk_ssrc(const struct talk *talk)
{
	return talk->rtp.ssrc;
}

const char *
talk_cname(const struct talk *talk)
{
	return talk->rtp.cname;
}

void
talk_agreed(struct talk *talk, const struct talk_terms *terms)
{
	talk->terms = *terms;
	redundancy_agree(&talk->redundancy, &terms->types);
	audibility_expect(&talk->books, terms->peer_sends);
	talk->agreed = true;
}

static void
report(struct talk *talk, uint64_t now_ns, bool bye)
{
	uint8_t packet[256];
	ssize_t len = rtp_session_report(&talk->rtp, packet, sizeof(packet),
	    now_ns, bye);

	talk->report_ns = now_ns + crypto_random_between(REPORT_MIN_MS,
	    REPORT_MAX_MS) * CLOCK_MS;
	if (len > 0)
		talk->handlers.send(packet, (size_t)len, talk->arg);
}

static void
hear(struct talk *talk, int16_t pcm[static CODEC_FRAME])
{
	char why[WHY_TEXT];
	int err;

	audibility_frame(&talk->books, jitter_get(talk->jitter, pcm,
	    talk->next_ns));
	handset_hear(talk->handset, pcm);
	if (talk->out == NULL || talk->out_failed)
		return;
	err = audio_out_frame(talk->out, pcm);
	if (err < 0) {
		talk->out_failed = true;
		audio_out_explain(talk->out, err, why);
		talk->handlers.failed(err, why, talk->arg);
	}
}

/*
 * Send a frame. A peer that does not receive gets none (RFC 3264 5.1). The
 * sequence then stands still while the time goes on, so that nothing counts as
 * lost.
 */
static void
say(struct talk *talk, const int16_t pcm[static CODEC_FRAME])
{
	uint8_t packet[RTP_HEADER + REDUNDANCY_PAYLOAD], type;
	uint8_t frame[CODEC_PACKET];
	struct rtp header;
	size_t len;

	if (!talk->terms.peer_receives) {
		rtp_session_pause(&talk->rtp, CODEC_FRAME);
		return;
	}
	if (codec_encode(talk->codec, frame, pcm) < 0)
		return;
	len = redundancy_wrap(&talk->redundancy, packet + RTP_HEADER, frame,
	    talk->rtp.timestamp, &type);
	rtp_session_send(&talk->rtp, &header, type, CODEC_FRAME, len);
	rtp_write(packet, &header);
	talk->handlers.send(packet, RTP_HEADER + len, talk->arg);
}

/*
 * Report, once, that the source failed: when its last words have had the time to
 * arrive, because this ends the call.
 */
static void
check_source(struct talk *talk)
{
	if (talk->in_err == 0) {
		talk->in_err = audio_in_error(talk->in, talk->in_why);
		talk->linger = LINGER;
	} else if (talk->linger > 0 && --talk->linger == 0) {
		talk->handlers.failed(talk->in_err, talk->in_why, talk->arg);
	}
}

static void
tick(struct talk *talk)
{
	int16_t heard[CODEC_FRAME], said[CODEC_FRAME] = { 0 };

	hear(talk, heard);
	if (talk->in != NULL)
		audio_in_frame(talk->in, said);
	else if (handset_has_mic(talk->handset))
		handset_say(talk->handset, said);
	if (talk->muted)
		memset(said, 0, sizeof(said));
	say(talk, talk->echo ? heard : said);
	if (talk->in == NULL)
		return;
	check_source(talk);
	if (talk->in_ended || talk->in_err < 0 || !audio_in_ended(talk->in))
		return;
	talk->in_ended = true;
	talk->handlers.in_ended(talk->arg);
}

static void
set_timer(struct talk *talk, uint64_t now_ns)
{
	loop_timer_set_ns(talk->timer, talk->next_ns > now_ns ?
	    talk->next_ns - now_ns : 0);
}

static double
rtt_ms(const struct talk *talk, double path_rtt_ms)
{
	return talk->rtp.rtt_ms > 0 ? talk->rtp.rtt_ms : path_rtt_ms;
}

static void
sample(struct talk *talk, uint64_t now_ns)
{
	talk->second_ns = now_ns + CLOCK_S;
	quality_second(&talk->quality, &talk->rtp, &talk->books,
	    jitter_delay_ms(talk->jitter), rtt_ms(talk, 0));
}

static void
on_tick(void *arg)
{
	struct talk *talk = arg;
	uint64_t now_ns = clock_ns();

	/*
	 * After a long pause (a suspended machine) the missed ticks are
	 * skipped. The speech of that time is not heard.
	 */
	if (now_ns > talk->next_ns + CATCH_UP * TICK_NS) {
		audibility_skip(&talk->books,
		    (now_ns - talk->next_ns) / TICK_NS);
		talk->next_ns = now_ns;
	}
	while (talk->next_ns <= now_ns) {
		tick(talk);
		talk->next_ns += TICK_NS;
	}
	if (now_ns >= talk->report_ns)
		report(talk, now_ns, false);
	if (now_ns >= talk->second_ns)
		sample(talk, now_ns);
	set_timer(talk, now_ns);
}

/*
 * Return when to begin: at once, or a little after a live source completes a
 * frame, so that frames do not wait for our clock. That clock may drift away from
 * the source's, but slowly.
 */
static uint64_t
first_tick(const struct talk *talk, uint64_t now_ns)
{
	uint64_t framed_ns = talk->in == NULL ? 0 :
	    audio_in_framed_ns(talk->in);

	if (framed_ns == 0 || framed_ns > now_ns ||
	    now_ns - framed_ns > FRAMED_NS)
		return now_ns;
	framed_ns += SOURCE_NS;
	while (framed_ns < now_ns)
		framed_ns += TICK_NS;
	return framed_ns;
}

/* Note the first audio of the peer's. */
static void
begin_hearing(struct talk *talk, uint64_t now_ns)
{
	if (!talk->unmuted && talk->early_ns == 0)
		talk->early_ns = now_ns;
	if (!talk->unmuted || talk->heard)
		return;
	talk->heard = true;
	talk->handlers.first_audio(talk->arg);
}

void
talk_unmute(struct talk *talk)
{
	uint64_t now_ns = clock_ns();

	if (talk->unmuted || !talk->agreed)
		return;
	talk->unmuted = true;
	if (talk->early_ns != 0 && now_ns - talk->early_ns > EARLY_NS)
		jitter_reset(talk->jitter);
	else if (talk->early_ns != 0)
		begin_hearing(talk, now_ns);	/* it is played now */
	if (talk->in != NULL)
		audio_in_unmute(talk->in);
	handset_begin(talk->handset);
	talk->next_ns = first_tick(talk, now_ns);
	talk->report_ns = now_ns + REPORT_FIRST_MS * CLOCK_MS;
	talk->second_ns = now_ns + CLOCK_S;
	on_tick(talk);
}

void
talk_mute(struct talk *talk, bool mute)
{
	talk->muted = mute;
}

/*
 * Detect a sender that was silent on purpose: timestamps leap, and sequence
 * numbers do not.
 */
static void
follow(struct talk *talk, const struct rtp *rtp, uint16_t last_sequence)
{
	ssize_t span = codec_span(rtp->payload, rtp->payload_len);
	int32_t leap = (int32_t)(rtp->timestamp - talk->next_timestamp);

	if (rtp->sequence == (uint16_t)(last_sequence + 1) &&
	    leap >= CODEC_FRAME)
		audibility_leap(&talk->books);
	if (leap >= 0 && span > 0)
		talk->next_timestamp = rtp->timestamp + (uint32_t)span;
}

static void
begin_stream(struct talk *talk, const struct rtp *rtp)
{
	jitter_reset(talk->jitter);
	red_receiver_begin(&talk->redundancy.in);
	audibility_begin(&talk->books);
	talk->next_timestamp = rtp->timestamp;
}

static void
receive_audio(struct talk *talk, const struct rtp *rtp,
    const struct red_block *blocks, unsigned n, uint64_t now_ns)
{
	int err = rtp->payload_len == 0 ? 0 :	/* a keepalive, RFC 6263 */
	    jitter_put(talk->jitter, rtp, now_ns);

	redundancy_receive(&talk->redundancy, rtp, blocks, n, talk->jitter,
	    now_ns);
	if (err < 0)
		talk->bad.n[BADRTP_NO_OPUS]++;
	else if (rtp->payload_len > 0)
		begin_hearing(talk, now_ns);
}

static void
receive_rtp(struct talk *talk, const uint8_t *data, size_t len)
{
	uint64_t now_ns = clock_ns();
	uint16_t last_sequence = talk->rtp.in.max_sequence;
	struct red_block blocks[RED_BLOCKS_MAX];
	struct rtp rtp;
	ssize_t n;

	if (rtp_parse(&rtp, data, len) < 0) {
		talk->bad.n[BADRTP_MALFORMED]++;
		return;
	}
	n = talk->agreed ? redundancy_unwrap(&talk->redundancy, &rtp,
	    blocks) : -EPROTONOSUPPORT;
	if (n < 0) {
		talk->bad.n[n == -EBADMSG ? BADRTP_MALFORMED :
		    BADRTP_OTHER_TYPE]++;
		return;
	}
	if (rtp_session_receive(&talk->rtp, &rtp, now_ns))
		begin_stream(talk, &rtp);
	follow(talk, &rtp, last_sequence);
	receive_audio(talk, &rtp, blocks, (unsigned)n, now_ns);
}

void
talk_receive(struct talk *talk, const uint8_t *data, size_t len)
{
	if (!rtcp_is(data, len)) {
		receive_rtp(talk, data, len);
		return;
	}
	if (rtp_session_rtcp(&talk->rtp, data, len, clock_ns()) < 0) {
		talk->bad.n[BADRTP_MALFORMED]++;
		return;
	}
	codec_loss(talk->codec, talk->rtp.peer_loss_pct);
	red_sender_report(&talk->redundancy.out, &talk->rtp, clock_ns());
	quality_report(&talk->quality, &talk->rtp);
	audibility_report(&talk->books, talk->rtp.peer_idle,
	    talk->rtp.peer_missed);
	if (talk->rtp.peer_bye && !talk->books.over)
		audibility_bye(&talk->books);
}

void
talk_stats(const struct talk *talk, double path_rtt_ms,
    struct media_stats *out)
{
	out->packets_sent = talk->rtp.packets;
	out->packets_received = talk->rtp.in.received;
	out->red_sent = talk->redundancy.out.sent;
	out->red_recovered = talk->redundancy.in.recovered;
	out->rtt_ms = rtt_ms(talk, path_rtt_ms);
	badrtp_add(&out->bad, &talk->bad);
	out->silent_ms = audibility_silent_ms(&talk->books);
	quality_stats(&talk->quality, &talk->rtp, &talk->books,
	    jitter_delay_ms(talk->jitter), out);
}

struct audio_out *
talk_take_out(struct talk *talk)
{
	struct audio_out *out = talk->out;

	talk->out = NULL;
	return out;
}

void
talk_free(struct talk *talk)
{
	if (talk == NULL)
		return;
	if (talk->unmuted)
		report(talk, clock_ns(), true);
	loop_event_free(talk->timer);
	if (talk->owns_in)
		audio_in_free(talk->in);
	else
		audio_in_mute(talk->in);
	audio_out_free(talk->out);
	jitter_free(talk->jitter);
	codec_free(talk->codec);
	free(talk);
}
