/*
 * load_stats: the calls of a load run in one summary: times to set up, scores,
 * and failures by kind. Pure.
 */
#ifndef RP_DIAL_LOAD_STATS_H
#define RP_DIAL_LOAD_STATS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "call/report.h"

/* Embedded; zeroed at first. */
struct load_samples {
	double *values;
	size_t n, max;
};

struct load_stats {
	size_t begun, completed, failed, running, most_running;
	size_t kinds[OUTCOME_N];
	size_t limited;			/* of OUTCOME_REFUSED: by 429 */
	struct load_samples answer_ms;	/* from the start to ANSWER */
	struct load_samples audio_ms;	/* to the first audio */
	struct load_samples mos;	/* of the worse direction */
};

/* Count a call that begins, and one that is over. */
void load_stats_begin(struct load_stats *stats);

/*
 * Count a call that is over.
 *
 *  -ENOMEM  its figures were dropped, and it is counted
 */
int load_stats_end(struct load_stats *stats, const struct report *report);

/*
 * Return the value below which `share` of the samples are, from 0 to 1; NaN
 * without samples.
 */
double load_stats_percentile(struct load_samples *samples, double share);

/* Write the summary of a run of `seconds`, in which `asked` calls were to be. */
void load_stats_print(struct load_stats *stats, size_t asked, double seconds,
    FILE *out);

/* Return it as a line of JSON, to be freed; NULL if out of memory. */
char *load_stats_json(struct load_stats *stats, size_t asked, double seconds);

void load_stats_clear(struct load_stats *stats);

#endif
