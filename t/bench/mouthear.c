/*
 * mouthear: a mouth and an ear at the ends of a pipe, 16-bit 48 kHz mono. The
 * mouth beeps every two seconds, and delivers as a sound card does: each chunk when
 * its last sample was spoken. It writes the time of each beep's first sample. The
 * ear reads what comes, and writes the time at which a beep's first sample came.
 * The times are in milliseconds of CLOCK_MONOTONIC, one per line.
 *
 *	mouthear mouth TIMES CHUNK_MS SECONDS >PIPE
 *	mouthear ear TIMES <PIPE
 *	mouthear lag MOUTH EAR
 *
 * The last form writes as JSON how many beeps were heard, and the median and the
 * longest time from mouth to ear of those.
 */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/tool.h"

#define RATE 48000
#define MS (RATE / 1000)
#define BEEP_EVERY (2 * RATE)	/* longer than the delays to be told apart */
#define BEEP (30 * MS)
#define BEEP_HZ 1000
#define LOUD 12000
#define HEARD 3000		/* more than what a codec makes of silence */
#define QUIET (200 * MS)	/* between beeps */
#define CHUNK_MAX (1000 * MS)
#define BEEPS_MAX 10000

static double
now_ms(void)
{
	return (double)clock_ns() / CLOCK_MS;
}

static FILE *
open_times(const char *name)
{
	FILE *times = fopen(name, "w");

	if (times == NULL)
		tool_fail(1, name, "%s", strerror(errno));
	setvbuf(times, NULL, _IOLBF, 0);
	return times;
}

static void
sleep_until(double ms)
{
	double left = ms - now_ms();

	if (left > 0)
		usleep((useconds_t)(left * 1000));
}

/* Write all of it. Return false once nobody reads. */
static bool
write_all(const void *data, size_t len)
{
	const uint8_t *at = data;

	while (len > 0) {
		ssize_t n = write(STDOUT_FILENO, at, len);

		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0) {
			at += n;
			len -= (size_t)n;
		}
	}
	return true;
}

static void
speak(const char *name, unsigned chunk_ms, unsigned seconds)
{
	static int16_t chunk[CHUNK_MAX];
	FILE *times = open_times(name);
	double start_ms = now_ms();
	unsigned long at = 0;
	unsigned i;

	signal(SIGPIPE, SIG_IGN);
	while (at < (unsigned long)seconds * RATE) {
		for (i = 0; i < chunk_ms * MS; i++, at++) {
			chunk[i] = at % BEEP_EVERY < BEEP ? (int16_t)(LOUD *
			    sin(2 * M_PI * BEEP_HZ * (double)at / RATE)) : 0;
			if (at % BEEP_EVERY == 0)
				fprintf(times, "%.3f\n", start_ms +
				    (double)at / MS);
		}
		sleep_until(start_ms + (double)at / MS);
		if (!write_all(chunk, chunk_ms * MS * sizeof(chunk[0])))
			break;
	}
	fclose(times);
}

/* A read brings what has come, so its samples came now. */
static void
listen_all(const char *name)
{
	FILE *times = open_times(name);
	int16_t pcm[1024];
	size_t have = 0, quiet = QUIET, i;
	ssize_t n;

	while ((n = read(STDIN_FILENO, (char *)pcm + have,
	    sizeof(pcm) - have)) > 0) {
		double heard_ms = now_ms();

		have += (size_t)n;
		for (i = 0; i < have / 2; i++) {
			bool loud = abs(pcm[i]) > HEARD;

			if (loud && quiet >= QUIET)
				fprintf(times, "%.3f\n", heard_ms);
			quiet = loud ? 0 : quiet + 1;
		}
		if (have % 2 != 0)
			memcpy(pcm, (char *)pcm + have - 1, 1);
		have %= 2;
	}
	fclose(times);
}

static size_t
load_times(double *out, const char *name)
{
	FILE *in = fopen(name, "r");
	size_t n = 0;

	if (in == NULL)
		tool_fail(1, name, "%s", strerror(errno));
	while (n < BEEPS_MAX && fscanf(in, "%lf", &out[n]) == 1)
		n++;
	fclose(in);
	return n;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/*
 * Pair each heard beep with the last one that was spoken before it, so that a
 * delay of more than two seconds looks shorter.
 */
static void
print_lag(const char *mouth, const char *ear)
{
	static double said[BEEPS_MAX], heard[BEEPS_MAX], lag[BEEPS_MAX];
	size_t n_said = load_times(said, mouth);
	size_t n_heard = load_times(heard, ear), i, k = 0, n = 0;

	for (i = 0; i < n_heard; i++) {
		while (k + 1 < n_said && said[k + 1] <= heard[i])
			k++;
		if (n_said > 0 && said[k] <= heard[i])
			lag[n++] = heard[i] - said[k];
	}
	qsort(lag, n, sizeof(lag[0]), compare);
	printf("{\"beeps\":%zu,\"median_ms\":%.1f,\"max_ms\":%.1f}\n", n,
	    n > 0 ? lag[n / 2] : -1, n > 0 ? lag[n - 1] : -1);
}

int
main(int argc, char *argv[])
{
	const char *what = argc > 1 ? argv[1] : "";

	tool_name("mouthear");
	if (strcmp(what, "mouth") == 0 && argc == 5 &&
	    atoi(argv[3]) * MS <= CHUNK_MAX && atoi(argv[3]) > 0)
		speak(argv[2], (unsigned)atoi(argv[3]),
		    (unsigned)atoi(argv[4]));
	else if (strcmp(what, "ear") == 0 && argc == 3)
		listen_all(argv[2]);
	else if (strcmp(what, "lag") == 0 && argc == 4)
		print_lag(argv[2], argv[3]);
	else
		tool_fail(1, "usage", "see the top of mouthear.c");
	return 0;
}
