/* load_stats: counts, samples and percentiles. See load_stats.h. */
#include "load/load_stats.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/clock.h"

#define LIMITED "limited"	/* refused by 429, and not for lack of room */

static int
add_sample(struct load_samples *s, double value)
{
	size_t max = s->max == 0 ? 64 : 2 * s->max;
	double *values;

	if (s->n == s->max) {
		values = realloc(s->values, max * sizeof(*values));
		if (values == NULL)
			return -ENOMEM;
		s->values = values;
		s->max = max;
	}
	s->values[s->n++] = value;
	return 0;
}

void
load_stats_begin(struct load_stats *stats)
{
	stats->begun++;
	stats->running++;
	if (stats->running > stats->most_running)
		stats->most_running = stats->running;
}

static double
ms_to(const struct report *report, enum report_step step)
{
	return (double)(report->step_ns[step] - report->start_ns) / CLOCK_MS;
}

int
load_stats_end(struct load_stats *stats, const struct report *report)
{
	int err = 0;

	stats->running--;
	stats->kinds[report->outcome]++;
	if (report->outcome == OUTCOME_COMPLETED)
		stats->completed++;
	else
		stats->failed++;
	if (report->outcome == OUTCOME_REFUSED && report->status == 429)
		stats->limited++;
	if (report->step_ns[REPORT_ANSWER] != 0)
		err = add_sample(&stats->answer_ms,
		    ms_to(report, REPORT_ANSWER));
	if (err == 0 && report->step_ns[REPORT_MEDIA] != 0)
		err = add_sample(&stats->audio_ms,
		    ms_to(report, REPORT_MEDIA));
	if (err == 0 && report->has_media)
		err = add_sample(&stats->mos,
		    media_stats_worse(&report->media));
	return err;
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The nearest rank: a value that one of the calls had. */
double
load_stats_percentile(struct load_samples *s, double share)
{
	size_t rank;

	if (s->n == 0)
		return NAN;
	qsort(s->values, s->n, sizeof(*s->values), by_value);
	rank = (size_t)ceil(share * (double)s->n);
	return s->values[rank > 0 ? rank - 1 : 0];
}

/* Return the calls of a kind; 429 is a kind of its own. */
static size_t
kind(const struct load_stats *stats, enum outcome outcome)
{
	return stats->kinds[outcome] -
	    (outcome == OUTCOME_REFUSED ? stats->limited : 0);
}

static void
print_kinds(const struct load_stats *stats, FILE *out)
{
	int i;

	if (stats->limited > 0)
		fprintf(out, "  %-9s %zu\n", LIMITED, stats->limited);
	for (i = 0; i < OUTCOME_N; i++)
		if (i != OUTCOME_COMPLETED &&
		    kind(stats, (enum outcome)i) > 0)
			fprintf(out, "  %-9s %zu\n",
			    outcome_text((enum outcome)i),
			    kind(stats, (enum outcome)i));
}

void
load_stats_print(struct load_stats *stats, size_t asked, double seconds,
    FILE *out)
{
	fprintf(out, "%zu of %zu calls in %.1f s, %zu at once: %zu completed, "
	    "%zu failed\n", stats->begun, asked, seconds, stats->most_running,
	    stats->completed, stats->failed);
	print_kinds(stats, out);
	if (stats->answer_ms.n > 0)
		fprintf(out, "  set-up    p50 %.0f ms, p99 %.0f ms\n",
		    load_stats_percentile(&stats->answer_ms, 0.5),
		    load_stats_percentile(&stats->answer_ms, 0.99));
	if (stats->audio_ms.n > 0)
		fprintf(out, "  audio     p50 %.0f ms, p99 %.0f ms\n",
		    load_stats_percentile(&stats->audio_ms, 0.5),
		    load_stats_percentile(&stats->audio_ms, 0.99));
	if (stats->mos.n > 0)
		fprintf(out, "  quality   MOS p5 %.2f, p50 %.2f\n",
		    load_stats_percentile(&stats->mos, 0.05),
		    load_stats_percentile(&stats->mos, 0.5));
}

static json_t *
rounded(double value)
{
	return isfinite(value) ? json_real(round(value * 1000) / 1000) :
	    json_null();
}

static json_t *
two_json(struct load_samples *s, const char *low, double low_share,
    const char *high, double high_share)
{
	return json_pack("{so so}",
	    low, rounded(load_stats_percentile(s, low_share)),
	    high, rounded(load_stats_percentile(s, high_share)));
}

static json_t *
kinds_json(const struct load_stats *stats)
{
	json_t *kinds = json_object();
	int i;

	if (stats->limited > 0)
		json_object_set_new(kinds, LIMITED,
		    json_integer((json_int_t)stats->limited));
	for (i = 0; i < OUTCOME_N; i++)
		if (i != OUTCOME_COMPLETED &&
		    kind(stats, (enum outcome)i) > 0)
			json_object_set_new(kinds,
			    outcome_text((enum outcome)i),
			    json_integer((json_int_t)kind(stats,
			    (enum outcome)i)));
	return kinds;
}

char *
load_stats_json(struct load_stats *stats, size_t asked, double seconds)
{
	json_t *root = json_pack("{sI sI sI sI sI so so so so so}",
	    "calls", (json_int_t)asked,
	    "begun", (json_int_t)stats->begun,
	    "completed", (json_int_t)stats->completed,
	    "failed", (json_int_t)stats->failed,
	    "most_at_once", (json_int_t)stats->most_running,
	    "seconds", rounded(seconds),
	    "failures", kinds_json(stats),
	    "set_up_ms", two_json(&stats->answer_ms, "p50", 0.5, "p99", 0.99),
	    "first_audio_ms", two_json(&stats->audio_ms, "p50", 0.5, "p99",
	    0.99),
	    "mos", two_json(&stats->mos, "p5", 0.05, "p50", 0.5));
	char *text = root == NULL ? NULL :
	    json_dumps(root, JSON_COMPACT | JSON_REAL_PRECISION(12));
	char *with_newline = text == NULL ? NULL :
	    realloc(text, strlen(text) + 2);

	json_decref(root);
	if (with_newline == NULL) {
		free(text);
		return NULL;
	}
	return strcat(with_newline, "\n");
}

void
load_stats_clear(struct load_stats *stats)
{
	free(stats->answer_ms.values);
	free(stats->audio_ms.values);
	free(stats->mos.values);
}
