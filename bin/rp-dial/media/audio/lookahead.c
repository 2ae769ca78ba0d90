/*
 * lookahead: bytes of a file, or of a pipe with its head kept. Called by
 * reader and, through lookahead_io, by libsndfile. See lookahead.h.
 */
#include "media/audio/lookahead.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wire/soundhead.h"
#include "wire/soundnext.h"

#define GAP_MS 2		/* within one write that fills several pages */
#define STEP 4096		/* bytes asked for beyond what is wanted */
#define HEAD_MAX (16 << 20)	/* a head with a picture has a few MB */
#define KEEP (64 << 10)		/* behind the position, for short seeks */
/* libsndfile is given this as a pipe's length, which nobody knows. */
#define UNKNOWN ((sf_count_t)1 << 62)
#define BEYOND (UNKNOWN / 2)

struct lookahead {
	int fd, stop_fd;
	bool is_file, settled, no_gaps, no_end, at_end, waited;
	bool searching;
	struct soundnext next;
	sf_count_t searched;	/* up to there; the sound begins at 0 */
	sf_count_t limit;	/* where the next sound begins; BEYOND */
	_Atomic bool begun;
	int err;
	sf_count_t size;	/* of a file */
	sf_count_t pos, base;	/* base: of the first kept byte */
	uint8_t *data;
	size_t have, max;
};

struct lookahead *
lookahead_new(int fd, int stop_fd)
{
	struct lookahead *la = calloc(1, sizeof(*la));
	struct stat st;

	if (la == NULL)
		return NULL;
	la->fd = fd;
	la->stop_fd = stop_fd;
	la->limit = BEYOND;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    lseek(fd, 0, SEEK_CUR) == 0) {
		la->is_file = true;
		la->size = st.st_size;
	}
	return la;
}

/* Wait for input. Return false if reading must stop. */
static bool
wait_readable(struct lookahead *la)
{
	struct pollfd fds[2] = {
		{ la->stop_fd, POLLIN, 0 },
		{ la->fd, POLLIN, 0 },
	};
	int n = poll(fds, 2, GAP_MS);

	la->waited = la->waited || n == 0;
	while (n <= 0) {
		n = poll(fds, 2, -1);
		if (n < 0 && errno != EINTR)
			return false;
	}
	return fds[0].revents == 0;
}

/* Read once. Return 0 at the end, which is also where reading must stop. */
static size_t
read_some(struct lookahead *la, uint8_t *data, size_t max)
{
	ssize_t n;

	do {
		if (!wait_readable(la))
			return 0;
		n = read(la->fd, data, max);
	} while (n < 0 && (errno == EINTR || errno == EAGAIN));
	if (n < 0)
		la->err = -errno;
	if (n > 0)
		atomic_store(&la->begun, true);
	return n > 0 ? (size_t)n : 0;
}

/* Make space for `more` bytes. Settled, it forgets bytes that are old. */
static bool
make_space(struct lookahead *la, size_t more)
{
	sf_count_t old = la->pos - KEEP - la->base;
	size_t max;
	uint8_t *data;

	if (la->settled && old > KEEP) {
		size_t drop = (size_t)old < la->have ? (size_t)old : la->have;

		la->have -= drop;
		la->base += (sf_count_t)drop;
		memmove(la->data, la->data + drop, la->have);
	}
	if (la->have + more <= la->max)
		return true;
	max = 2 * la->max + more;
	if (max > 2 * HEAD_MAX)
		return false;
	data = realloc(la->data, max);
	if (data == NULL)
		return false;
	la->data = data;
	la->max = max;
	return true;
}

/* Look for the next sound in the bytes that have come. */
static void
search(struct lookahead *la)
{
	sf_count_t end = la->base + (sf_count_t)la->have - SOUNDNEXT_SPAN;

	if (!la->searching || la->limit != BEYOND)
		return;
	if (la->searched < la->base + SOUNDNEXT_BEFORE)
		la->searched = la->base + SOUNDNEXT_BEFORE;
	for (; la->searched <= end; la->searched++) {
		if (!soundnext_here(&la->next,
		    la->data + (la->searched - la->base),
		    (uint64_t)la->searched))
			continue;
		la->limit = la->searched;
		return;
	}
}

/* Have the bytes before `end`, unless the stream ends or they are too many. */
static void
fill(struct lookahead *la, sf_count_t end)
{
	while (!la->at_end && la->base + (sf_count_t)la->have < end) {
		size_t n = 0;

		if (la->settled || la->have < HEAD_MAX) {
			if (make_space(la, STEP))
				n = read_some(la, la->data + la->have, STEP);
			la->at_end = n == 0;
		}
		if (n == 0)
			return;
		la->have += n;
		search(la);
	}
}

