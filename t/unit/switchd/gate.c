/*
 * The gate: a set of reasons, and the handlers called when it opens and closes.
 */
#include "ops/gate.h"
#include "ops/metrics.h"
#include "unit.h"

static void
count(bool open, void *arg)
{
	int *calls = arg;

	calls[open ? 1 : 0]++;
}

START_TEST(is_a_set)
{
	struct metrics *metrics = metrics_new();
	struct gate *gate = gate_new(metrics);
	int calls[2] = { 0, 0 };

	gate_on_change(gate, count, calls);
	ck_assert(!gate_is_open(gate));
	ck_assert_uint_eq(gate_reasons(gate), GATE_STARTING);
	gate_set(gate, GATE_NO_DIRECTORY, true);
	gate_set(gate, GATE_STARTING, false);
	ck_assert(!gate_is_open(gate));
	ck_assert_int_eq(calls[0], 2);
	gate_set(gate, GATE_NO_DIRECTORY, false);
	ck_assert(gate_is_open(gate));
	ck_assert_int_eq(calls[1], 1);

	/* Full, then draining too; no longer full: still closed. */
	gate_set(gate, GATE_FULL, true);
	gate_set(gate, GATE_FULL, true);
	ck_assert_int_eq(calls[0], 3);
	gate_set(gate, GATE_DRAINING, true);
	gate_set(gate, GATE_FULL, false);
	ck_assert(!gate_is_open(gate));
	ck_assert_uint_eq(gate_reasons(gate), GATE_DRAINING);
	ck_assert_int_eq(calls[0], 5);
	ck_assert_int_eq(calls[1], 1);
	gate_set(gate, GATE_DRAINING, false);
	gate_set(gate, GATE_DRAINING, false);
	ck_assert(gate_is_open(gate));
	ck_assert_int_eq(calls[1], 2);
	gate_free(gate);
	metrics_free(metrics);
}
END_TEST

START_TEST(names_the_weightiest)
{
	ck_assert_str_eq(gate_reason_text(0), "");
	ck_assert_str_eq(gate_reason_text(GATE_FULL), "full");
	ck_assert_str_eq(gate_reason_text(GATE_FULL | GATE_DRAINING),
	    "draining");
	ck_assert_str_eq(gate_reason_text(GATE_OVERLOADED), "overloaded");
	ck_assert_str_eq(gate_reason_text(GATE_NO_PUSH | GATE_OVERLOADED),
	    "no-push");
	ck_assert_str_eq(gate_reason_text(GATE_NO_DIRECTORY | GATE_FULL),
	    "no-directory");
	ck_assert_str_eq(gate_reason_text(GATE_STARTING | GATE_DRAINING),
	    "starting");
}
END_TEST

UNIT_SUITE(gate, is_a_set, names_the_weightiest)
