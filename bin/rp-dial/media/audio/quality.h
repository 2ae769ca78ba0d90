/*
 * quality: how a call sounds, at both ends and over its time. A sample is taken
 * each second of what we hear. Another is taken of each report in which the
 * peer says what it hears of us (RFC 3550 6.4). Pure.
 *
 * Our own score takes the mean delay of the whole call and the share of frames
 * that were not heard. The peer's takes what its reports say. They tell neither
 * its buffer's delay nor what it has recovered. So the buffer counts as 40 ms
 * and twice the jitter, and each lost packet as a frame that was not heard.
 *
 * A peer may report any numbers. They are bounded by what we have sent, and no
 * figure but the remote ones depends on them.
 */
#ifndef RP_DIAL_QUALITY_H
#define RP_DIAL_QUALITY_H

#include <stdint.h>

#include "media/audio/audibility.h"
#include "media/rtp/media_stats.h"
#include "media/rtp/rtp_session.h"

/* Embedded; zeroed at first. */
struct quality {
	struct media_course here;
	struct media_remote there;
	struct media_spread delay_ms;	/* from mouth to ear */
	uint64_t expected, received;	/* packets, at the last second */
	uint64_t total, missing;	/* frames, at the last second */
	struct rtp_peer_report before;	/* the peer's last report */
};

/*
 * Take the sample of another second. `buffer_ms` is the delay of our buffer
 * now, `rtt_ms` the round trip, 0 if it is not known.
 */
void quality_second(struct quality *quality, const struct rtp_session *rtp,
    const struct audibility *heard, double buffer_ms, double rtt_ms);

/* Take the peer's report that `rtp` has just taken, if it has one. */
void quality_report(struct quality *quality, const struct rtp_session *rtp);

/*
 * Fill in the figures of both directions. Those of the packets that were sent,
 * and the silence, are not touched.
 */
void quality_stats(const struct quality *quality,
    const struct rtp_session *rtp, const struct audibility *heard,
    double buffer_ms, struct media_stats *out);

#endif
