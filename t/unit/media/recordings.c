/*
 * Recordings that are loud, joined, broken or empty: what is too loud is clipped
 * and does not wrap, joined sounds are all played, and what cannot be played is
 * told, before the call if it can be.
 */
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sndfile.h>

#include "base/clock.h"
#include "media/audio/audio_in.h"
#include "unit.h"

static char folder[] = "/tmp/rp-unit-recordings-XXXXXX";

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
	unlink(in_folder("one"));
	unlink(in_folder("all"));
	rmdir(folder);
}

/* 440 Hz as loud as `peak` for half a second, on each channel. */
static void
write_sine(int format, int rate, int channels, double peak)
{
	SF_INFO info = { .samplerate = rate, .channels = channels,
	    .format = format };
	SNDFILE *file = sf_open(in_folder("one"), SFM_WRITE, &info);
	int i, c;

	ck_assert_ptr_nonnull(file);
	sf_command(file, SFC_SET_CLIPPING, NULL, SF_TRUE);
	for (i = 0; i < rate / 2; i++) {
		float frame[8];

		for (c = 0; c < channels; c++)
			frame[c] = (float)(peak * sin(2 * M_PI * 440 * i /
			    rate));
		sf_writef_float(file, frame, 1);
	}
	sf_close(file);
}

/* Append the first `max` bytes of the sound to the file of all. */
static void
join(size_t max)
{
	FILE *one = fopen(in_folder("one"), "r");
	FILE *all = fopen(in_folder("all"), "a");
	int c;

	while (max-- > 0 && (c = getc(one)) != EOF)
		putc(c, all);
	fclose(one);
	fclose(all);
}

struct heard {
	int frames, peaks, steepest;
	char why[WHY_TEXT];
	int err;
};

static struct heard
hear(const char *name)
{
	struct heard heard = { 0 };
	uint64_t end_ns = clock_ns() + 10 * CLOCK_S;
	int16_t pcm[CODEC_FRAME];
	struct audio_in *in;
	int i, last = 0;

	heard.err = audio_in_new(&in, name, false, heard.why);
	if (heard.err < 0)
		return heard;
	audio_in_unmute(in);
	while (!audio_in_ended(in) && clock_ns() < end_ns) {
		if (!audio_in_frame(in, pcm)) {
			usleep(1000);
			continue;
		}
		heard.frames++;
		for (i = 0; i < CODEC_FRAME; i++) {
			heard.peaks += abs(pcm[i]) >= 32767;
			if (abs(pcm[i] - last) > heard.steepest)
				heard.steepest = abs(pcm[i] - last);
			last = pcm[i];
		}
	}
	ck_assert(audio_in_ended(in));
	heard.err = audio_in_error(in, heard.why);
	audio_in_free(in);
	return heard;
}

/* A sine of 440 Hz that is clipped rises by a tenth of all in a sample. */
START_TEST(clips)
{
	static const struct {
		int format, rate, channels;
		double peak;
	} cases[] = {
		{ SF_FORMAT_WAV | SF_FORMAT_FLOAT, 48000, 1, 1 },
		{ SF_FORMAT_WAV | SF_FORMAT_FLOAT, 48000, 1, 1.5 },
		{ SF_FORMAT_WAV | SF_FORMAT_FLOAT, 48000, 2, 1.5 },
		{ SF_FORMAT_WAV | SF_FORMAT_FLOAT, 44100, 1, 1.5 },
		{ SF_FORMAT_WAV | SF_FORMAT_PCM_16, 44100, 2, 1.5 },
		{ SF_FORMAT_WAV | SF_FORMAT_PCM_16, 48000, 2, 1 },
		{ SF_FORMAT_WAV | SF_FORMAT_PCM_24, 8000, 6, 1.5 },
		{ SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 96000, 2, 1.5 },
	};
	struct heard heard;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		write_sine(cases[i].format, cases[i].rate, cases[i].channels,
		    cases[i].peak);
		heard = hear(in_folder("one"));
		ck_assert_msg(heard.err == 0, "%zu: %s", i, heard.why);
		ck_assert_int_ge(heard.frames, 25);
		if (cases[i].peak > 1)
			ck_assert_msg(heard.peaks > 1000, "%zu: %d", i,
			    heard.peaks);
		ck_assert_msg(heard.steepest < 10000, "%zu: %d", i,
		    heard.steepest);
	}
}
END_TEST

