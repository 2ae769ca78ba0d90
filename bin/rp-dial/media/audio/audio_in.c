/*
 * audio_in: the thread that reads a file or standard input ahead, resampled to
 * 48 kHz mono. Frames go to talk. See audio_in.h.
 */
#include "media/audio/audio_in.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <sndfile.h>
#include <speex/speex_resampler.h>

#include "base/clock.h"
#include "base/log.h"
#include "media/audio/frames.h"
#include "wire/wav.h"
#include "wire/why.h"

#define QUEUE 25		/* frames read ahead: half a second */
#define LIVE_QUEUE 5		/* of a live source: a tenth */
#define LIVE_NS (QUEUE * CODEC_FRAME_MS * CLOCK_MS / 2)
#define CHUNK 1024		/* sample frames read at once */
#define CHANNELS WAV_CHANNELS_MAX
#define QUALITY 5		/* of the resampler, 0 to 10 */

enum pace {
	UNKNOWN,
	RECORDING,
	LIVE
};

struct audio_in {
	struct frames *frames;
	pthread_t thread;
	bool running;
	int stop_fd;			/* readable: stop */
	SNDFILE *file;			/* NULL: standard input */
	unsigned rate, channels;
	/* of standard input, read but not used yet */
	uint8_t head[WAV_HEAD_MAX];
	size_t head_len;
	SpeexResamplerState *resampler;
	int16_t frame[CODEC_FRAME];	/* being filled */
	size_t fill;
	uint64_t first_ns;
	unsigned produced;		/* frames, up to QUEUE */
	_Atomic int pace;
	_Atomic bool unmuted;
};

/* Wait for input. Return false if the thread must stop. */
static bool
wait_readable(const struct audio_in *in)
{
	struct pollfd fds[2] = {
		{ in->stop_fd, POLLIN, 0 },
		{ STDIN_FILENO, POLLIN, 0 },
	};

	while (poll(fds, 2, -1) < 0)
		if (errno != EINTR)
			return false;
	return fds[0].revents == 0;
}

/* Read like read(2), but return 0 also when stopped. */
static ssize_t
read_stdin(struct audio_in *in, void *data, size_t max)
{
	ssize_t n;

	do {
		if (!wait_readable(in))
			return 0;
		n = read(STDIN_FILENO, data, max);
	} while (n < 0 && (errno == EINTR || errno == EAGAIN));
	return n;
}

/* Read bytes, first those that were read to examine the head. */
static ssize_t
read_bytes(struct audio_in *in, uint8_t *data, size_t max)
{
	size_t n = in->head_len < max ? in->head_len : max;

	if (n == 0)
		return read_stdin(in, data, max);
	memcpy(data, in->head, n);
	in->head_len -= n;
	memmove(in->head, in->head + n, in->head_len);
	return (ssize_t)n;
}

/*
 * Read whole sample frames, fewer than `max` only at the end or from a slow
 * source.
 */
static size_t
read_stream(struct audio_in *in, int16_t *pcm, size_t max)
{
	size_t step = in->channels * sizeof(*pcm), have = 0;
	uint8_t *data = (uint8_t *)pcm;

	/* Read at least one frame, and leave no partial one. */
	do {
		size_t want = have == 0 ? max * step :
		    (have / step + 1) * step;
		ssize_t n = read_bytes(in, data + have, want - have);

		if (n <= 0)
			return have / step;
		have += (size_t)n;
	} while (have % step != 0);
	return have / step;
}

static size_t
read_samples(struct audio_in *in, int16_t *pcm, size_t max)
{
	sf_count_t n;

	if (in->file == NULL)
		return read_stream(in, pcm, max);
	n = sf_readf_short(in->file, pcm, (sf_count_t)max);
	return n > 0 ? (size_t)n : 0;
}

static void
mix_down(int16_t *mono, const int16_t *pcm, size_t n, unsigned channels)
{
	size_t i;
	unsigned c;

	for (i = 0; i < n; i++) {
		int32_t sum = 0;

		for (c = 0; c < channels; c++)
			sum += pcm[i * channels + c];
		mono[i] = (int16_t)(sum / (int32_t)channels);
	}
}

static void
judge_pace(struct audio_in *in)
{
	uint64_t now_ns = clock_ns();

	if (in->produced == 0)
		in->first_ns = now_ns;
	if (in->produced >= QUEUE || ++in->produced < QUEUE)
		return;
	atomic_store(&in->pace, now_ns - in->first_ns > LIVE_NS ? LIVE :
	    RECORDING);
}

static bool
push_frame(struct audio_in *in)
{
	judge_pace(in);
	if (atomic_load(&in->pace) == LIVE)
		frames_trim(in->frames,
		    atomic_load(&in->unmuted) ? LIVE_QUEUE : 0);
	in->fill = 0;
	return frames_push_wait(in->frames, in->frame);
}

/*
 * Split samples of 48 kHz mono into frames. Return false if the thread must
 * stop.
 */
static bool
push_samples(struct audio_in *in, const int16_t *pcm, size_t n)
{
	while (n > 0) {
		size_t part = CODEC_FRAME - in->fill;

		if (part > n)
			part = n;
		memcpy(in->frame + in->fill, pcm, part * sizeof(*pcm));
		in->fill += part;
		pcm += part;
		n -= part;
		if (in->fill == CODEC_FRAME && !push_frame(in))
			return false;
	}
	return true;
}

static bool
resample(struct audio_in *in, const int16_t *mono, size_t n)
{
	int16_t out[CHUNK];

	if (in->resampler == NULL)
		return push_samples(in, mono, n);
	while (n > 0) {
		spx_uint32_t used = (spx_uint32_t)n, made = CHUNK;

		speex_resampler_process_int(in->resampler, 0, mono, &used, out,
		    &made);
		if (!push_samples(in, out, made))
			return false;
		mono += used;
		n -= used;
	}
	return true;
}

