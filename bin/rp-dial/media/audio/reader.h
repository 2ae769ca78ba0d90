/*
 * reader: the samples of a sound file or stream in any format that libsndfile
 * reads, mixed down to one channel, at the rate of the source.
 *
 * Standard input whose first bytes are those of no known format is raw: 16-bit
 * little-endian samples of 48 kHz mono. So is a file whose name ends in .raw.
 */
#ifndef RP_DIAL_READER_H
#define RP_DIAL_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "wire/why.h"

#define READER_RATE_MIN 4000
#define READER_RATE_MAX 768000	/* the highest that converters are made for */
#define READER_CHUNK 7680	/* samples: 10 ms at the highest rate */

struct lookahead;
struct reader;

/* The kinds of sources, by their names. */
enum reader_source {
	READER_FILE,		/* of a known format, or an error */
	READER_STREAM,		/* likewise, or else raw */
	READER_RAW		/* without a head */
};

/*
 * Read the head from `bytes`, which stay the caller's, and wait for it as long
 * as needed, unless the source has none. On an error `why` holds one line:
 *
 *  -ENODATA  there is not a byte
 *  -EINVAL   no sound, or none that can be read
 *  others    a read failed
 */
int reader_new(struct reader **out, struct lookahead *bytes,
    enum reader_source source, char why[static WHY_TEXT]);

/* Return samples per second. */
unsigned reader_rate(const struct reader *reader);

/*
 * Read 10 ms of mono, or less at the end; full scale is 1, and louder samples
 * are possible. Return their number, and 0 at the end.
 */
size_t reader_read(struct reader *reader, float mono[static READER_CHUNK]);

/*
 * Once nothing is read any more, return 0 at the end, or a negative errno with
 * one line in `why`.
 */
int reader_error(const struct reader *reader, char why[static WHY_TEXT]);

/* NULL is allowed. */
void reader_free(struct reader *reader);

#endif
