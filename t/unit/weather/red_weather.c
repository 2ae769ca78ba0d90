/*
 * Redundant audio in bad weather: how many of the lost packets are heard, and
 * what it costs in delay, beside in-band FEC and nothing. FEC is at its best
 * here, because each packet has all of the sound before it.
 */
#include <string.h>

#include "unit.h"
#include "weather.h"

enum means { NOTHING, FEC, RED };

static struct weather weather;

static const struct weather *
run(enum means means, const struct weather *options)
{
	weather = *options;
	weather.fec = means == FEC;
	weather.red = means == RED;
	weather_run(&weather);
	return &weather;
}

/* `a` percent are lost at random, and all come up to `random_ms` late. */
static double
loss(struct weather *w, double ms)
{
	double late_ms = weather_random(w, w->random_ms);

	(void)ms;
	return weather_random(w, 100) < w->a ? -1 : late_ms;
}

/* Once a second `a` ms are lost. */
static double
bursts(struct weather *w, double ms)
{
	return (unsigned)ms % 1000 < w->a ? -1 : 0;
}

static unsigned
concealed(enum means means, const struct weather *options)
{
	return weather_concealed(run(means, options), 1, WEATHER_S - 1);
}

/* At a loss of p, one of p in the square remains. */
START_TEST(random_loss)
{
	static const double percent[] = { 1, 5, 10, 20 };
	unsigned i, lost, fec, red, left;

	for (i = 0; i < sizeof(percent) / sizeof(percent[0]); i++) {
		const struct weather w = { .late = loss, .a = percent[i] };

		left = (unsigned)(1.6 * percent[i] * percent[i] / 10000 *
		    WEATHER_UNITS) + 3;
		lost = concealed(NOTHING, &w);
		fec = concealed(FEC, &w);
		red = concealed(RED, &w);
		ck_assert_msg(lost >= WEATHER_UNITS * percent[i] / 200 &&
		    red <= left && red <= fec + 2,
		    "%.0f%%: made up %u without, %u with FEC, %u with RED",
		    percent[i], lost, fec, red);
		ck_assert_uint_ge(weather.copies.recovered + left,
		    lost);
		/* What is late by a packet is in time for its frame. */
		ck_assert_double_le(weather_worst_lag(&weather, 1,
		    WEATHER_S - 1), 41 + 22);
	}
}
END_TEST

/*
 * The buffer waits for copies as for packets that are late by one, and leaves
 * an excess of up to 22 ms alone.
 */
START_TEST(loss_and_jitter)
{
	const struct weather w = { .late = loss, .a = 10, .random_ms = 30 };
	unsigned lost = concealed(NOTHING, &w), fec = concealed(FEC, &w), red;
	double fec_ms = weather.delay_ms;

	red = concealed(RED, &w);
	ck_assert_msg(red <= lost / 2 && red <= fec + 5,
	    "made up %u without, %u with FEC, %u with RED", lost, fec, red);
	ck_assert_double_le(weather.delay_ms, fec_ms + 20 + 22);
}
END_TEST

/* Of a burst the last packet is heard. */
START_TEST(bursts_lose_one_less)
{
	const struct weather w = { .late = bursts, .a = 60 };
	unsigned lost = concealed(NOTHING, &w), red = concealed(RED, &w);

	ck_assert_uint_eq(lost, 3 * (WEATHER_S - 2));
	ck_assert_uint_le(red, 2 * (WEATHER_S - 2) + 1);
}
END_TEST

/* Without loss redundancy costs what waiting for the next packet does. */
START_TEST(good_weather)
{
	const struct weather w = { .late = loss, .random_ms = 10,
	    .pauses = true };
	double delay_ms = run(FEC, &w)->delay_ms;

	ck_assert_uint_eq(weather_concealed(run(RED, &w), 0, WEATHER_S), 0);
	ck_assert_double_eq_tol(weather.delay_ms, delay_ms, 0.001);
	ck_assert_uint_eq(weather.copies.recovered, 0);
}
END_TEST

UNIT_SUITE(red_weather, random_loss, loss_and_jitter, bursts_lose_one_less,
    good_weather)
