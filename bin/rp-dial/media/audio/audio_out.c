/*
 * audio_out: the thread that writes frames to a file or to standard output.
 * Frames come from talk. See audio_out.h.
 */
#include "media/audio/audio_out.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <sndfile.h>

#include "base/log.h"
#include "media/audio/frames.h"
#include "wire/why.h"

#define PIPE_QUEUE 25		/* frames: at most half a second of delay */
#define FILE_QUEUE 500		/* a disk may sleep for ten seconds */
#define FINISH_MS 1000

struct audio_out {
	struct frames *frames;
	pthread_t thread;
	bool running;
	int stop_fd;		/* readable: finish soon */
	SNDFILE *file;		/* NULL: standard output */
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

/*
 * Wait until the pipe has space for a frame (PIPE_BUF is more). Return false if
 * it took too long.
 */
static bool
wait_writable(const struct audio_out *out)
{
	struct pollfd fds[2] = {
		{ STDOUT_FILENO, POLLOUT, 0 },
		{ out->stop_fd, POLLIN, 0 },
	};
	int n = poll(fds, 2, -1);

	if (n > 0 && fds[0].revents == 0)
		n = poll(fds, 1, FINISH_MS);
	return n > 0 || errno == EINTR;
}

static int
write_stdout(const struct audio_out *out, const int16_t *pcm)
{
	const uint8_t *data = (const uint8_t *)pcm;
	size_t left = CODEC_FRAME * sizeof(*pcm);

	while (left > 0) {
		ssize_t n;

		if (!wait_writable(out))
			return -ETIMEDOUT;
		n = write(STDOUT_FILENO, data, left);
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return -errno;
		if (n > 0) {
			data += n;
			left -= (size_t)n;
		}
	}
	return 0;
}

static int
write_frame(const struct audio_out *out, const int16_t *pcm)
{
	if (out->file == NULL)
		return write_stdout(out, pcm);
	if (sf_writef_short(out->file, pcm, CODEC_FRAME) == CODEC_FRAME)
		return 0;
	return errno != 0 ? -errno : -EIO;
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
		atomic_store(&out->err, err);
	return NULL;
}

/*
 * Open the output. A FIFO without a reader is an error, not a call that blocks.
 */
static int
create(const char *name)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK |
	    O_NOCTTY | O_CLOEXEC, 0666);

	if (fd < 0)
		return -errno;
	/* Its writer has its own thread, which may wait. */
	(void)fcntl(fd, F_SETFL, 0);
	return fd;
}

static int
open_file(struct audio_out *out, const char *name,
    char why[static WHY_TEXT])
{
	SF_INFO info = { .samplerate = CODEC_RATE, .channels = 1 };
	const char *extension = strrchr(name, '.');
	size_t i;
	int fd;

	for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (extension != NULL &&
		    strcasecmp(extension, formats[i].extension) == 0)
			info.format = formats[i].format;
	if (info.format == 0) {
		why_set(why, "wants .wav, .flac, .ogg, .opus, .au or .raw");
		return -EINVAL;
	}
	fd = create(name);
	if (fd < 0) {
		why_set(why, "%s", strerror(-fd));
		return fd;
	}
	/* From here on libsndfile closes `fd`, even after an error. */
	out->file = sf_open_fd(fd, SFM_WRITE, &info, SF_TRUE);
	if (out->file == NULL) {
		why_set(why, "%s", sf_strerror(NULL));
		return -EIO;
	}
	/* Keep the file valid at all times, in case the call is killed. */
	sf_command(out->file, SFC_SET_UPDATE_HEADER_AUTO, NULL, SF_TRUE);
	return 0;
}

int
audio_out_new(struct audio_out **result, const char *name,
    char why[static WHY_TEXT])
{
	struct audio_out *out = calloc(1, sizeof(*out));
	bool is_pipe = strcmp(name, "-") == 0;
	int err = -ENOMEM;

	why_set(why, "out of memory");
	if (out == NULL)
		return err;
	out->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (out->stop_fd >= 0)
		err = frames_new(&out->frames,
		    is_pipe ? PIPE_QUEUE : FILE_QUEUE);
	if (err == 0 && !is_pipe)
		err = open_file(out, name, why);
	if (err == 0) {
		err = -pthread_create(&out->thread, NULL, run_output, out);
		out->running = err == 0;
	}
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
	if (out->file == NULL)
		frames_trim(out->frames, PIPE_QUEUE - 1);
	if (!frames_push(out->frames, pcm) && atomic_load(&out->err) == 0)
		return -ENOBUFS;
	return atomic_load(&out->err);
}

void
audio_out_free(struct audio_out *out)
{
	uint64_t one = 1;

	if (out == NULL)
		return;
	if (out->running) {
		frames_end(out->frames);
		if (write(out->stop_fd, &one, sizeof(one)) < 0)
			log_error("audio_out", "what=stop error=\"%s\"",
			    strerror(errno));
		pthread_join(out->thread, NULL);
	}
	if (out->file != NULL)
		sf_close(out->file);
	frames_free(out->frames);
	if (out->stop_fd >= 0)
		close(out->stop_fd);
	free(out);
}
