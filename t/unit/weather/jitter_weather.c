/*
 * The jitter buffer in all kinds of weather. What arrives is heard, at the
 * price of delay, and the delay is removed within seconds, in small pieces.
 */
#include <math.h>
#include <string.h>

#include "unit.h"
#include "weather.h"

#define EVEN_MS 41	/* lag of a stream without jitter: two frames */
#define AFTER_MS 60	/* more lag than before, 10 s after the weather */
#define STALL_S 5	/* when a stall begins */

static struct weather weather;

static const struct weather *
run(const struct weather *options)
{
	weather = *options;
	weather_run(&weather);
	return &weather;
}

/*
 * What holds in any weather: a frame goes on by two frames at most. A fade of
 * 5 ms blurs that by a quarter of a frame.
 */
static void
steps_are_small(const struct weather *w)
{
	unsigned frame;

	for (frame = 0; frame < WEATHER_UNITS; frame++)
		ck_assert_msg(w->step[frame] <= 2.25 &&
		    w->step[frame] >= -0.25, "frame %u goes on by %f", frame,
		    w->step[frame]);
}

static void
is_as_before(const struct weather *w, double at_s)
{
	ck_assert_double_ge(weather_lag(w, at_s), 0);
	ck_assert_double_le(weather_worst_lag(w, at_s, WEATHER_S),
	    EVEN_MS + AFTER_MS);
}

START_TEST(even)
{
	double phase_ms;

	for (phase_ms = 0.5; phase_ms < 20; phase_ms += 2) {
		const struct weather *w = run(&(struct weather) {
			.phase_ms = phase_ms, .timestamp = 0xfffff000,
			.sequence = 65500, .pauses = true });

		ck_assert_uint_eq(weather_concealed(w, 0, WEATHER_S), 0);
		ck_assert_double_le(weather_worst_lag(w, 0, WEATHER_S),
		    EVEN_MS);
		ck_assert_double_le(weather_dropped_ms(w), 0);
		ck_assert_double_eq_tol(w->delay_ms,
		    weather_lag(w, WEATHER_S - 1), 1);
	}
}
END_TEST

/* Nothing is lost. All of it waits until the stall of a ms is over. */
static double
stall(struct weather *w, double ms)
{
	double late_ms = ms >= STALL_S * 1000 && ms < STALL_S * 1000 + w->a ?
	    STALL_S * 1000 + w->a - ms : 0;

	return fmax(late_ms, weather_random(w, w->random_ms));
}

static void
survives_stall(const struct weather *options)
{
	const struct weather *w = run(options);
	double end_s = STALL_S + w->a / 1000;

	steps_are_small(w);
	is_as_before(w, end_s + 10);
	ck_assert_uint_le(weather_concealed(w, 0, WEATHER_S),
	    (unsigned)(w->a / CODEC_FRAME_MS));
	ck_assert_double_le(weather_dropped_ms(w), w->a + 40);
	ck_assert_double_ge(weather_words(w), 0.98);
}

START_TEST(stalls)
{
	static const double stall_ms[] = {
		100, 300, 500, 700, 1000, 1300, 2000, 3000
	};
	unsigned i;

	for (i = 0; i < sizeof(stall_ms) / sizeof(stall_ms[0]) * 4; i++)
		survives_stall(&(struct weather) { .late = stall,
			.a = stall_ms[i / 4], .pauses = i % 2,
			.random_ms = i / 2 % 2 * 10 });
}
END_TEST

START_TEST(stalls_of_other_packets)
{
	static const unsigned packet_ms[] = { 5, 10, 40, 60, 120 };
	unsigned i;

	for (i = 0; i < sizeof(packet_ms) / sizeof(packet_ms[0]); i++)
		survives_stall(&(struct weather) { .late = stall, .a = 1300,
			.packet_ms = packet_ms[i] });
}
END_TEST

