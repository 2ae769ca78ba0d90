/*
 * soundhead: the first bytes of a sound stream. They tell its format apart from
 * raw samples. Pure.
 */
#ifndef RP_WIRE_SOUNDHEAD_H
#define RP_WIRE_SOUNDHEAD_H

#include <stddef.h>
#include <stdint.h>

/*
 * Bytes that suffice for soundhead_of: two MPEG frames, of which the largest
 * has 2881 bytes.
 */
#define SOUNDHEAD_MAX 4096

enum soundhead_kind {
	SOUNDHEAD_UNKNOWN,	/* no head: raw samples, or not sound */
	SOUNDHEAD_RIFF,		/* WAV; see soundhead_lengths */
	SOUNDHEAD_MPEG,		/* MP3 and MP2 */
	SOUNDHEAD_FLOW,		/* read from start to end: FLAC, Ogg */
	SOUNDHEAD_OTHER,	/* another format that libsndfile reads */
	SOUNDHEAD_SEEKS,	/* likewise, if at all, and from a file only */
	SOUNDHEAD_REFUSED	/* a known format that it does not read */
};

/*
 * Return what the first `len` bytes of a stream are. `name` is set to the
 * format's name, or to NULL if it is unknown. It is static.
 */
enum soundhead_kind soundhead_of(const uint8_t *data, size_t len,
    const char **name);

/*
 * Find the data chunk of a WAV (RIFF or RIFX). If its writer did not know its
 * length, set it and that of the whole so that libsndfile reads up to the end.
 * Programs that write to a pipe use 0, or 0x7ffff000 and more. Return 0 once that is done,
 * or if there is no such chunk, otherwise how many bytes from the start of the
 * stream it takes to look further.
 */
size_t soundhead_lengths(uint8_t *data, size_t len);

#endif
