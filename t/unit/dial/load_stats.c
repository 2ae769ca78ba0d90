/* The summary of many calls, by reports that are made up. */
#include <math.h>
#include <string.h>

#include <jansson.h>

#include "base/clock.h"
#include "load/load_stats.h"
#include "unit.h"

static void
call_of(struct load_stats *stats, enum outcome outcome, int status,
    unsigned answer_ms, double mos)
{
	struct report report;

	report_init(&report);
	report.outcome = outcome;
	report.status = status;
	report.media.mos = mos;
	report.has_media = mos > 0;
	if (answer_ms > 0)
		report.step_ns[REPORT_ANSWER] = report.start_ns +
		    answer_ms * CLOCK_MS;
	load_stats_begin(stats);
	ck_assert_int_eq(load_stats_end(stats, &report), 0);
	report_clear(&report);
}

static double
real(const json_t *root, const char *object, const char *key)
{
	return json_number_value(json_object_get(json_object_get(root,
	    object), key));
}

START_TEST(sums_up)
{
	struct load_stats stats = { .begun = 0 };
	json_t *root;
	char *text;
	unsigned i;

	for (i = 1; i <= 100; i++)
		call_of(&stats, OUTCOME_COMPLETED, 0, 101 - i, 4);
	call_of(&stats, OUTCOME_BUSY, 0, 0, 0);
	call_of(&stats, OUTCOME_REFUSED, 429, 0, 0);
	call_of(&stats, OUTCOME_REFUSED, 503, 0, 0);
	call_of(&stats, OUTCOME_DROPPED, 0, 1000, 1.5);
	text = load_stats_json(&stats, 200, 12.5);
	ck_assert_ptr_nonnull(text);
	root = json_loads(text, 0, NULL);
	ck_assert_ptr_nonnull(root);
	ck_assert_int_eq(json_integer_value(json_object_get(root, "begun")),
	    104);
	ck_assert_int_eq(json_integer_value(json_object_get(root,
	    "completed")), 100);
	ck_assert_double_eq_tol(real(root, "failures", "limited"), 1, 1e-9);
	ck_assert_double_eq_tol(real(root, "failures", "refused"), 1, 1e-9);
	ck_assert_double_eq_tol(real(root, "failures", "dropped"), 1, 1e-9);
	ck_assert_uint_eq(json_object_size(json_object_get(root,
	    "failures")), 4);
	ck_assert_double_eq_tol(real(root, "set_up_ms", "p50"), 51, 1e-9);
	ck_assert_double_eq_tol(real(root, "set_up_ms", "p99"), 100, 1e-9);
	ck_assert_double_eq_tol(real(root, "mos", "p5"), 4, 1e-9);
	ck_assert(json_is_null(json_object_get(json_object_get(root,
	    "first_audio_ms"), "p50")));
	ck_assert_uint_eq(stats.most_running, 1);
	json_decref(root);
	free(text);
	load_stats_clear(&stats);
}
END_TEST

START_TEST(percentiles_are_values)
{
	struct load_stats stats = { .begun = 0 };

	ck_assert(isnan(load_stats_percentile(&stats.mos, 0.5)));
	call_of(&stats, OUTCOME_COMPLETED, 0, 7, 3);
	ck_assert_double_eq_tol(load_stats_percentile(&stats.mos, 0), 3, 1e-9);
	ck_assert_double_eq_tol(load_stats_percentile(&stats.mos, 1), 3, 1e-9);
	load_stats_clear(&stats);
}
END_TEST

UNIT_SUITE(load_stats, sums_up, percentiles_are_values)
