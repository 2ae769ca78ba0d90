/*
 * Files and pipes provide speech as 48 kHz mono in time, and receive what is
 * heard. A live source is told apart from a recording. A slow reader or writer
 * does not hold up the loop.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sndfile.h>

#include "base/clock.h"
#include "media/audio/audio_in.h"
#include "media/audio/audio_out.h"
#include "media/audio/frames.h"
#include "unit.h"

static char folder[] = "/tmp/rp-unit-audio-XXXXXX";

static const char *
in_folder(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void
setup(void)
{
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void
teardown(void)
{
	static const char *const names[] = { "in.wav", "out.wav", "text" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(in_folder(names[i]));
	rmdir(folder);
}

/* 440 Hz for so long, on every channel. */
static void
write_sound(int format, int rate, int channels, double seconds)
{
	SF_INFO info = { .samplerate = rate, .channels = channels,
	    .format = format };
	SNDFILE *file = sf_open(in_folder("in.wav"), SFM_WRITE, &info);
	long i, n = (long)(seconds * rate);
	int c;

	ck_assert_ptr_nonnull(file);
	for (i = 0; i < n; i++) {
		float frame[8];

		for (c = 0; c < channels; c++)
			frame[c] = (float)(0.5 * sin(2 * M_PI * 440 * i /
			    rate));
		sf_writef_float(file, frame, 1);
	}
	sf_close(file);
}

struct sound {
	unsigned frames, crossings;
	double power;
};

static struct sound
take_all(struct audio_in *in)
{
	struct sound sound = { 0 };
	int16_t pcm[CODEC_FRAME], last = 0;
	uint64_t end_ns = clock_ns() + 10 * CLOCK_S;
	size_t i;

	while (!audio_in_ended(in) && clock_ns() < end_ns) {
		if (!audio_in_frame(in, pcm)) {
			usleep(1000);
			continue;
		}
		sound.frames++;
		for (i = 0; i < CODEC_FRAME; i++) {
			sound.crossings += (last < 0) != (pcm[i] < 0);
			sound.power += (double)pcm[i] * pcm[i];
			last = pcm[i];
		}
	}
	sound.power /= sound.frames * (double)CODEC_FRAME;
	ck_assert(audio_in_ended(in));
	return sound;
}

static void
write_tone(int rate, int channels, double seconds)
{
	write_sound(SF_FORMAT_WAV | SF_FORMAT_PCM_16, rate, channels, seconds);
}

START_TEST(reads_any_file)
{
	static const struct {
		int rate, channels;
	} cases[] = {
		{ 48000, 1 }, { 48000, 2 }, { 44100, 1 }, { 22050, 1 },
		{ 16000, 6 }, { 8000, 1 }, { 96000, 2 }
	};
	char why[WHY_TEXT];
	struct audio_in *in;
	struct sound sound;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		write_tone(cases[i].rate, cases[i].channels, 1);
		ck_assert_msg(audio_in_new(&in, in_folder("in.wav"),
		    false, why) == 0,
		    "%s", why);
		audio_in_unmute(in);
		sound = take_all(in);
		audio_in_free(in);
		/* A second, and a part of a frame at the end at most. */
		ck_assert_uint_ge(sound.frames, 50);
		ck_assert_uint_le(sound.frames, 51);
		ck_assert_uint_ge(sound.crossings, 870);
		ck_assert_uint_le(sound.crossings, 890);
		ck_assert_double_eq_tol(sqrt(sound.power), 16384 / sqrt(2),
		    300);
	}
}
END_TEST

START_TEST(refuses_what_is_no_sound)
{
	char why[WHY_TEXT];
	struct audio_in *in;
	struct audio_out *out;
	FILE *file = fopen(in_folder("text"), "w");

	fputs("This is no sound.\n", file);
	fclose(file);
	ck_assert_int_lt(audio_in_new(&in, in_folder("text"), false,
	    why), 0);
	ck_assert_int_eq(audio_in_new(&in, in_folder("missing"), false,
	    why),
	    -ENOENT);
	ck_assert_int_eq(audio_out_new(&out, in_folder("text"), false,
	    why),
	    -EINVAL);
	ck_assert_int_lt(audio_out_new(&out, "/nonexistent/x.wav",
	    false, why), 0);
}
END_TEST

