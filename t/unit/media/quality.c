/* Both directions of a call, sampled, by figures that are made up. */
#include <string.h>

#include "media/audio/emodel.h"
#include "media/audio/quality.h"
#include "unit.h"

#define BUFFER_MS 40

struct bench {
	struct quality quality;
	struct rtp_session rtp;
	struct audibility heard;
};

static void
start(struct bench *b)
{
	memset(b, 0, sizeof(*b));
	b->heard.expects = b->heard.any = true;
	b->rtp.in.any = true;
	b->rtp.in.max_sequence = (uint16_t)-1;
	b->rtp.in.cycles = (uint32_t)-0x10000;
	b->rtp.packets = 1;
}

/* Let a second pass in which `lost` of fifty packets did not come. */
static void
second(struct bench *b, unsigned lost)
{
	unsigned i;

	b->rtp.in.cycles += b->rtp.in.max_sequence > 0xffff - 50 ? 0x10000 : 0;
	b->rtp.in.max_sequence = (uint16_t)(b->rtp.in.max_sequence + 50);
	b->rtp.in.received += 50 - lost;
	for (i = 0; i < 50; i++)
		audibility_frame(&b->heard, i < lost ? JITTER_CONCEALED :
		    JITTER_VOICE);
	quality_second(&b->quality, &b->rtp, &b->heard, BUFFER_MS, 20);
}

static void
told(struct bench *b, uint64_t expected, uint64_t lost)
{
	b->rtp.peer.n++;
	b->rtp.peer.expected = expected;
	b->rtp.peer.lost = lost;
	quality_report(&b->quality, &b->rtp);
}

static struct media_stats
stats(const struct bench *b)
{
	struct media_stats out = { .rtt_ms = 20 };

	quality_stats(&b->quality, &b->rtp, &b->heard, BUFFER_MS, &out);
	return out;
}

START_TEST(knows_the_worst_second)
{
	struct media_stats m;
	struct bench b;
	int i;

	start(&b);
	for (i = 0; i < 9; i++)
		second(&b, 0);
	second(&b, 25);
	m = stats(&b);
	ck_assert_double_eq_tol(m.loss_pct, 5, 1e-9);
	ck_assert_uint_eq(m.course.mos.n, 10);
	ck_assert_double_eq_tol(m.course.loss_pct.max, 50, 1e-9);
	ck_assert_double_eq_tol(m.course.loss_pct.min, 0, 1e-9);
	ck_assert_double_eq_tol(m.course.loss_pct.sum / 10, 5, 1e-9);
	ck_assert_double_lt(m.course.mos.min, 2);
	ck_assert_double_gt(m.course.mos.max, 4.3);
	ck_assert_double_eq_tol(m.mos, emodel_mos(emodel_r(76.5, 5)), 1e-9);
}
END_TEST

START_TEST(counts_what_was_slept_through)
{
	struct media_stats m;
	struct bench b;

	start(&b);
	second(&b, 0);
	audibility_skip(&b.heard, 50);
	second(&b, 0);
	m = stats(&b);
	ck_assert_double_eq_tol(m.loss_pct, 0, 1e-9);
	ck_assert_double_lt(m.mos, 3);
}
END_TEST

START_TEST(knows_the_other_direction)
{
	struct media_stats m;
	struct bench b;

	start(&b);
	second(&b, 0);
	m = stats(&b);
	ck_assert_uint_eq(m.remote.reports, 0);
	ck_assert_double_eq_tol(media_stats_worse(&m), m.mos, 1e-9);
	told(&b, 50, 0);
	told(&b, 100, 20);
	m = stats(&b);
	ck_assert_uint_eq(m.remote.reports, 2);
	ck_assert_double_eq_tol(m.remote.loss_pct, 20, 1e-9);
	ck_assert_double_eq_tol(m.remote.course.loss_pct.min, 0, 1e-9);
	ck_assert_double_eq_tol(m.remote.course.loss_pct.max, 40, 1e-9);
	ck_assert_double_eq_tol(media_stats_worse(&m), m.remote.mos, 1e-9);
	ck_assert_double_lt(m.remote.mos, 3);
}
END_TEST

/* The last report's jitter is one of many, and the score is the whole call's. */
START_TEST(one_report_is_not_the_call)
{
	struct media_stats m;
	struct bench b;
	unsigned i;

	start(&b);
	for (i = 1; i < 60; i++)
		told(&b, i * 50, 0);
	b.rtp.peer.jitter_ms = 200;
	told(&b, 3000, 0);
	m = stats(&b);
	ck_assert_double_gt(m.remote.mos, 4.3);
	ck_assert_double_lt(m.remote.course.mos.min, 3.8);
	ck_assert_double_eq_tol(m.remote.course.last_mos,
	    m.remote.course.mos.min, 1e-9);
}
END_TEST

START_TEST(survives_any_report)
{
	static const uint64_t values[] = { 0, 1, 99, UINT64_MAX };
	struct media_stats m;
	struct bench b;
	size_t i, j;

	start(&b);
	for (i = 0; i < 4; i++)
		for (j = 0; j < 4; j++) {
			told(&b, values[i], values[j]);
			m = stats(&b);
			ck_assert_double_ge(m.remote.loss_pct, 0);
			ck_assert_double_le(m.remote.loss_pct, 100);
			ck_assert_double_ge(m.remote.mos, 1);
			ck_assert_double_le(m.remote.mos, 4.5);
		}
}
END_TEST

UNIT_SUITE(quality, knows_the_worst_second, counts_what_was_slept_through,
    knows_the_other_direction, one_report_is_not_the_call,
    survives_any_report)
