/* The spread of arrivals: what counts as jitter, and for how long. */
#include <string.h>

#include "media/audio/arrivals.h"
#include "unit.h"

#define STEP 960		/* 20 ms */
#define SECOND 48000
#define MS (SECOND / 1000)

static struct arrivals arrivals;
static int64_t now;

static void
setup(void)
{
	memset(&arrivals, 0, sizeof(arrivals));
	now = 1000 * SECOND;
}

/* Packets for so long, each as slow as the one before or less by turns. */
static void
packets(int64_t samples, int64_t transit, int64_t jitter)
{
	int64_t end = now + samples;
	int n;

	for (n = 0; now < end; now += STEP, n++)
		arrivals_add(&arrivals, transit + n % 2 * jitter, now);
}

static void
are(int64_t base, int64_t spread)
{
	ck_assert_int_eq(arrivals_base(&arrivals), base);
	ck_assert_int_eq(arrivals_spread(&arrivals), spread);
}

START_TEST(jitter_begins_and_ends)
{
	setup();
	are(0, 0);
	packets(SECOND / 10, -7, 30 * MS);
	are(-7, 0);		/* so much may be chance */
	packets(SECOND, -7, 30 * MS);
	are(-7, 30 * MS);
	packets(3 * SECOND, -7, 0);
	are(-7, 30 * MS);
	packets(2 * SECOND, -7, 0);
	are(-7, 0);
}
END_TEST

/* All of a stall comes at once: the first of it has waited most. */
static void
stall(int64_t samples)
{
	int64_t waited;

	now += samples;
	for (waited = samples; waited > 0; waited -= STEP)
		arrivals_add(&arrivals, waited, now);
}

START_TEST(a_stall_is_no_jitter)
{
	setup();
	packets(4 * SECOND, 0, 5 * MS);
	stall(SECOND);
	are(0, 5 * MS);
	packets(SECOND, 0, 5 * MS);
	stall(SECOND);
	are(0, 5 * MS);
	packets(SECOND, 0, 5 * MS);
	stall(SECOND);
	are(0, SECOND);		/* three of them are */
}
END_TEST

START_TEST(the_way_changes)
{
	setup();
	packets(4 * SECOND, 0, 0);
	packets(SECOND, 100 * MS, 0);
	are(0, 100 * MS);
	packets(4 * SECOND, 100 * MS, 0);
	are(100 * MS, 0);
	packets(STEP, 0, 0);
	are(0, 100 * MS);
	packets(5 * SECOND, 0, 0);
	are(0, 0);
}
END_TEST

START_TEST(a_long_silence_ends_all)
{
	setup();
	packets(4 * SECOND, 0, 50 * MS);
	now += 9 * SECOND;
	packets(STEP, 10 * MS, 0);
	are(0, 50 * MS);
	now += 11 * SECOND;
	packets(STEP, 20 * MS, 0);
	are(20 * MS, 0);
}
END_TEST

UNIT_SUITE(arrivals, jitter_begins_and_ends, a_stall_is_no_jitter,
    the_way_changes, a_long_silence_ends_all)