static const int formats[] = {
	SF_FORMAT_WAV | SF_FORMAT_PCM_16, SF_FORMAT_FLAC | SF_FORMAT_PCM_16,
	SF_FORMAT_OGG | SF_FORMAT_VORBIS, SF_FORMAT_OGG | SF_FORMAT_OPUS,
	SF_FORMAT_WAV | SF_FORMAT_FLOAT, SF_FORMAT_RF64 | SF_FORMAT_PCM_16,
	SF_FORMAT_W64 | SF_FORMAT_PCM_24, SF_FORMAT_OGG | SF_FORMAT_OPUS,
	SF_FORMAT_FLAC | SF_FORMAT_PCM_24, SF_FORMAT_WAV | SF_FORMAT_ULAW
};
#define N_FORMATS ((int)(sizeof(formats) / sizeof(formats[0])))

static void *
copy_all(void *arg)
{
	FILE *all = fopen(in_folder("all"), "r"), *to = arg;
	int c;

	while ((c = getc(all)) != EOF)
		putc(c, to);
	fclose(all);
	fclose(to);
	return NULL;
}

/* Ten sounds of half a second, one behind the other, by name and by a pipe. */
START_TEST(joined)
{
	struct heard heard;
	pthread_t thread;
	int i, ends[2];
	FILE *to;

	for (i = 0; i < N_FORMATS; i++) {
		write_sine(formats[i], 48000, 1 + i % 2, 0.5);
		join(SIZE_MAX);
		if (i > 0)
			continue;
		heard = hear(in_folder("all"));
		ck_assert_int_eq(heard.frames, 25);
	}
	ck_assert_int_eq(pipe(ends), 0);
	to = fdopen(ends[1], "w");
	pthread_create(&thread, NULL, copy_all, to);
	dup2(ends[0], STDIN_FILENO);
	close(ends[0]);
	signal(SIGPIPE, SIG_IGN);
	heard = hear("-");
	close(STDIN_FILENO);
	pthread_join(thread, NULL);
	ck_assert_msg(heard.err == 0, "%s", heard.why);
	ck_assert_int_ge(heard.frames, 25 * N_FORMATS);
	ck_assert_int_le(heard.frames, 26 * N_FORMATS);
	heard = hear(in_folder("all"));
	ck_assert_msg(heard.err == 0, "%s", heard.why);
	ck_assert_int_ge(heard.frames, 25 * N_FORMATS);
}
END_TEST

START_TEST(tells_of_broken_ones)
{
	struct heard heard;

	write_sine(SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 48000, 1, 0.5);
	join(SIZE_MAX);
	join(9000);
	heard = hear(in_folder("all"));
	ck_assert_int_eq(heard.err, -EIO);
	ck_assert_int_gt(heard.frames, 25);
	ck_assert_msg(strstr(heard.why, "broken, or cut off") != NULL, "%s",
	    heard.why);
}
END_TEST

START_TEST(tells_of_empty_ones)
{
	struct heard heard;

	write_sine(SF_FORMAT_WAV | SF_FORMAT_PCM_16, 48000, 1, 0.5);
	join(44);	/* the head alone */
	heard = hear(in_folder("all"));
	ck_assert_int_eq(heard.err, -ENODATA);
	ck_assert_str_eq(heard.why, "holds no audio");
	/* A file whose reading fails, whatever the disk. */
	heard = hear("/proc/self/mem");
	ck_assert_int_eq(heard.err, -EIO);
}
END_TEST

UNIT_SUITE_WITH(recordings, setup, teardown, clips, joined,
    tells_of_broken_ones, tells_of_empty_ones)
