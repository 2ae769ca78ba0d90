/*
 * copies: send a datagram again after short waits, before anybody could tell that
 * it was lost. The caller passes in the time, and sends. Pure.
 */
#ifndef RP_DIAL_COPIES_H
#define RP_DIAL_COPIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COPIES_DATAGRAM 1200
#define COPIES_NEVER UINT64_MAX

struct copies_pace {
	unsigned n;			/* of them */
	uint64_t first_ns, longest_ns;	/* the wait doubles up to the longest */
};

/* Embedded by its user. Written by copies_ functions only, begun by the first. */
struct copies {
	uint8_t data[COPIES_DATAGRAM];
	size_t len;
	struct copies_pace pace;
	unsigned sent;
	uint64_t wait_ns, due_ns;	/* due_ns: COPIES_NEVER */
};

/* There are none from now on, until copies_begin. */
void copies_end(struct copies *copies);

/* The datagram was sent now. One that is too long gets no copies. */
void copies_begin(struct copies *copies, const struct copies_pace *pace,
    const uint8_t *data, size_t len, uint64_t now_ns);

/* Return whether to send a copy now: `data`, of `len` bytes. */
bool copies_next(struct copies *copies, uint64_t now_ns);

#endif