/* Push the resampler's remainder, and the incomplete last frame. */
static void
flush_samples(struct audio_in *in)
{
	int16_t silence[CODEC_FRAME] = { 0 };
	size_t left = in->resampler == NULL ? 0 :
	    (size_t)speex_resampler_get_input_latency(in->resampler);

	while (left > 0) {
		size_t n = left < CODEC_FRAME ? left : CODEC_FRAME;

		if (!resample(in, silence, n))
			return;
		left -= n;
	}
	if (in->fill > 0)
		push_samples(in, silence, CODEC_FRAME - in->fill);
}

/*
 * Detect whether standard input is a WAV. Return a negative errno if the WAV is
 * invalid.
 */
static int
sniff(struct audio_in *in)
{
	struct wav wav;
	ssize_t used = -EAGAIN, n = 1;

	in->rate = CODEC_RATE;
	in->channels = 1;
	while (n > 0 && used == -EAGAIN) {
		n = read_stdin(in, in->head + in->head_len,
		    sizeof(in->head) - in->head_len);
		if (n > 0)
			in->head_len += (size_t)n;
		if (in->head_len >= 4 && !wav_is(in->head, in->head_len))
			return 0;
		used = wav_parse(&wav, in->head, in->head_len);
	}
	if (used < 0)
		return in->head_len < 4 ? 0 : (int)used;
	in->rate = wav.rate;
	in->channels = wav.channels;
	in->head_len -= (size_t)used;
	memmove(in->head, in->head + used, in->head_len);
	return 0;
}

static int
make_resampler(struct audio_in *in)
{
	int code;

	if (in->rate == CODEC_RATE)
		return 0;
	in->resampler = speex_resampler_init(1, in->rate, CODEC_RATE, QUALITY,
	    &code);
	if (in->resampler == NULL)
		return -ENOMEM;
	speex_resampler_skip_zeros(in->resampler);
	return 0;
}

static void *
run_input(void *arg)
{
	struct audio_in *in = arg;
	int16_t pcm[CHUNK * CHANNELS], mono[CHUNK];
	int err = in->file == NULL ? sniff(in) : 0;
	size_t n = 0;

	if (err == 0)
		err = make_resampler(in);
	if (err < 0)
		log_error("audio_in", "what=stdin error=\"%s\"",
		    err == -EOPNOTSUPP ? "a WAV, but not of 16-bit PCM" :
		    "not a WAV that can be read");
	while (err == 0 && (n = read_samples(in, pcm, CHUNK)) > 0) {
		mix_down(mono, pcm, n, in->channels);
		if (!resample(in, mono, n))
			return NULL;
	}
	flush_samples(in);
	frames_end(in->frames);
	return NULL;
}

static int
open_file(struct audio_in *in, const char *name, char why[static WHY_TEXT])
{
	SF_INFO info = { 0 };

	if (access(name, R_OK) < 0) {
		why_set(why, "%s", strerror(errno));
		return -errno;
	}
	in->file = sf_open(name, SFM_READ, &info);
	if (in->file == NULL) {
		why_set(why, "%s", sf_strerror(NULL));
		return -EINVAL;
	}
	if (info.channels < 1 || info.channels > CHANNELS ||
	    info.samplerate < WAV_RATE_MIN ||
	    info.samplerate > WAV_RATE_MAX) {
		why_set(why, "%d channels at %d Hz: too many",
		    info.channels, info.samplerate);
		return -EINVAL;
	}
	in->rate = (unsigned)info.samplerate;
	in->channels = (unsigned)info.channels;
	return 0;
}

int
audio_in_new(struct audio_in **out, const char *name,
    char why[static WHY_TEXT])
{
	struct audio_in *in = calloc(1, sizeof(*in));
	int err = -ENOMEM;

	why_set(why, "out of memory");
	if (in == NULL)
		return err;
	in->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (in->stop_fd >= 0)
		err = frames_new(&in->frames, QUEUE);
	if (err == 0 && strcmp(name, "-") != 0)
		err = open_file(in, name, why);
	if (err == 0) {
		err = -pthread_create(&in->thread, NULL, run_input, in);
		in->running = err == 0;
	}
	if (err < 0) {
		audio_in_free(in);
		return err;
	}
	*out = in;
	return 0;
}

void
audio_in_unmute(struct audio_in *in)
{
	atomic_store(&in->unmuted, true);
	if (atomic_load(&in->pace) == LIVE)
		frames_trim(in->frames, 0);
}

bool
audio_in_frame(struct audio_in *in, int16_t pcm[static CODEC_FRAME])
{
	if (frames_pop(in->frames, pcm))
		return true;
	memset(pcm, 0, CODEC_FRAME * sizeof(*pcm));
	return false;
}

bool
audio_in_ended(struct audio_in *in)
{
	return frames_at_end(in->frames);
}

void
audio_in_free(struct audio_in *in)
{
	uint64_t one = 1;

	if (in == NULL)
		return;
	if (in->running) {
		frames_stop(in->frames);
		if (write(in->stop_fd, &one, sizeof(one)) < 0)
			log_error("audio_in", "what=stop error=\"%s\"",
			    strerror(errno));
		pthread_join(in->thread, NULL);
	}
	if (in->file != NULL)
		sf_close(in->file);
	if (in->resampler != NULL)
		speex_resampler_destroy(in->resampler);
	frames_free(in->frames);
	if (in->stop_fd >= 0)
		close(in->stop_fd);
	free(in);
}