/* Replace a standard descriptor by an end of a pipe; the other is returned. */
static int
pipe_to(int fd)
{
	int fds[2], ours = fd == STDIN_FILENO ? 1 : 0;

	ck_assert_int_eq(pipe(fds), 0);
	ck_assert_int_ge(dup2(fds[1 - ours], fd), 0);
	close(fds[1 - ours]);
	return fds[ours];
}

static void
write_frames(int fd, unsigned n, int16_t value)
{
	int16_t pcm[CODEC_FRAME];
	size_t i;

	for (i = 0; i < CODEC_FRAME; i++)
		pcm[i] = value;
	while (n-- > 0)
		ck_assert_int_eq(write(fd, pcm, sizeof(pcm)), sizeof(pcm));
}

/* All there before it is needed, and less than a pipe holds: a recording. */
START_TEST(recording_from_a_pipe)
{
	char why[WHY_TEXT];
	struct audio_in *in;
	int fd = pipe_to(STDIN_FILENO);

	write_frames(fd, 30, 1000);
	ck_assert_int_eq(audio_in_new(&in, "-", false, why), 0);
	usleep(700 * 1000);
	close(fd);
	audio_in_unmute(in);
	ck_assert_uint_eq(take_all(in).frames, 30);
	audio_in_free(in);
}
END_TEST

/*
 * Live, 20 ms each 20 ms: nobody hears what came before the call, and a lump
 * that comes once is cut to 60 ms.
 */
START_TEST(live_from_a_pipe)
{
	int16_t pcm[CODEC_FRAME];
	char why[WHY_TEXT];
	struct audio_in *in;
	int fd = pipe_to(STDIN_FILENO);
	unsigned i, old = 0, fresh = 0;

	write_frames(fd, 30, 111);
	ck_assert_int_eq(audio_in_new(&in, "-", true, why), 0);
	usleep(50000);
	audio_in_unmute(in);
	for (i = 0; i < 20; i++) {
		write_frames(fd, 1, 222);
		usleep(20000);
		if (!audio_in_frame(in, pcm))
			continue;
		old += pcm[0] == 111;
		fresh += pcm[0] == 222;
	}
	ck_assert_uint_eq(old, 0);
	/* Most of them: a thread that gets no processor may drop some. */
	ck_assert_uint_ge(fresh, 10);
	write_frames(fd, 30, 333);
	usleep(50000);
	for (i = 0; audio_in_frame(in, pcm); i++)
		;
	ck_assert_uint_le(i, 3);
	audio_in_mute(in);
	write_frames(fd, 30, 444);
	usleep(50000);
	ck_assert(!audio_in_frame(in, pcm));
	audio_in_free(in);
	close(fd);
}
END_TEST

#define LUMP 6			/* frames: 120 ms, as of arecord */

static void *
lumpy_writer(void *arg)
{
	unsigned i, k;

	for (i = 0; i < 20; i++) {
		for (k = 0; k < LUMP / 2; k++) {
			write_frames(*(int *)arg, 2, 222);
			usleep(200);	/* as a pipe takes page by page */
		}
		usleep(LUMP * 20000 - LUMP / 2 * 200);
	}
	return NULL;
}

