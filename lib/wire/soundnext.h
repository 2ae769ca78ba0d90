/*
 * soundnext: find where another sound begins behind the first, as in files that
 * were joined by cat(1). Pure.
 */
#ifndef RP_WIRE_SOUNDNEXT_H
#define RP_WIRE_SOUNDNEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that tell whether a sound begins; the longest is an MPEG frame's. */
#define SOUNDNEXT_SPAN 44
/* Bytes that are needed before these. */
#define SOUNDNEXT_BEFORE 8

struct soundnext {
	bool ogg, mpeg;		/* what the first sound is */
	bool body;		/* of Ogg: its samples have begun */
	uint64_t start;		/* of the search; bytes of the first sound */
};

/*
 * Begin the search behind the first bytes of a sound, of which there are `len`.
 */
void soundnext_init(struct soundnext *next, const uint8_t *data, size_t len);

/*
 * Return whether another sound begins at `data`, `at` bytes behind the start of
 * the first. There are SOUNDNEXT_SPAN bytes, and as many before as above. Every
 * position must be asked for, in order.
 */
bool soundnext_here(struct soundnext *next, const uint8_t *data, uint64_t at);

#endif
