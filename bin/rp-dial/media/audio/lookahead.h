/*
 * lookahead: the bytes of a file or pipe, for libsndfile. It may seek a pipe as
 * far as the head goes, because all of the head is kept.
 */
#ifndef RP_DIAL_LOOKAHEAD_H
#define RP_DIAL_LOOKAHEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <sndfile.h>

struct lookahead;

/* How libsndfile reads it; the user data is the struct lookahead. */
extern const SF_VIRTUAL_IO lookahead_io;

/*
 * Read from `fd`, which stays the caller's. Reading ends early once `stop_fd`
 * is readable. Return NULL if memory is out.
 */
struct lookahead *lookahead_new(int fd, int stop_fd);

/*
 * Wait for the first `want` bytes, fewer at the end of the stream. Set `len` to
 * how many there are. They may be modified until the next call. A regular file
 * gives SOUNDHEAD_MAX bytes at most.
 */
uint8_t *lookahead_head(struct lookahead *la, size_t want, size_t *len);

/* Return whether it is a regular file, all of which is there. */
bool lookahead_is_file(const struct lookahead *la);

/*
 * Read a regular file as if it were a pipe, once its head was looked at, or no
 * longer. Return false if it cannot be sought.
 */
bool lookahead_stream(struct lookahead *la, bool stream);

/*
 * Look for another sound behind the one that the head is of. The first one then
 * ends there.
 */
void lookahead_search(struct lookahead *la);

/*
 * Begin with the next sound, as if it were the first, and wait for it. Return
 * false if there is none.
 */
bool lookahead_next(struct lookahead *la);

/*
 * Let libsndfile find the end of the stream wherever it seeks beyond the bytes
 * that were read. Without this a pipe is read up to there.
 */
void lookahead_no_gaps(struct lookahead *la);

/* Fail where it seeks from the end, so that it does without a length. */
void lookahead_no_end(struct lookahead *la);

/* Keep the head no longer, because the samples follow. */
void lookahead_settle(struct lookahead *la);

/* Return whether a byte has come. Allowed in any thread. */
bool lookahead_begun(const struct lookahead *la);

/*
 * Return whether reading had to wait after this was last called, for longer than
 * a writer needs for one lump.
 */
bool lookahead_waited(struct lookahead *la);

/* Return the negative errno of a failed read, or 0. */
int lookahead_error(const struct lookahead *la);

/* NULL is allowed. */
void lookahead_free(struct lookahead *la);

#endif
