/*
 * redundancy: redundant audio (RED, RFC 2198) of Opus in both directions. It
 * wraps our frames while packets get lost, and hands what the peer repeats of
 * lost packets to the jitter buffer. Pure.
 */
#ifndef RP_DIAL_REDUNDANCY_H
#define RP_DIAL_REDUNDANCY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "media/audio/codec.h"
#include "media/rtp/red_receiver.h"
#include "media/rtp/red_sender.h"
#include "wire/red.h"
#include "wire/rtp.h"

struct jitter;

/* Bytes of a payload of ours; 59 kbit/s with the headers of RTP and SRTP. */
#define REDUNDANCY_PAYLOAD (2 * CODEC_PACKET + RED_SENDER_EXTRA)

/*
 * The numbers of Opus and of its RED. Each side sends with those that the other
 * side described (RFC 3264 6.1). Packets with the peer's own numbers are taken
 * too, because some peers send those.
 */
struct redundancy_types {
	uint8_t own, peer;
	uint8_t own_red, peer_red;	/* 0: not agreed on */
};

#define REDUNDANCY_NUMBERS 128	/* payload types have 7 bits */

/* Embedded; zeroed at first, and then redundancy_agree. */
struct redundancy {
	struct redundancy_types types;
	bool was_opus[REDUNDANCY_NUMBERS];
	struct red_sender out;
	struct red_receiver in;
};

/*
 * Set the types, also in mid-call. A number that has meant Opus does so to the
 * end of the call (RFC 3264 8.3.2): aiortc's later offers have another number,
 * and it goes on to send with the first.
 */
void redundancy_agree(struct redundancy *redundancy,
    const struct redundancy_types *types);

/*
 * Write the payload of a packet with our frame, and its type. A packet has
 * CODEC_PACKET bytes, or REDUNDANCY_PAYLOAD while packets get lost. Return its
 * length.
 */
size_t redundancy_wrap(struct redundancy *redundancy,
    uint8_t payload[static REDUNDANCY_PAYLOAD],
    const uint8_t frame[static CODEC_PACKET], uint32_t timestamp,
    uint8_t *type);

/*
 * Take the copies out of a packet that came, so that it is one of Opus alone.
 * Return the number of `blocks`, 1 if there was no copy.
 *
 *  -EBADMSG          it is malformed
 *  -EPROTONOSUPPORT  it is neither Opus nor RED of Opus
 */
ssize_t redundancy_unwrap(const struct redundancy *redundancy,
    struct rtp *rtp, struct red_block blocks[static RED_BLOCKS_MAX]);

/*
 * Note that the packet came. Add those of its copies that are of lost packets
 * to the buffer, as if these came now. No packet in the buffer is replaced.
 */
void redundancy_receive(struct redundancy *redundancy, const struct rtp *rtp,
    const struct red_block *blocks, unsigned n, struct jitter *jitter,
    uint64_t now_ns);

#endif
