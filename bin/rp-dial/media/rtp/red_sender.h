/*
 * red_sender: put a copy of the frame before into each packet while packets get
 * lost (RFC 2198). The peer's receiver reports say whether they do. All frames
 * have the same length, and so have all packets of redundant audio: lengths
 * reveal the weather on the way, and nothing of the speech. Pure.
 */
#ifndef RP_DIAL_RED_SENDER_H
#define RP_DIAL_RED_SENDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "media/rtp/rtp_session.h"
#include "wire/red.h"

/*
 * Redundancy begins when this much was lost between two of the peer's reports.
 * They are a second or two apart, and one lost packet may be the only one.
 */
#define RED_SENDER_ON_PCT 2
#define RED_SENDER_ON_PACKETS 2
/*
 * It ends when nothing was lost for so long by all reports. At a random loss of
 * 1%, every second report tells of some; 20 s without any are rare.
 */
#define RED_SENDER_CALM_MS 20000
#define RED_SENDER_FRAME 128	/* bytes of a frame at most; ours has 60 */
#define RED_SENDER_EXTRA (RED_COPY_HEADER + RED_PRIMARY_HEADER)

/* Embedded; zeroed at first. */
struct red_sender {
	bool on;
	struct rtp_peer_report last;	/* that was taken */
	uint64_t calm_ns;	/* nothing lost since then; 0: it was */
	bool any;		/* there is a frame before */
	uint32_t timestamp;	/* of it */
	size_t len;
	uint8_t before[RED_SENDER_FRAME];
	uint64_t sent;		/* packets with a copy in them */
};

/* Take the peer's report that `session` has just taken, if it has one. */
void red_sender_report(struct red_sender *sender,
    const struct rtp_session *session, uint64_t now_ns);

/*
 * Keep a frame for the next packet. If redundancy is on, write the payload of
 * redundant audio to `out`, which has room for two frames and RED_SENDER_EXTRA,
 * and return its length. Otherwise, or if the frame before is too old for RED,
 * as after a pause, return 0: the frame is to be sent as it is.
 */
size_t red_sender_wrap(struct red_sender *sender, uint8_t *out,
    uint8_t payload_type, uint32_t timestamp, const uint8_t *frame,
    size_t len);

#endif