/* A little is given back slowly, and in pauses where there are any. */
START_TEST(little_by_little)
{
	const struct weather *w;
	unsigned frame, in_words = 0, pieces = 0;

	w = run(&(struct weather) { .late = stall, .a = 110, .pauses = true });
	ck_assert_double_ge(weather_lag(w, STALL_S + 0.5), 100);
	ck_assert_double_ge(weather_lag(w, STALL_S + 1), 60);
	ck_assert_double_le(weather_worst_lag(w, STALL_S + 4, WEATHER_S),
	    EVEN_MS);
	for (frame = STALL_S * 50 + 8; frame < WEATHER_UNITS; frame++) {
		unsigned said = frame - (unsigned)
		    (w->lag_ms[frame - 1] / CODEC_FRAME_MS);

		if (w->step[frame] < 1.2)
			continue;
		pieces++;
		in_words += said % WEATHER_WORD < WEATHER_WORD * 4 / 5 - 1;
	}
	ck_assert_uint_ge(pieces, 2);
	ck_assert_uint_eq(in_words, 0);
}
END_TEST

/* In the middle of a stall a second is lost: that need not be a gap. */
static double
half_lost(struct weather *w, double ms)
{
	double late_ms = stall(w, ms);

	return late_ms > 500 && late_ms < 1500 ? -1 : late_ms;
}

START_TEST(lost_is_given_back_first)
{
	const struct weather *w = run(&(struct weather) { .late = half_lost,
		.a = 2000 });

	/* 2 s of silence; then half a second, and the last half second. */
	ck_assert_uint_le(weather_concealed(w, 0, WEATHER_S), 103);
	ck_assert_double_le(weather_worst_lag(w, STALL_S + 8, WEATHER_S),
	    EVEN_MS + AFTER_MS);
	ck_assert_double_le(weather_dropped_ms(w), 1000 + 40);
}
END_TEST

static double
outage(struct weather *w, double ms)
{
	return stall(w, ms) > 0 ? -1 : 0;
}

START_TEST(outages)
{
	const struct weather *w = run(&(struct weather) { .late = outage,
		.a = 2000 });

	ck_assert_uint_eq(weather_concealed(w, 0, WEATHER_S), 100);
	ck_assert_double_le(weather_worst_lag(w, 0, WEATHER_S), EVEN_MS);
	ck_assert_double_le(weather_dropped_ms(w), 0);
}
END_TEST

/* What was said before anybody listened comes first, at once. */
static double
burst(struct weather *w, double ms)
{
	return fmax(w->a - CODEC_FRAME_MS - ms, 0);
}

START_TEST(bursts)
{
	static const double packets[] = { 20, 34, 85 };
	unsigned i;

	for (i = 0; i < 6; i++) {
		const struct weather *w = run(&(struct weather) {
			.late = burst, .pauses = i % 2,
			.a = packets[i / 2] * CODEC_FRAME_MS });

		steps_are_small(w);
		is_as_before(w, 10);
		ck_assert_uint_eq(weather_concealed(w, 0, WEATHER_S), 0);
		ck_assert_double_le(weather_dropped_ms(w), w->a + 40);
		ck_assert_double_ge(weather_words(w), 0.98);
	}
}
END_TEST

/* From ms a to ms b. */
static double
jitter(struct weather *w, double ms)
{
	return ms >= w->a && ms < w->b ? weather_random(w, w->random_ms) : 0;
}

/* The same, but none overtakes another: a is when the latest came. */
static double
jitter_in_order(struct weather *w, double ms)
{
	w->a = fmax(w->a, ms + weather_random(w, w->random_ms));
	return w->a - ms;
}

START_TEST(jitters)
{
	static const double jitter_ms[] = { 10, 30, 80, 200 };
	unsigned i;

	for (i = 0; i < 8; i++) {
		double most_ms = jitter_ms[i / 2];
		const struct weather *w = run(&(struct weather) {
			.late = i % 2 ? jitter : jitter_in_order, .b = 1e9,
			.random_ms = most_ms, .pauses = true });

		steps_are_small(w);
		ck_assert_double_le(weather_worst_lag(w, 0, WEATHER_S),
		    most_ms + EVEN_MS);
		ck_assert_uint_le(weather_concealed(w, 0, 2),
		    (unsigned)(most_ms * 1.5 / CODEC_FRAME_MS));
		ck_assert_uint_le(weather_concealed(w, 2, WEATHER_S), 1);
		ck_assert_double_ge(weather_words(w), 1);
	}
}
END_TEST

