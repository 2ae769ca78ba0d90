/* quality: samples, means and scores of both directions. See quality.h. */
#include "media/audio/quality.h"

#include "media/audio/codec.h"
#include "media/audio/emodel.h"

#define LOOKAHEAD_MS 6.5	/* of Opus, RFC 6716 2 */
#define PEER_BUFFER_MS 40.0	/* what a peer's buffer holds in good weather */

static double
percent(uint64_t part, uint64_t whole)
{
	if (whole == 0)
		return 0;
	return part >= whole ? 100 : 100.0 * (double)part / (double)whole;
}

static double
mouth_to_ear_ms(double buffer_ms, double rtt_ms)
{
	return rtt_ms / 2 + buffer_ms + CODEC_FRAME_MS + LOOKAHEAD_MS;
}

static double
score(double delay_ms, double loss_pct)
{
	return emodel_mos(emodel_r(delay_ms, loss_pct));
}

/*
 * Sample the packets. A stream that replaces another counts anew, and so does
 * the sample after it.
 */
static void
sample_packets(struct quality *q, const struct rtp_session *rtp)
{
	uint64_t expected = rtp_session_expected(rtp);
	uint64_t received = rtp->in.received, lost;

	if (expected < q->expected || received < q->received)
		q->expected = q->received = 0;
	expected -= q->expected;
	received -= q->received;
	q->expected += expected;
	q->received += received;
	if (expected == 0)
		return;
	lost = expected > received ? expected - received : 0;
	q->here.last_loss_pct = percent(lost, expected);
	media_spread_add(&q->here.loss_pct, q->here.last_loss_pct);
	media_spread_add(&q->here.jitter_ms, rtp_session_jitter_ms(rtp));
}

/* Sample the frames. A second in which none was expected has no score. */
static void
sample_frames(struct quality *q, const struct audibility *heard,
    double delay_ms)
{
	uint64_t total, missing;

	audibility_counts(heard, &missing, &total);
	if (total <= q->total)
		return;
	q->here.last_mos = score(delay_ms, missing <= q->missing ? 0 :
	    percent(missing - q->missing, total - q->total));
	media_spread_add(&q->here.mos, q->here.last_mos);
	q->total = total;
	q->missing = missing;
}

void
quality_second(struct quality *q, const struct rtp_session *rtp,
    const struct audibility *heard, double buffer_ms, double rtt_ms)
{
	double delay_ms = mouth_to_ear_ms(buffer_ms, rtt_ms);

	media_spread_add(&q->delay_ms, delay_ms);
	if (rtt_ms > 0)
		media_spread_add(&q->here.rtt_ms, rtt_ms);
	sample_packets(q, rtp);
	sample_frames(q, heard, delay_ms);
}

static double
score_there(double jitter_ms, double rtt_ms, double loss_pct)
{
	return score(mouth_to_ear_ms(PEER_BUFFER_MS + 2 * jitter_ms, rtt_ms),
	    loss_pct);
}

static double
mean(const struct media_spread *spread)
{
	return spread->n == 0 ? 0 : spread->sum / (double)spread->n;
}

void
quality_report(struct quality *q, const struct rtp_session *rtp)
{
	const struct rtp_peer_report *now = &rtp->peer;
	struct media_remote *there = &q->there;
	uint64_t expected, lost;

	if (now->n == q->before.n)
		return;
	expected = now->expected > q->before.expected ?
	    now->expected - q->before.expected : 0;
	lost = now->lost > q->before.lost ? now->lost - q->before.lost : 0;
	q->before = *now;
	there->reports = now->n;
	there->loss_pct = percent(now->lost, now->expected);
	there->jitter_ms = now->jitter_ms;
	there->rtt_ms = rtp->rtt_ms;
	media_spread_add(&there->course.jitter_ms, there->jitter_ms);
	if (there->rtt_ms > 0)
		media_spread_add(&there->course.rtt_ms, there->rtt_ms);
	/* The whole call's, so that one late report is not the whole of it. */
	there->mos = score_there(mean(&there->course.jitter_ms),
	    mean(&there->course.rtt_ms), there->loss_pct);
	if (expected == 0)
		return;
	there->course.last_loss_pct = percent(lost, expected);
	there->course.last_mos = score_there(there->jitter_ms, there->rtt_ms,
	    there->course.last_loss_pct);
	media_spread_add(&there->course.loss_pct,
	    there->course.last_loss_pct);
	media_spread_add(&there->course.mos, there->course.last_mos);
}

void
quality_stats(const struct quality *q, const struct rtp_session *rtp,
    const struct audibility *heard, double buffer_ms, struct media_stats *out)
{
	const struct media_spread *delay = &q->delay_ms;
	double delay_ms = delay->n > 0 ? mean(delay) :
	    mouth_to_ear_ms(buffer_ms, out->rtt_ms);

	out->packets_lost = rtp_session_lost(rtp);
	out->loss_pct = percent(out->packets_lost, rtp_session_expected(rtp));
	out->jitter_ms = rtp_session_jitter_ms(rtp);
	/*
	 * A peer that should have sent and never did makes the call worthless.
	 */
	out->mos = rtp->in.received == 0 && heard->expects ? 1 :
	    score(delay_ms, audibility_missing_pct(heard));
	out->course = q->here;
	out->remote = q->there;
	if (rtp->packets == 0)
		out->remote.reports = 0;
}