/* A source that keeps delivering lumps loses none of them, once it is known. */
START_TEST(live_in_lumps)
{
	int16_t pcm[CODEC_FRAME];
	char why[WHY_TEXT];
	struct audio_in *in;
	pthread_t thread;
	unsigned i, heard = 0;
	int fd = pipe_to(STDIN_FILENO);

	pthread_create(&thread, NULL, lumpy_writer, &fd);
	ck_assert_int_eq(audio_in_new(&in, "-", true, why), 0);
	audio_in_unmute(in);
	for (i = 0; i < 19 * LUMP; i++) {
		heard += audio_in_frame(in, pcm);
		usleep(20000);
	}
	/* The first three are not; a busy machine has some more. */
	ck_assert_uint_ge(heard, 13 * LUMP);
	pthread_join(thread, NULL);
	audio_in_free(in);
	close(fd);
}
END_TEST

static void *
slow_writer(void *arg)
{
	int fd = *(int *)arg;
	unsigned i;

	write_frames(fd, 10, 1000);
	usleep(300 * 1000);
	for (i = 0; i < 30; i++) {
		write_frames(fd, 1, 1000);
		usleep(15000);
	}
	write_frames(fd, 200, 1000);
	close(fd);
	return NULL;
}

/* A pause, slower than it plays, then fast: nothing of a recording goes. */
START_TEST(slow_recording)
{
	char why[WHY_TEXT];
	struct audio_in *in;
	pthread_t thread;
	int fd = pipe_to(STDIN_FILENO);

	pthread_create(&thread, NULL, slow_writer, &fd);
	ck_assert_int_eq(audio_in_new(&in, "-", false, why), 0);
	audio_in_unmute(in);
	ck_assert_uint_eq(take_all(in).frames, 240);
	audio_in_free(in);
	pthread_join(thread, NULL);
}
END_TEST

static void *
copy_file(void *arg)
{
	FILE *file = fopen(in_folder("in.wav"), "r");
	uint8_t data[4096];
	size_t n;
	int fd = *(int *)arg;

	while ((n = fread(data, 1, sizeof(data), file)) > 0)
		if (write(fd, data, n) < 0)
			break;
	fclose(file);
	close(fd);
	return NULL;
}

/* What is read by name is read through a pipe as well, and all of it. */
START_TEST(any_format_from_a_pipe)
{
	static const int formats[] = {
		SF_FORMAT_WAV | SF_FORMAT_FLOAT,
		SF_FORMAT_WAV | SF_FORMAT_DOUBLE,
		SF_FORMAT_WAV | SF_FORMAT_PCM_U8,
		SF_FORMAT_WAV | SF_FORMAT_PCM_24,
		SF_FORMAT_WAV | SF_FORMAT_PCM_32,
		SF_FORMAT_WAV | SF_FORMAT_ALAW,
		SF_FORMAT_WAV | SF_FORMAT_ULAW,
		SF_FORMAT_WAV | SF_FORMAT_IMA_ADPCM,
		SF_FORMAT_WAV | SF_FORMAT_PCM_16 | SF_ENDIAN_BIG,
		SF_FORMAT_WAVEX | SF_FORMAT_PCM_16,
		SF_FORMAT_RF64 | SF_FORMAT_PCM_16,
		SF_FORMAT_W64 | SF_FORMAT_PCM_16,
		SF_FORMAT_AIFF | SF_FORMAT_PCM_16,
		SF_FORMAT_AIFF | SF_FORMAT_FLOAT,
		SF_FORMAT_AU | SF_FORMAT_PCM_16,
		SF_FORMAT_CAF | SF_FORMAT_PCM_24,
		SF_FORMAT_FLAC | SF_FORMAT_PCM_16,
		SF_FORMAT_OGG | SF_FORMAT_VORBIS,
		SF_FORMAT_OGG | SF_FORMAT_OPUS,
		SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III,
	};
	char why[WHY_TEXT];
	struct audio_in *in;
	size_t i;

	for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		struct sound sound;
		pthread_t thread;
		int fd;

		write_sound(formats[i], 48000, 1, 1);
		fd = pipe_to(STDIN_FILENO);
		pthread_create(&thread, NULL, copy_file, &fd);
		ck_assert_msg(audio_in_new(&in, "-", false, why) == 0,
		    "%x: %s", formats[i], why);
		audio_in_unmute(in);
		sound = take_all(in);
		audio_in_free(in);
		pthread_join(thread, NULL);
		ck_assert_msg(sound.frames >= 50 && sound.frames <= 54,
		    "%x: %u frames", formats[i], sound.frames);
		ck_assert_msg(sound.crossings > 850 && sound.crossings < 930,
		    "%x: %u crossings", formats[i], sound.crossings);
		ck_assert_double_eq_tol(sqrt(sound.power), 16384 / sqrt(2),
		    900);
	}
}
END_TEST