uint8_t *
lookahead_head(struct lookahead *la, size_t want, size_t *len)
{
	ssize_t n;

	if (!la->is_file) {
		fill(la, (sf_count_t)want);
	} else if (la->have == 0 && make_space(la, SOUNDHEAD_MAX)) {
		n = pread(la->fd, la->data, SOUNDHEAD_MAX, 0);
		la->have = n > 0 ? (size_t)n : 0;
		la->err = n < 0 ? -errno : 0;
	}
	*len = la->have;
	return la->data;
}

bool
lookahead_is_file(const struct lookahead *la)
{
	return la->is_file;
}

bool
lookahead_stream(struct lookahead *la, bool stream)
{
	off_t at = stream ? (off_t)la->have : 0;

	if (lseek(la->fd, at, SEEK_SET) != at)
		return false;
	la->is_file = !stream;
	if (stream)
		return true;
	la->have = 0;
	la->pos = la->base = 0;
	la->no_gaps = la->no_end = la->at_end = la->searching = false;
	la->limit = BEYOND;
	return true;
}

void
lookahead_search(struct lookahead *la)
{
	soundnext_init(&la->next, la->data, la->have);
	la->searching = true;
	la->searched = 0;
	search(la);
}

bool
lookahead_next(struct lookahead *la)
{
	size_t drop;

	while (la->searching && la->limit == BEYOND && !la->at_end) {
		la->pos = la->base + (sf_count_t)la->have;
		fill(la, la->pos + 1);
	}
	if (la->limit == BEYOND)
		return false;
	drop = (size_t)(la->limit - la->base);
	la->have -= drop;
	memmove(la->data, la->data + drop, la->have);
	la->base = la->pos = 0;
	la->limit = BEYOND;
	la->settled = la->no_gaps = la->no_end = la->searching = false;
	return true;
}

void
lookahead_no_gaps(struct lookahead *la)
{
	la->no_gaps = true;
}

void
lookahead_no_end(struct lookahead *la)
{
	la->no_end = true;
}

void
lookahead_settle(struct lookahead *la)
{
	la->settled = true;
}

bool
lookahead_begun(const struct lookahead *la)
{
	return atomic_load(&la->begun);
}

bool
lookahead_waited(struct lookahead *la)
{
	bool waited = la->waited;

	la->waited = false;
	return waited;
}

int
lookahead_error(const struct lookahead *la)
{
	return la->err;
}

void
lookahead_free(struct lookahead *la)
{
	if (la == NULL)
		return;
	free(la->data);
	free(la);
}

/* Called by libsndfile. */

static sf_count_t
io_length(void *arg)
{
	const struct lookahead *la = arg;

	return la->is_file ? la->size : UNKNOWN;
}

static sf_count_t
io_tell(void *arg)
{
	return ((struct lookahead *)arg)->pos;
}

static sf_count_t
io_seek(sf_count_t offset, int whence, void *arg)
{
	struct lookahead *la = arg;
	sf_count_t from = whence == SEEK_CUR ? la->pos :
	    whence == SEEK_END ? io_length(la) : 0;
	sf_count_t to;

	if (whence == SEEK_END && la->no_end)
		return -1;
	if (__builtin_add_overflow(from, offset, &to) || to < 0)
		return -1;
	la->pos = to;
	return to;
}

static sf_count_t
read_file(struct lookahead *la, void *data, sf_count_t n)
{
	ssize_t got;

	do
		got = pread(la->fd, data, (size_t)n, la->pos);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		la->err = -errno;
	if (got > 0)
		la->pos += got;
	return got > 0 ? got : 0;
}

static sf_count_t
read_pipe(struct lookahead *la, void *data, sf_count_t n)
{
	sf_count_t end = la->base + (sf_count_t)la->have;

	if (!la->settled && la->no_gaps && la->pos > end)
		return 0;
	fill(la, la->pos + n < la->limit ? la->pos + n : la->limit);
	end = la->base + (sf_count_t)la->have;
	if (end > la->limit)
		end = la->limit;
	if (la->pos < la->base || la->pos >= end)
		return 0;
	if (n > end - la->pos)
		n = end - la->pos;
	memcpy(data, la->data + (la->pos - la->base), (size_t)n);
	la->pos += n;
	return n;
}

static sf_count_t
io_read(void *data, sf_count_t n, void *arg)
{
	struct lookahead *la = arg;

	if (n <= 0)
		return 0;
	if (la->is_file)
		return read_file(la, data, n);
	return la->pos < BEYOND ? read_pipe(la, data, n) : 0;
}

static sf_count_t
io_write(const void *data, sf_count_t n, void *arg)
{
	(void)data;
	(void)n;
	(void)arg;
	return 0;
}

const SF_VIRTUAL_IO lookahead_io = {
	io_length, io_seek, io_read, io_write, io_tell
};
