/*
 * audio_out: the thread that writes frames to a file or to standard output.
 * Frames come from talk. See audio_out.h.
 */
#include "config.h"
#include "media/audio/audio_out.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sndfile.h>

#include "base/log.h"
#include "base/tool.h"
#include "media/audio/frames.h"
#include "wire/why.h"

/*
 * Frames: a minute, or 6 MB, for a disk or a program that is busy. One that is
 * later does not read, and would take all memory.
 */
#define QUEUE 3000
#define LIVE_QUEUE 3		/* 60 ms, that a listener can bear */
#define PIPE_BYTES 4096		/* 43 ms; the least that a pipe can hold */
#define FINISH_MS 10000		/* the reader may be at work meanwhile */
#define LIVE_FINISH_MS 1000	/* what it has not played is old */

struct audio_out {
	struct frames *frames;
	pthread_t thread;
	bool running;
	int stop_fd;		/* readable: finish soon */
	int fd;
	bool live;
	int format;		/* 0: raw samples into a pipe or device */
	char path[PATH_MAX];
	bool created;		/* it was not there */
	SNDFILE *file;		/* NULL until there is something to write */
	_Atomic int err;
};

static const struct {
	const char *extension;
	int format;
} formats[] = {
	{ ".wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16 },
	{ ".flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16 },
	{ ".ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS },
	{ ".opus", SF_FORMAT_OGG | SF_FORMAT_OPUS },
	{ ".au", SF_FORMAT_AU | SF_FORMAT_PCM_16 },
	{ ".raw", SF_FORMAT_RAW | SF_FORMAT_PCM_16 },
};

/* Keep the first error, which is the reason of the others. */
static void
fail(struct audio_out *out, int err)
{
	int none = 0;

	atomic_compare_exchange_strong(&out->err, &none, err);
}

/*
 * Wait until the pipe has space for a frame (PIPE_BUF is more). Return false if
 * it took too long.
 */
static bool
wait_writable(const struct audio_out *out)
{
	struct pollfd fds[2] = {
		{ out->fd, POLLOUT, 0 },
		{ out->stop_fd, POLLIN, 0 },
	};
	int n = poll(fds, 2, -1);

	if (n > 0 && fds[0].revents == 0)
		n = poll(fds, 1, out->live || atomic_load(&out->err) < 0 ?
		    LIVE_FINISH_MS : FINISH_MS);
	return n > 0 || errno == EINTR;
}

static int
write_pipe(const struct audio_out *out, const int16_t *pcm)
{
	const uint8_t *data = (const uint8_t *)pcm;
	size_t left = CODEC_FRAME * sizeof(*pcm);

	while (left > 0) {
		ssize_t n;

		if (!wait_writable(out))
			return -ETIMEDOUT;
		n = write(out->fd, data, left);
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return -errno;
		if (n > 0) {
			data += n;
			left -= (size_t)n;
		}
	}
	return 0;
}

/* Called by libsndfile. */

static sf_count_t
io_length(void *arg)
{
	struct stat st;

	return fstat(((struct audio_out *)arg)->fd, &st) == 0 ? st.st_size : 0;
}

static sf_count_t
io_seek(sf_count_t offset, int whence, void *arg)
{
	return lseek(((struct audio_out *)arg)->fd, offset, whence);
}

static sf_count_t
io_tell(void *arg)
{
	return lseek(((struct audio_out *)arg)->fd, 0, SEEK_CUR);
}

static sf_count_t
io_read(void *data, sf_count_t n, void *arg)
{
	ssize_t got = read(((struct audio_out *)arg)->fd, data, (size_t)n);

	return got > 0 ? got : 0;
}

/* libsndfile hides why a write failed, and what closing the file wrote. */
static sf_count_t
io_write(const void *data, sf_count_t n, void *arg)
{
	struct audio_out *out = arg;
	sf_count_t done = 0;

	while (done < n) {
		ssize_t part = write(out->fd, (const uint8_t *)data + done,
		    (size_t)(n - done));

		if (part < 0 && errno != EINTR) {
			fail(out, -errno);
			break;
		}
		if (part > 0)
			done += part;
	}
	return done;
}

/* Replace what the file held, because now there is something to write. */
static int
begin_file(struct audio_out *out)
{
	static SF_VIRTUAL_IO io = {
		io_length, io_seek, io_read, io_write, io_tell
	};
	SF_INFO info = {
		.samplerate = CODEC_RATE, .channels = 1, .format = out->format
	};

	if (ftruncate(out->fd, 0) < 0)
		return -errno;
	out->file = sf_open_virtual(&io, SFM_WRITE, &info, out);
	if (out->file == NULL)
		return atomic_load(&out->err) < 0 ? out->err : -EIO;
	/* Keep the file valid at all times, in case the call is killed. */
	sf_command(out->file, SFC_SET_UPDATE_HEADER_AUTO, NULL, SF_TRUE);
	return 0;
}

static int
write_frame(struct audio_out *out, const int16_t *pcm)
{
	int err = 0;

	if (out->format == 0)
		return write_pipe(out, pcm);
	if (out->file == NULL)
		err = begin_file(out);
	if (err == 0 && sf_writef_short(out->file, pcm, CODEC_FRAME) !=
	    CODEC_FRAME)
		err = -EIO;
	return err;
}

static void *
run_output(void *arg)
{
	struct audio_out *out = arg;
	int16_t pcm[CODEC_FRAME];
	sigset_t pipe_signal;
	int err = 0;

	/* A reader that closed the pipe must only be an error of write(2). */
	sigemptyset(&pipe_signal);
	sigaddset(&pipe_signal, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe_signal, NULL);
	while (err == 0 && frames_pop_wait(out->frames, pcm))
		err = write_frame(out, pcm);
	if (err < 0)
		fail(out, err);
	return NULL;
}

/* Open a file that was not there before, whose name may become another. */
static int
open_new(struct audio_out *out)
{
	out->fd = tool_new_file(out->path, 0666);
	out->created = out->fd >= 0;
	return out->created ? 0 : out->fd;
}

/*
 * Open the output, and leave what it holds. A FIFO without a reader is an
 * error, not a call that blocks.
 */
static int
open_output(struct audio_out *out)
{
	const int flags = O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

	out->fd = open(out->path, O_RDWR | O_CREAT | O_EXCL | flags, 0666);
	out->created = out->fd >= 0;
	if (!out->created && errno == EEXIST)
		out->fd = open(out->path, O_WRONLY | O_CREAT | flags, 0666);
	return out->fd < 0 ? -errno : 0;
}

static int
find_format(const char *name)
{
	const char *extension = strrchr(name, '.');
	size_t i;

	for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (extension != NULL &&
		    strcasecmp(extension, formats[i].extension) == 0)
			return formats[i].format;
	return 0;
}

/* Return whether it is something to write into rather than a file. */
static bool
is_stream(const char *name)
{
	struct stat st;

	return stat(name, &st) == 0 && !S_ISREG(st.st_mode) &&
	    !S_ISDIR(st.st_mode);
}

static int
open_name(struct audio_out *out, unsigned how, char why[static WHY_TEXT])
{
	bool new = (how & AUDIO_OUT_NEW) != 0;
	int err;

	if (strcmp(out->path, "-") == 0) {
		out->fd = STDOUT_FILENO;
		return 0;
	}
	out->format = !new && is_stream(out->path) ? 0 :
	    find_format(out->path);
	if (out->format == 0 && (new || !is_stream(out->path))) {
		why_set(why, "wants .wav, .flac, .ogg, .opus, .au or .raw");
		return -EINVAL;
	}
	err = new ? open_new(out) : open_output(out);
	if (err < 0) {
		why_set(why, "%s", strerror(-err));
		return err;
	}
	/* Its writer has its own thread, which may wait. */
	(void)fcntl(out->fd, F_SETFL, 0);
	return 0;
}

static int
start_output(struct audio_out *out)
{
	int err = frames_new(&out->frames, out->live && out->format == 0 ?
	    LIVE_QUEUE : QUEUE);

	/* Fails for anything but a pipe, which does not matter. */
	if (err == 0 && out->live && out->format == 0)
		(void)fcntl(out->fd, F_SETPIPE_SZ, PIPE_BYTES);
	if (err == 0)
		err = -pthread_create(&out->thread, NULL, run_output, out);
	out->running = err == 0;
	return err;
}

int
audio_out_new(struct audio_out **result, const char *name, unsigned how,
    char why[static WHY_TEXT])
{
	struct audio_out *out = calloc(1, sizeof(*out));
	int err = -ENOMEM;

	why_set(why, "out of memory");
	if (out == NULL)
		return err;
	out->fd = -1;
	out->live = (how & AUDIO_OUT_LIVE) != 0;
	out->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (snprintf(out->path, sizeof(out->path), "%s", name) >=
	    (int)sizeof(out->path)) {
		err = -ENAMETOOLONG;
		why_set(why, "%s", strerror(-err));
	} else if (out->stop_fd >= 0) {
		err = open_name(out, how, why);
	}
	if (err == 0)
		err = start_output(out);
	if (err < 0) {
		audio_out_free(out);
		return err;
	}
	*result = out;
	return 0;
}

int
audio_out_frame(struct audio_out *out, const int16_t pcm[static CODEC_FRAME])
{
	if (out->live && out->format == 0)
		frames_trim(out->frames, LIVE_QUEUE - 1);
	if (!frames_push(out->frames, pcm))
		fail(out, -ENOBUFS);
	return atomic_load(&out->err);
}

int
audio_out_finish(struct audio_out *out)
{
	uint64_t one = 1;

	if (out->running) {
		frames_end(out->frames);
		if (write(out->stop_fd, &one, sizeof(one)) < 0)
			log_error("audio_out", "what=stop error=\"%s\"",
			    strerror(errno));
		pthread_join(out->thread, NULL);
		out->running = false;
	}
	if (out->file != NULL && sf_close(out->file) != 0)
		fail(out, -EIO);
	if (out->file == NULL && out->created)
		unlink(out->path);	/* nothing was heard */
	out->file = NULL;
	if (out->fd > STDOUT_FILENO && close(out->fd) < 0)
		fail(out, -errno);
	out->fd = -1;
	out->created = false;
	return atomic_load(&out->err);
}

void
audio_out_explain(const struct audio_out *out, int err,
    char why[static WHY_TEXT])
{
	bool pipe = out->format == 0;

	why_set(why, "%.90s: %s", strcmp(out->path, "-") == 0 ?
	    "standard output" : out->path,
	    err == -ENOBUFS ? pipe ? "its reader is more than a minute behind" :
	    "it takes more than a minute to be written" :
	    err == -ETIMEDOUT ? "its reader does not take the rest" :
	    strerror(-err));
}

void
audio_out_free(struct audio_out *out)
{
	if (out == NULL)
		return;
	(void)audio_out_finish(out);
	frames_free(out->frames);
	if (out->stop_fd >= 0)
		close(out->stop_fd);
	free(out);
}