/* Standard input that never speaks does not keep anybody from leaving. */
START_TEST(silent_pipe)
{
	int16_t pcm[CODEC_FRAME];
	char why[WHY_TEXT];
	struct audio_in *in;
	int fd = pipe_to(STDIN_FILENO);

	ck_assert_int_eq(audio_in_new(&in, "-", false, why), 0);
	audio_in_unmute(in);
	ck_assert(!audio_in_frame(in, pcm));
	ck_assert(!audio_in_ended(in));
	/* The pipe is open still: a wait for it would have no end. */
	audio_in_free(in);
	close(fd);
}
END_TEST

START_TEST(writes_all_of_it_in_time)
{
	int16_t pcm[CODEC_FRAME], back[CODEC_FRAME];
	char why[WHY_TEXT];
	struct audio_out *out;
	SF_INFO info = { 0 };
	SNDFILE *file;
	unsigned i, k;

	ck_assert_int_eq(audio_out_new(&out, in_folder("out.wav"),
	    false, why), 0);
	for (i = 0; i < 300; i++) {
		for (k = 0; k < CODEC_FRAME; k++)
			pcm[k] = (int16_t)(i * 10);
		ck_assert_int_eq(audio_out_frame(out, pcm), 0);
	}
	audio_out_free(out);
	file = sf_open(in_folder("out.wav"), SFM_READ, &info);
	ck_assert_int_eq(info.frames, 300 * CODEC_FRAME);
	ck_assert_int_eq(info.samplerate, CODEC_RATE);
	for (i = 0; i < 300; i++) {
		ck_assert_int_eq(sf_readf_short(file, back, CODEC_FRAME),
		    CODEC_FRAME);
		ck_assert_int_eq(back[CODEC_FRAME - 1], i * 10);
	}
	sf_close(file);
}
END_TEST

/*
 * Live, the oldest goes; neither the loop nor leaving is held up. Nobody ever
 * reads the pipe, which holds two of these frames: a wait would have no end.
 */
START_TEST(slow_live_reader)
{
	int16_t pcm[CODEC_FRAME] = { 0 };
	char why[WHY_TEXT];
	struct audio_out *out;
	int stdout_fd = dup(STDOUT_FILENO), fd = pipe_to(STDOUT_FILENO);
	unsigned i;

	ck_assert_int_eq(audio_out_new(&out, "-", AUDIO_OUT_LIVE, why), 0);
	for (i = 0; i < 500; i++)
		ck_assert_int_eq(audio_out_frame(out, pcm), 0);
	audio_out_free(out);
	dup2(stdout_fd, STDOUT_FILENO);
	close(fd);
}
END_TEST

static void *
late_reader(void *arg)
{
	int16_t pcm[CODEC_FRAME];
	size_t got;
	intptr_t i;
	ssize_t n;

	usleep(500 * 1000);
	for (i = 0;; i++) {
		for (got = 0; got < sizeof(pcm); got += (size_t)n) {
			n = read(*(int *)arg, (char *)pcm + got,
			    sizeof(pcm) - got);
			if (n <= 0)
				return (void *)i;
		}
		if (pcm[0] != i)
			return (void *)-1;
	}
}

