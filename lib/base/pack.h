/*
 * pack: values for another process of the same program, one behind the other.
 * Nothing of it is for a file or the network: sizes and order are this
 * machine's.
 */
#ifndef RP_BASE_PACK_H
#define RP_BASE_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Write to a stream of open_memstream(3), which notes errors itself. */
void pack_bytes(FILE *to, const void *bytes, size_t len);
void pack_text(FILE *to, const char *text);	/* NULL: an empty one */

struct pack_reader {
	const char *at, *end;
	bool bad;		/* something was missing; all that follows is */
};

/* Return the next bytes and their number; NULL if they are missing. */
const void *pack_next(struct pack_reader *reader, size_t *len);

/* Read bytes of exactly that number. Return false if they are missing. */
bool pack_read(struct pack_reader *reader, void *out, size_t len);

/* Return the next text, which is NUL-terminated; "" if it is missing. */
const char *pack_next_text(struct pack_reader *reader);

#endif
