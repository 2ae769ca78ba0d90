/*
 * audio_in: the thread that reads a source ahead, resampled to 48 kHz, or a
 * device's callback. Frames go to talk. See audio_in.h.
 */
#include "media/audio/audio_in.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <speex/speex_resampler.h>

#include "base/clock.h"
#include "base/log.h"
#include "media/audio/fresh.h"
#include "media/audio/frames.h"
#include "media/audio/lookahead.h"
#include "media/audio/reader.h"
#include "wire/why.h"

#define QUEUE 25		/* frames read ahead: half a second */
#define CHUNK 1024		/* samples resampled at once */
#define QUALITY 5		/* of the resampler, 0 to 10 */
#define FULL_SCALE 32768
#define FIRST_MS 2000		/* for the first byte; see audio_in_new */
#define HEAD_MS 30000		/* for the rest of the head */
#define SAMPLE_MS 500		/* for samples behind it, as arecord's first */
#define STEP_US 5000
#define LUMPS_GOOD 3		/* frames: 60 ms */

enum progress { OPENING, OPENED, READING, FAILED };

struct audio_in {
	struct frames *frames;
	bool live;
	struct fresh fresh;		/* of a live source */
	bool lumpy;			/* which was told */
	_Atomic bool unmuted;
	_Atomic uint64_t framed_ns;	/* when the last one was complete */
	int16_t frame[CODEC_FRAME];	/* being filled */
	size_t fill;
	/* Of a file or pipe: */
	char *name;
	int fd;
	pthread_t thread;
	bool running;
	int stop_fd;			/* readable: stop */
	struct lookahead *bytes;
	struct reader *reader;
	SpeexResamplerState *resampler;
	_Atomic int progress;
	bool told;			/* the failure; of the loop */
	int err;			/* once FAILED */
	char why[WHY_TEXT];
};

