/*
 * correlate: measure how much of one recording is in another. Both are
 * converted to 8 kHz mono. First it searches the lag, up to --max-lag seconds,
 * at which the whole of SPOKEN fits HEARD best. Around it each --segment (200
 * ms) of SPOKEN is fitted by itself within +-100 ms, because a jitter buffer
 * may stretch and shrink silence. (A browser's even speech needs segments of
 * 100 ms.) The last step fits to a sixth of a sample, because codecs delay by
 * fractions. The result is the normalised cross-correlation of SPOKEN with the
 * joined pieces of HEARD: 1 is the same wave, and different speech stays below
 * 0.4.
 *
 * A file named .raw is 16-bit 48 kHz mono.
 *
 *	correlate [--max-lag SECONDS] [--segment MS] [--min X | --max X]
 *	    [--from SECONDS] [--for SECONDS] SPOKEN HEARD
 *
 * --from and --for take a part of SPOKEN; its lag is that of the part.
 *
 * Exits 0, or 2 if the correlation is below --min or above --max.
 */
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/tool.h"
#include "tools/recording.h"

#define RATE 8000
#define SEGMENT_MS 200
#define STRAY (RATE / 10)
#define FINE 6			/* steps in a sample */

struct recording {
	struct sound coarse;	/* at RATE */
	struct sound fine;	/* the same at RATE * FINE */
};

static struct recording
read_recording(const char *name)
{
	struct recording recording;

	recording.coarse = recording_read(name, RATE);
	recording.fine = recording_resample(&recording.coarse, RATE,
	    RATE * FINE);
	return recording;
}

static void
free_recording(struct recording *recording)
{
	free(recording->coarse.wave);
	free(recording->fine.wave);
}

struct fit {
	double product, spoken, heard;	/* sums of x*y, x*x, y*y */
};

/* spoken[from, from + n) against heard, lag later; outside there is silence. */
static struct fit
fit_at(const struct sound *spoken, const struct sound *heard, long from,
    long n, long lag)
{
	struct fit fit = { 0, 0, 0 };
	long i, end = from + n;

	for (i = from; i < end && i < spoken->n; i++) {
		double x = (double)spoken->wave[i];
		double y = i + lag >= 0 && i + lag < heard->n ?
		    (double)heard->wave[i + lag] : 0;

		fit.product += x * y;
		fit.spoken += x * x;
		fit.heard += y * y;
	}
	return fit;
}

static double
correlation(const struct fit *fit)
{
	if (fit->spoken <= 0 || fit->heard <= 0)
		return 0;
	return fit->product / sqrt(fit->spoken * fit->heard);
}

static long
best_lag(const struct sound *spoken, const struct sound *heard, long from,
    long n, long first, long last)
{
	long lag, best = first;
	double most = -2;

	for (lag = first; lag <= last; lag++) {
		struct fit fit = fit_at(spoken, heard, from, n, lag);

		if (correlation(&fit) > most) {
			most = correlation(&fit);
			best = lag;
		}
	}
	return best;
}

/* The n samples at RATE that begin at from. */
static struct fit
fit_segment(const struct recording *spoken, const struct recording *heard,
    long from, long n, long lag)
{
	lag = FINE * best_lag(&spoken->coarse, &heard->coarse, from, n,
	    lag - STRAY, lag + STRAY);
	from *= FINE;
	n *= FINE;
	lag = best_lag(&spoken->fine, &heard->fine, from, n, lag - FINE,
	    lag + FINE);
	return fit_at(&spoken->fine, &heard->fine, from, n, lag);
}

/* What is compared of the one recording with the other, in samples at RATE. */
struct part {
	long from, n, max_lag, segment;
};

static double
compare(const struct recording *spoken, const struct recording *heard,
    const struct part *part, long *lag)
{
	struct fit all = { 0, 0, 0 };
	long from, segment = part->segment, end = spoken->coarse.n;

	if (part->n > 0 && part->n < end - part->from)
		end = part->from + part->n;
	*lag = best_lag(&spoken->coarse, &heard->coarse, part->from,
	    end - part->from, 0, part->max_lag);
	for (from = part->from; from < end; from += segment) {
		struct fit fit = fit_segment(spoken, heard, from, segment,
		    *lag);

		all.product += fit.product;
		all.spoken += fit.spoken;
		all.heard += fit.heard;
	}
	return correlation(&all);
}

int
main(int argc, char *argv[])
{
	static const struct option options[] = {
		{ "max-lag", required_argument, NULL, 'l' },
		{ "segment", required_argument, NULL, 's' },
		{ "from", required_argument, NULL, 'f' },
		{ "for", required_argument, NULL, 'n' },
		{ "min", required_argument, NULL, 'm' },
		{ "max", required_argument, NULL, 'M' },
		{ NULL, 0, NULL, 0 }
	};
	double min = -2, max = 2, found;
	struct recording spoken, heard;
	struct part part = {
		.max_lag = 3 * RATE, .segment = SEGMENT_MS * RATE / 1000,
	};
	long lag;
	int option;

	tool_name("correlate");
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (option) {
		case 'l': part.max_lag = (long)(atof(optarg) * RATE); break;
		case 's': part.segment = atol(optarg) * RATE / 1000; break;
		case 'f': part.from = (long)(atof(optarg) * RATE); break;
		case 'n': part.n = (long)(atof(optarg) * RATE); break;
		case 'm': min = atof(optarg); break;
		case 'M': max = atof(optarg); break;
		default: return 1;
		}
	if (argc - optind != 2)
		tool_fail(1, "usage", "correlate [OPTION...] SPOKEN HEARD");
	spoken = read_recording(argv[optind]);
	heard = read_recording(argv[optind + 1]);
	found = compare(&spoken, &heard, &part, &lag);
	printf("correlation=%.4f lag_ms=%ld\n", found, lag * 1000 / RATE);
	free_recording(&spoken);
	free_recording(&heard);
	return found < min || found > max ? 2 : 0;
}
