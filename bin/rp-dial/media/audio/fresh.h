/*
 * fresh: how much of a live source may wait to be sent. Pure; in the thread of
 * the source.
 */
#ifndef RP_DIAL_FRESH_H
#define RP_DIAL_FRESH_H

#include <stddef.h>

/* Embedded in the source, zeroed at first, and written by fresh.c only. */
struct fresh {
	size_t lump;		/* frames of this lump so far */
	size_t last[2];		/* frames of the two lumps before */
	size_t low;		/* the fewest waiting when a lump began */
	unsigned seen;		/* frames since `low` was begun */
	unsigned still;		/* windows in which it was one */
};

/* Note that a lump begins, while `waiting` frames are not sent yet. */
void fresh_lump(struct fresh *fresh, size_t waiting);

/* Return how many frames the source keeps delivering at once, ten at most. */
size_t fresh_lumps(const struct fresh *fresh);

/* Return how many of `waiting` frames to keep before the next one is added. */
size_t fresh_keep(struct fresh *fresh, size_t waiting);

#endif