START_TEST(jitter_that_ends)
{
	unsigned i;

	for (i = 0; i < 2; i++) {
		const struct weather *w = run(&(struct weather) {
			.late = jitter, .a = 3000, .b = 13000,
			.random_ms = 300, .pauses = i });

		is_as_before(w, 13 + 10);
		ck_assert_uint_le(weather_concealed(w, 4, WEATHER_S), 3);
		ck_assert_double_ge(weather_words(w), 0.95);
		ck_assert_double_ge(weather_worst_lag(w, 5, 13), 250);
		ck_assert_double_le(weather_worst_lag(w, 5, 13), 350);
	}
}
END_TEST

/* Nobody talks to somebody who hears a second later. */
START_TEST(jitter_beyond_all_bounds)
{
	const struct weather *w = run(&(struct weather) {
		.late = jitter, .b = 1e9, .random_ms = 1000 });

	ck_assert_double_le(weather_worst_lag(w, 5, WEATHER_S), 800);
	ck_assert_double_ge(weather_worst_lag(w, 5, WEATHER_S), 580);
}
END_TEST

/* A stall of 200 ms each second counts as jitter. */
static double
each_second(struct weather *w, double ms)
{
	(void)w;
	return fmax(200 - fmod(ms, 1000), 0);
}

START_TEST(stalls_that_go_on)
{
	const struct weather *w = run(&(struct weather) {
		.late = each_second });

	ck_assert_uint_le(weather_concealed(w, 0, 4), 20);
	ck_assert_uint_eq(weather_concealed(w, 4, WEATHER_S), 0);
	ck_assert_double_le(weather_worst_lag(w, 4, WEATHER_S), 200 + EVEN_MS);
}
END_TEST

/* A longer way for some seconds. */
static double
detour(struct weather *w, double ms)
{
	return ms >= 8000 && ms < 16000 ? w->a : 0;
}

START_TEST(detours)
{
	const struct weather *w = run(&(struct weather) { .late = detour,
		.a = 150, .pauses = true });

	steps_are_small(w);
	ck_assert_uint_le(weather_concealed(w, 0, WEATHER_S), 8);
	ck_assert_double_le(weather_worst_lag(w, 8, 23), 150 + EVEN_MS);
	ck_assert_double_le(weather_worst_lag(w, 26, WEATHER_S), EVEN_MS);
}
END_TEST

START_TEST(drifts)
{
	static const double drift_ppm[] = { -500, -100, 100, 500 };
	unsigned i;

	for (i = 0; i < 8; i++) {
		const struct weather *w = run(&(struct weather) {
			.drift_ppm = drift_ppm[i / 2], .late = jitter,
			.b = 1e9, .random_ms = i % 2 * 10 });

		steps_are_small(w);
		ck_assert_uint_eq(weather_concealed(w, 0, WEATHER_S), 0);
		ck_assert_double_le(weather_worst_lag(w, 0, WEATHER_S),
		    EVEN_MS + CODEC_FRAME_MS);
		ck_assert_double_le(weather_dropped_ms(w),
		    fmax(-drift_ppm[i / 2] * WEATHER_S / 1000, 0) + 20);
	}
}
END_TEST

/* a percent are lost. */
static double
loss(struct weather *w, double ms)
{
	return weather_random(w, 100) < w->a ? -1 : jitter(w, ms);
}

START_TEST(losses)
{
	static const double percent[] = { 1, 5, 10 };
	unsigned i, unit, lost;

	for (i = 0; i < 6; i++) {
		const struct weather *w = run(&(struct weather) {
			.late = loss, .a = percent[i / 2], .fec = i % 2 });

		for (unit = lost = 0; unit < WEATHER_UNITS - 3; unit++)
			lost += !w->came[unit];
		/* At either end there may be one that was not due. */
		ck_assert_uint_ge(weather_concealed(w, 0, WEATHER_S) +
		    w->recovered + 1, lost);
		ck_assert_uint_le(weather_concealed(w, 0, WEATHER_S) +
		    w->recovered, lost + 2);
		if (w->fec)
			ck_assert_uint_ge(w->recovered, lost * 8 / 10);
		ck_assert_double_le(weather_worst_lag(w, 0, WEATHER_S),
		    EVEN_MS);
		ck_assert_double_le(weather_dropped_ms(w), 0);
	}
}
END_TEST