/* Recorded, nothing goes, though the reader comes when all was said. */
START_TEST(slow_reader)
{
	int16_t pcm[CODEC_FRAME] = { 0 };
	char why[WHY_TEXT];
	struct audio_out *out;
	pthread_t thread;
	void *frames;
	int stdout_fd = dup(STDOUT_FILENO), fd = pipe_to(STDOUT_FILENO);

	ck_assert_int_eq(audio_out_new(&out, "-", 0, why), 0);
	pthread_create(&thread, NULL, late_reader, &fd);
	for (pcm[0] = 0; pcm[0] < 1000; pcm[0]++)
		ck_assert_int_eq(audio_out_frame(out, pcm), 0);
	ck_assert_int_eq(audio_out_finish(out), 0);
	audio_out_free(out);
	dup2(stdout_fd, STDOUT_FILENO);
	pthread_join(thread, &frames);
	ck_assert_int_eq((intptr_t)frames, 1000);
	close(fd);
}
END_TEST

/* A reader that never comes is an error, once a minute waits for it. */
START_TEST(reader_that_never_reads)
{
	int16_t pcm[CODEC_FRAME] = { 0 };
	char why[WHY_TEXT];
	struct audio_out *out;
	int stdout_fd = dup(STDOUT_FILENO), fd = pipe_to(STDOUT_FILENO);
	int i, err = 0;

	ck_assert_int_eq(audio_out_new(&out, "-", 0, why), 0);
	for (i = 0; err == 0 && i < 4000; i++)
		err = audio_out_frame(out, pcm);
	ck_assert_int_eq(err, -ENOBUFS);
	ck_assert_int_ge(i, 3000);
	audio_out_explain(out, err, why);
	ck_assert_str_eq(why, "standard output: its reader is more than a "
	    "minute behind");
	close(fd);
	ck_assert_int_eq(audio_out_finish(out), -ENOBUFS);
	audio_out_free(out);
	dup2(stdout_fd, STDOUT_FILENO);
}
END_TEST

START_TEST(reader_gone)
{
	int16_t pcm[CODEC_FRAME] = { 0 };
	char why[WHY_TEXT];
	struct audio_out *out;
	int stdout_fd = dup(STDOUT_FILENO), fd = pipe_to(STDOUT_FILENO);
	uint64_t end_ns = clock_ns() + 10 * CLOCK_S;
	int err = 0;

	ck_assert_int_eq(audio_out_new(&out, "-", false, why), 0);
	close(fd);
	while (err == 0 && clock_ns() < end_ns) {
		err = audio_out_frame(out, pcm);
		usleep(1000);
	}
	ck_assert_int_eq(err, -EPIPE);
	audio_out_free(out);
	dup2(stdout_fd, STDOUT_FILENO);
}
END_TEST

static void *
producer(void *arg)
{
	int16_t pcm[CODEC_FRAME] = { 0 };
	int16_t i;

	for (i = 0; i < 2000; i++) {
		pcm[0] = i;
		if (!frames_push_wait(arg, pcm))
			return NULL;
	}
	frames_end(arg);
	return NULL;
}

START_TEST(frames_in_order)
{
	int16_t pcm[CODEC_FRAME];
	struct frames *frames;
	pthread_t thread;
	int16_t i;

	ck_assert_int_eq(frames_new(&frames, 7), 0);
	pthread_create(&thread, NULL, producer, frames);
	for (i = 0; frames_pop_wait(frames, pcm); i++)
		ck_assert_int_eq(pcm[0], i);
	ck_assert_int_eq(i, 2000);
	ck_assert(frames_at_end(frames));
	ck_assert(!frames_push(frames, pcm));
	pthread_join(thread, NULL);
	frames_free(frames);
}
END_TEST

UNIT_SUITE_WITH(audio, setup, teardown, reads_any_file,
    refuses_what_is_no_sound, recording_from_a_pipe, live_from_a_pipe, live_in_lumps,
    slow_recording, any_format_from_a_pipe, silent_pipe,
    writes_all_of_it_in_time, slow_live_reader, slow_reader,
    reader_that_never_reads, reader_gone, frames_in_order)
