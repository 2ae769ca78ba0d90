/*
 * frame: Ethernet frames for kerneldiff: made, changed at random, and read as
 * strictly as the network stack does. Nothing here is shared with the program
 * under test.
 */
#ifndef RP_T_TOOLS_KERNELDIFF_FRAME_H
#define RP_T_TOOLS_KERNELDIFF_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/addr.h"

#define FRAME_MAX 1600
#define FRAME_PAYLOAD 1400

struct frame {
	uint8_t data[FRAME_MAX];
	size_t len;
	bool changed;		/* not as frame_make made it */
};

/* What a frame carries, as the stack delivers it. */
struct datagram {
	struct addr from, to;
	const uint8_t *data;	/* in the frame */
	size_t len;
	size_t ip, udp;		/* offsets of headers */
	bool v6;
	bool wrong_checksum;	/* of UDP: the stack drops it */
};

/* A generator of its own, so that a seed says it all. */
uint64_t frame_random(uint64_t n);
void frame_seed(uint64_t seed);

/* Make a UDP datagram with right checksums, without a VLAN tag. */
void frame_make(struct frame *frame, const uint8_t to_mac[static 6],
    const struct addr *from, const struct addr *to, const uint8_t *data,
    size_t len);

/* Change it in one of many ways, and correct its checksums or not. */
void frame_mutate(struct frame *frame);

/*
 * Add to the last whole word of the payload, which must have one, and correct
 * the checksums.
 */
void frame_add(struct frame *frame, const struct datagram *at, uint16_t by);

/* Insert a VLAN tag. */
void frame_tag(struct frame *frame, uint16_t vid);

/*
 * Read a frame. Return false if the stack would not deliver it as UDP, for
 * another reason than a wrong checksum of UDP.
 */
bool frame_read(const struct frame *frame, const uint8_t to_mac[static 6],
    uint16_t vid, struct datagram *out);

/* Return the sum over UDP and its pseudo-header: 0 if its checksum is right. */
uint16_t frame_udp_sum(const struct frame *frame, const struct datagram *at);

/*
 * Is the checksum that of the pseudo-header alone? A device should have finished
 * it. One in 65,536 is so by chance.
 */
bool frame_looks_unfinished(const struct frame *frame,
    const struct datagram *at);

#endif