/* Of what was lost, how much was heard all the same? */
static double
recovered(const struct weather *w)
{
	unsigned unit, lost = 0, heard = 0;

	for (unit = 0; unit < WEATHER_UNITS - 50; unit++) {
		lost += !w->came[unit];
		heard += !w->came[unit] &&
		    w->heard[unit] >= CODEC_FRAME / 4;
	}
	return (double)heard / lost;
}

/* The packet behind a lost one has it, if it is there in time. */
START_TEST(fec)
{
	const struct weather *w = run(&(struct weather) {
		.late = loss, .a = 5, .fec = true });

	ck_assert_double_ge(recovered(w), 0.8);
	w = run(&(struct weather) { .late = loss, .a = 5, .fec = true,
		.packet_ms = 60, .b = 1e9, .random_ms = 150 });
	ck_assert_double_ge(recovered(w), 0.6);
	w = run(&(struct weather) { .late = loss, .a = 5 });
	ck_assert_double_le(recovered(w), 0);
}
END_TEST

/* Each tenth packet is overtaken by the next four. */
static double
overtaken(struct weather *w, double ms)
{
	(void)w;
	return fmod(ms, 200) >= 180 ? 90 : 0;
}

START_TEST(reordering)
{
	const struct weather *w = run(&(struct weather) { .late = overtaken });

	steps_are_small(w);
	ck_assert_uint_le(weather_concealed(w, 0, 2), 4);
	ck_assert_uint_eq(weather_concealed(w, 2, WEATHER_S), 0);
	ck_assert_double_le(weather_worst_lag(w, 0, WEATHER_S), 90 + EVEN_MS);
}
END_TEST

START_TEST(duplicates)
{
	const struct weather *w = run(&(struct weather) { .twice = true });

	ck_assert_uint_eq(weather_concealed(w, 0, WEATHER_S), 0);
	ck_assert_double_le(weather_worst_lag(w, 0, WEATHER_S), EVEN_MS);
}
END_TEST

/* Silences on purpose, in which something is sent every 0.4 s. */
static double
pauses_of_dtx(struct weather *w, double ms)
{
	if (fmod(ms, 4000) >= 2000 && fmod(ms, 400) >= 20)
		return -1;
	return weather_random(w, 5);
}

START_TEST(dtx)
{
	const struct weather *w = run(&(struct weather) {
		.late = pauses_of_dtx });

	ck_assert_double_le(weather_worst_lag(w, 0, WEATHER_S), EVEN_MS);
	ck_assert_double_le(weather_dropped_ms(w), 0);
}
END_TEST

START_TEST(lengths_of_packets)
{
	static const unsigned packet_ms[] = { 5, 10, 40, 60, 120 };
	unsigned i;

	for (i = 0; i < 5; i++) {
		const struct weather *w = run(&(struct weather) {
			.packet_ms = packet_ms[i] });

		ck_assert_uint_eq(weather_concealed(w, 0, WEATHER_S), 0);
		ck_assert_double_le(weather_worst_lag(w, 0, WEATHER_S),
		    EVEN_MS);
	}
}
END_TEST

/* The peer's clock leaps, and its sequence numbers do not. */
static void
leap_far(struct weather_packet *packet, double ms)
{
	packet->rtp.timestamp += ms >= 10000 ? 0x40000000 : 0;
	packet->rtp.timestamp -= ms >= 16000 ? 0x70000000 : 0;
}

static void
leap_second(struct weather_packet *packet, double ms)
{
	packet->rtp.timestamp += ms >= 10000 ? CODEC_RATE : 0;
	packet->rtp.timestamp -= ms >= 16000 ? 2 * CODEC_RATE : 0;
}

static void
leap_little(struct weather_packet *packet, double ms)
{
	packet->rtp.timestamp += ms >= 10000 ? CODEC_RATE / 4 : 0;
	packet->rtp.timestamp -= ms >= 16000 ? CODEC_RATE / 2 : 0;
}