/* Pass on a frame. Return false if the thread must stop. */
static bool
push_frame(struct audio_in *in)
{
	size_t keep;

	in->fill = 0;
	if (!in->live)
		return frames_push_wait(in->frames, in->frame);
	atomic_store(&in->framed_ns, clock_ns());
	if (!atomic_load(&in->unmuted))
		return true;
	keep = fresh_keep(&in->fresh, frames_count(in->frames));
	frames_trim(in->frames, keep);
	frames_push(in->frames, in->frame);
	return true;
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

/* Round to 16 bits. Samples that are too loud are clipped and do not wrap. */
static bool
push_float(struct audio_in *in, const float *mono, size_t n)
{
	int16_t pcm[CHUNK];
	size_t i;

	for (i = 0; i < n; i++) {
		float value = mono[i] * FULL_SCALE;

		pcm[i] = value >= INT16_MAX ? INT16_MAX :
		    value <= INT16_MIN ? INT16_MIN : (int16_t)lrintf(value);
	}
	return push_samples(in, pcm, n);
}

static bool
resample(struct audio_in *in, const float *mono, size_t n)
{
	float out[CHUNK];

	while (n > 0) {
		spx_uint32_t used = (spx_uint32_t)n, made = CHUNK;

		if (in->resampler == NULL) {
			used = made = n < CHUNK ? (spx_uint32_t)n : CHUNK;
			memcpy(out, mono, used * sizeof(*out));
		} else {
			speex_resampler_process_float(in->resampler, 0, mono,
			    &used, out, &made);
		}
		if (!push_float(in, out, made))
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
	float silence[CHUNK] = { 0 };
	int16_t rest[CODEC_FRAME] = { 0 };
	size_t left = in->resampler == NULL ? 0 :
	    (size_t)speex_resampler_get_input_latency(in->resampler);

	while (left > 0) {
		size_t n = left < CHUNK ? left : CHUNK;

		if (!resample(in, silence, n))
			return;
		left -= n;
	}
	if (in->fill > 0)
		push_samples(in, rest, CODEC_FRAME - in->fill);
}

static int
make_resampler(struct audio_in *in)
{
	int code;

	if (reader_rate(in->reader) == CODEC_RATE)
		return 0;
	in->resampler = speex_resampler_init(1, reader_rate(in->reader),
	    CODEC_RATE, QUALITY, &code);
	if (in->resampler == NULL) {
		why_set(in->why, "out of memory");
		return -ENOMEM;
	}
	speex_resampler_skip_zeros(in->resampler);
	return 0;
}

static enum reader_source
source_of(const char *name)
{
	const char *extension = strrchr(name, '.');

	if (strcmp(name, "-") == 0)
		return READER_STREAM;
	return extension != NULL && strcasecmp(extension, ".raw") == 0 ?
	    READER_RAW : READER_FILE;
}

static int
open_reader(struct audio_in *in)
{
	int err = reader_new(&in->reader, in->bytes, source_of(in->name),
	    in->why);

	return err < 0 ? err : make_resampler(in);
}

/* Note that a lump begins, and tell once of those that are heard late. */
static void
begin_lump(struct audio_in *in)
{
	size_t lumps;

	fresh_lump(&in->fresh, frames_count(in->frames));
	lumps = fresh_lumps(&in->fresh);
	if (in->lumpy || lumps <= LUMPS_GOOD)
		return;
	in->lumpy = true;
	log_warn("live_lumps", "ms=%zu why=\"the source delivers so much at "
	    "once, which is heard later by that: have it deliver less\"",
	    lumps * CODEC_FRAME_MS);
}

/*
 * Read one sound to its end. Return 0, -ECANCELED if the thread must stop, or
 * another negative errno with its reason kept.
 */
static int
read_sound(struct audio_in *in)
{
	float mono[READER_CHUNK];
	size_t n;
	int err = open_reader(in);

	if (err == 0 && atomic_load(&in->progress) == OPENING)
		atomic_store(&in->progress, OPENED);
	while (err == 0 && (n = reader_read(in->reader, mono)) > 0) {
		atomic_store(&in->progress, READING);
		if (in->live && lookahead_waited(in->bytes))
			begin_lump(in);
		if (!resample(in, mono, n))
			return -ECANCELED;
	}
	if (err == 0)
		err = reader_error(in->reader, in->why);
	if (err == 0 && atomic_load(&in->progress) == OPENED) {
		why_set(in->why, "holds no audio");
		err = -ENODATA;
	}
	flush_samples(in);
	return err;
}

/* Go on with a sound behind the one that has ended, if there is one. */
static bool
begin_next(struct audio_in *in)
{
	if (!lookahead_next(in->bytes))
		return false;
	reader_free(in->reader);
	in->reader = NULL;
	if (in->resampler != NULL)
		speex_resampler_destroy(in->resampler);
	in->resampler = NULL;
	return true;
}

static void *
run_input(void *arg)
{
	struct audio_in *in = arg;
	int err;

	do
		err = read_sound(in);
	while (err == 0 && begin_next(in));
	if (err == -ECANCELED)
		return NULL;
	in->err = err;
	frames_end(in->frames);
	if (err < 0)
		atomic_store(&in->progress, FAILED);
	return NULL;
}

/* Open it. A FIFO is opened at once, and waits for its writer later. */
static int
open_name(struct audio_in *in, const char *name, char why[static WHY_TEXT])
{
	struct stat st;

	in->fd = strcmp(name, "-") == 0 ?
	    fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) :
	    open(name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (in->fd >= 0 && fstat(in->fd, &st) == 0 && S_ISDIR(st.st_mode))
		errno = EISDIR;
	else if (in->fd >= 0)
		return 0;
	why_set(why, "%s", strerror(errno));
	return -errno;
}

/* Wait until the head was read, so that nobody is rung in vain. */
static int
wait_head(struct audio_in *in, char why[static WHY_TEXT])
{
	uint64_t start_ms = clock_ms();

	while (atomic_load(&in->progress) == OPENING &&
	    clock_ms() - start_ms < (lookahead_begun(in->bytes) ? HEAD_MS :
	    FIRST_MS))
		usleep(STEP_US);
	start_ms = clock_ms();
	while (atomic_load(&in->progress) == OPENED &&
	    clock_ms() - start_ms < SAMPLE_MS)
		usleep(STEP_US);
	if (atomic_load(&in->progress) != FAILED)
		return 0;
	why_set(why, "%s", in->why);
	return in->err;
}

static int
start_thread(struct audio_in *in, const char *name)
{
	in->name = strdup(name);
	in->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	in->bytes = lookahead_new(in->fd, in->stop_fd);
	if (in->name == NULL || in->stop_fd < 0 || in->bytes == NULL)
		return -ENOMEM;
	in->running = pthread_create(&in->thread, NULL, run_input, in) == 0;
	return in->running ? 0 : -ENOMEM;
}

int
audio_in_device(struct audio_in **out)
{
	struct audio_in *in = calloc(1, sizeof(*in));

	if (in == NULL)
		return -ENOMEM;
	in->live = true;
	in->fd = in->stop_fd = -1;
	if (frames_new(&in->frames, QUEUE) < 0) {
		free(in);
		return -ENOMEM;
	}
	*out = in;
	return 0;
}

int
audio_in_new(struct audio_in **out, const char *name, bool live,
    char why[static WHY_TEXT])
{
	struct audio_in *in;
	int err = audio_in_device(&in);

	why_set(why, "out of memory");
	if (err < 0)
		return err;
	in->live = live;
	err = open_name(in, name, why);
	if (err == 0)
		err = start_thread(in, name);
	if (err == 0)
		err = wait_head(in, why);
	if (err < 0) {
		audio_in_free(in);
		return err;
	}
	*out = in;
	return 0;
}

void
audio_in_put(struct audio_in *in, const int16_t *pcm, size_t n)
{
	fresh_lump(&in->fresh, frames_count(in->frames));
	push_samples(in, pcm, n);
}

void
audio_in_unmute(struct audio_in *in)
{
	if (in->live)
		frames_trim(in->frames, 0);
	atomic_store(&in->unmuted, true);
}

uint64_t
audio_in_framed_ns(struct audio_in *in)
{
	return atomic_load(&in->framed_ns);
}

void
audio_in_mute(struct audio_in *in)
{
	atomic_store(&in->unmuted, false);
	if (in->live)
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

int
audio_in_error(struct audio_in *in, char why[static WHY_TEXT])
{
	if (in->told || atomic_load(&in->progress) != FAILED ||
	    !frames_at_end(in->frames))
		return 0;
	in->told = true;
	why_set(why, "%.90s: %s", strcmp(in->name, "-") == 0 ?
	    "standard input" : in->name, in->why);
	return in->err;
}

static void
stop_thread(struct audio_in *in)
{
	uint64_t one = 1;

	frames_stop(in->frames);
	if (write(in->stop_fd, &one, sizeof(one)) < 0)
		log_error("audio_in", "what=stop error=\"%s\"",
		    strerror(errno));
	pthread_join(in->thread, NULL);
}

void
audio_in_free(struct audio_in *in)
{
	if (in == NULL)
		return;
	if (in->running)
		stop_thread(in);
	reader_free(in->reader);
	lookahead_free(in->bytes);
	if (in->resampler != NULL)
		speex_resampler_destroy(in->resampler);
	frames_free(in->frames);
	if (in->stop_fd >= 0)
		close(in->stop_fd);
	if (in->fd >= 0)
		close(in->fd);
	free(in->name);
	free(in);
}
