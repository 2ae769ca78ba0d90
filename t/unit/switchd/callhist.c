/* Which histogram a call is counted in, and with what. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "calls/callhist.h"
#include "net/buffer.h"
#include "ops/metrics.h"
#include "table/callstats.h"
#include "unit.h"

#define MS UINT64_C(1000000)

static struct metrics *metrics;
static struct callhist *hist;

static void
setup(void)
{
	metrics = metrics_new();
	hist = callhist_new(metrics);
	ck_assert_ptr_nonnull(hist);
}

static void
teardown(void)
{
	callhist_free(hist);
	metrics_free(metrics);
}

/* Is this line in the metrics? */
static bool
says(const char *line)
{
	struct buffer *text = buffer_new();
	char wanted[128];
	bool found;

	metrics_write(metrics, text);
	snprintf(wanted, sizeof(wanted), "\n%s\n", line);
	found = buffer_find(text, wanted, strlen(wanted)) >= 0;
	buffer_free(text);
	return found;
}

START_TEST(counts_steps)
{
	setup();
	callhist_reached(hist, CALL_PUSHED, 2 * MS);
	callhist_reached(hist, CALL_RINGING, 1500 * MS);
	callhist_reached(hist, CALL_RINGING, 3500 * MS);
	callhist_reached(hist, CALL_ANSWERED, 4000 * MS);
	callhist_reached(hist, CALL_ENDED, 9000 * MS);
	ck_assert(says("rp_call_push_seconds_sum 0.002"));
	ck_assert(says("rp_call_push_seconds_count 1"));
	ck_assert(says("rp_call_ring_seconds_sum 5"));
	ck_assert(says("rp_call_ring_seconds_bucket{le=\"1.5\"} 1"));
	ck_assert(says("rp_call_ring_seconds_count 2"));
	ck_assert(says("rp_call_answer_seconds_sum 4"));
	ck_assert(says("rp_call_answer_seconds_count 1"));
	teardown();
}
END_TEST

/* A call in which device 1 answers at 1 s, and its parties' first media. */
static void
end_call(uint64_t a_ns, uint64_t b0_ns, uint64_t b1_ns)
{
	struct callfsm call = {
		.state = CALL_ENDED, .winner = 1, .answered_ms = 1000,
		.ended_ms = 3000
	};
	struct callstats stats = { .n = 3, .party = {
		{ .name = "b0", .media_ns = b0_ns },
		{ .name = "a", .media_ns = a_ns },
		{ .name = "b1", .media_ns = b1_ns }
	} };

	callhist_observe(hist, &call, &stats);
}

START_TEST(waits_for_both)
{
	setup();
	end_call(0, 0, 0);
	end_call(1100 * MS, 0, 0);
	end_call(0, 0, 1200 * MS);
	/* A device that rang only does not count. */
	end_call(1100 * MS, 1200 * MS, 0);
	ck_assert(says("rp_call_seconds_count 4"));
	ck_assert(says("rp_call_first_media_seconds_count 0"));
	end_call(1500 * MS, 1250 * MS, 1125 * MS);
	ck_assert(says("rp_call_first_media_seconds_count 1"));
	ck_assert(says("rp_call_first_media_seconds_sum 0.5"));
	end_call(1125 * MS, 9000 * MS, 1250 * MS);
	ck_assert(says("rp_call_first_media_seconds_sum 0.75"));
	/* Both sent before the answer. */
	end_call(900 * MS, 0, 950 * MS);
	ck_assert(says("rp_call_first_media_seconds_count 3"));
	ck_assert(says("rp_call_first_media_seconds_sum 0.75"));
	teardown();
}
END_TEST

START_TEST(leaves_out_unanswered)
{
	struct callfsm call = { .state = CALL_ENDED, .winner = CALL_NOBODY };
	struct callstats stats = { .n = 0 };

	setup();
	callhist_observe(hist, &call, &stats);
	ck_assert(says("rp_call_seconds_count 0"));
	ck_assert(says("rp_call_first_media_seconds_count 0"));
	teardown();
}
END_TEST

UNIT_SUITE(callhist, counts_steps, waits_for_both, leaves_out_unanswered)