/* As if they were made to do harm: 2^31 and more apart from each other. */
static void
leap_always(struct weather_packet *packet, double ms)
{
	if (ms >= 10000 && ms < 16000)
		packet->rtp.timestamp *= 0x9e3779b1;
}

static void
stand_still(struct weather_packet *packet, double ms)
{
	if (ms >= 10000 && ms < 16000)
		packet->rtp.timestamp = 1;
}

START_TEST(leaps)
{
	static void (*const leap[])(struct weather_packet *, double) = {
		leap_far, leap_second, leap_little, leap_always, stand_still
	};
	unsigned i;

	for (i = 0; i < sizeof(leap) / sizeof(leap[0]); i++) {
		const struct weather *w = run(&(struct weather) {
			.change = leap[i], .pauses = true });

		is_as_before(w, 16 + 8);
		ck_assert_uint_le(weather_concealed(w, 0, WEATHER_S), 15);
		ck_assert_double_le(weather_dropped_ms(w), 300);
	}
}
END_TEST

/* It stands for 2 s in which nothing is sent, and goes on. */
static void
pause_clock(struct weather_packet *packet, double ms)
{
	packet->came_ms += ms >= 10000 ? 2000 : 0;
}

static void
pause_clock_late(struct weather_packet *packet, double ms)
{
	packet->came_ms += ms >= 27000 ? 2000 : 0;
}

START_TEST(a_clock_that_pauses)
{
	const struct weather *w = run(&(struct weather) {
		.change = pause_clock });

	ck_assert_uint_le(weather_concealed(w, 0, WEATHER_S), 100);
	ck_assert_double_le(weather_worst_lag(w, 13, WEATHER_S),
	    2000 + EVEN_MS + CODEC_FRAME_MS);
	ck_assert_double_le(weather_dropped_ms(w), 2000);
	/* All of it comes 2 s later than before, but no sound waits so long. */
	w = run(&(struct weather) { .change = pause_clock_late });
	ck_assert_double_le(w->delay_ms, 700);
}
END_TEST

static void
begin_again(struct weather_packet *packet, double ms)
{
	if (ms < 10000)
		return;
	packet->rtp.ssrc = 1;
	packet->rtp.sequence = (uint16_t)(packet->rtp.sequence + 40000);
	packet->rtp.timestamp += 0x87654321;
}

START_TEST(another_stream)
{
	const struct weather *w = run(&(struct weather) {
		.change = begin_again });

	ck_assert_double_le(weather_worst_lag(w, 0, WEATHER_S), EVEN_MS);
	ck_assert_double_le(weather_dropped_ms(w), 40);
}
END_TEST

START_TEST(suspended)
{
	static const double asleep_ms[] = { 1200, 3000 };
	unsigned i;

	for (i = 0; i < 2; i++) {
		const struct weather *w = run(&(struct weather) {
			.asleep_ms = 5000, .asleep_for_ms = asleep_ms[i],
			.pauses = true });

		steps_are_small(w);
		is_as_before(w, 5 + asleep_ms[i] / 1000 + 10);
		ck_assert_uint_eq(weather_concealed(w, 0, WEATHER_S), 0);
		ck_assert_double_le(weather_dropped_ms(w), asleep_ms[i] + 40);
	}
}
END_TEST

/* Of ten seconds that come late four are kept; the rest is over. */
START_TEST(too_late_to_be_said)
{
	const struct weather *w = run(&(struct weather) { .late = stall,
		.a = 10000, .pauses = true });

	ck_assert_double_le(weather_worst_lag(w, STALL_S, WEATHER_S), 4100);
	is_as_before(w, STALL_S + 10 + 12);
}
END_TEST

UNIT_SUITE(jitter_weather, even, stalls, stalls_of_other_packets,
    little_by_little, lost_is_given_back_first, outages, bursts, jitters,
    jitter_that_ends, jitter_beyond_all_bounds, stalls_that_go_on, detours,
    drifts, losses, fec, reordering, duplicates, dtx, lengths_of_packets, leaps,
    a_clock_that_pauses, another_stream, suspended, too_late_to_be_said)
