/*
 * weather: the simulation behind the tests of the jitter buffer. See weather.h.
 */
#include "weather.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "media/audio/jitter.h"

#define LOUD 28000			/* 24 dB over any pause */
#define START_NS (1000 * CLOCK_S)
#define PACKETS_MAX (WEATHER_S * 500)
#define PAIRS (CODEC_FRAME / 2)
#define LAST_UNIT (WEATHER_UNITS - 50)

/*
 * The stub. A payload is its span and where its sound begins, both in samples,
 * and a byte that says if it has FEC. Of two samples in a row the mean is the
 * unit's number, from 1. What is made up is 0.
 */
struct codec {
	bool pauses;
};

static void
speak(const struct codec *codec, int16_t *pcm, uint32_t from, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		uint32_t at = from + (uint32_t)i, unit = at / CODEC_FRAME;
		int wave = at % 2 ? LOUD : -LOUD;

		if (codec->pauses && unit % WEATHER_WORD >=
		    WEATHER_WORD * 4 / 5)
			wave = 0;
		pcm[i] = (int16_t)((int)(unit + 1) + wave);
	}
}

static uint32_t
number(const uint8_t *bytes)
{
	uint32_t n;

	memcpy(&n, bytes, sizeof(n));
	return n;
}

ssize_t
codec_span(const uint8_t *packet, size_t len)
{
	return len == WEATHER_PAYLOAD ? (ssize_t)number(packet) : -EBADMSG;
}

ssize_t
codec_decode(struct codec *codec, int16_t pcm[static CODEC_SPAN_MAX],
    const uint8_t *packet, size_t len)
{
	(void)len;
	speak(codec, pcm, number(packet + 4), number(packet));
	return (ssize_t)number(packet);
}

void
codec_conceal(struct codec *codec, int16_t *pcm, size_t samples)
{
	(void)codec;
	if (samples == 0 || samples % CODEC_UNIT != 0)
		abort();
	memset(pcm, 0, samples * sizeof(*pcm));
}

size_t
codec_fec_span(const uint8_t *packet, size_t len)
{
	(void)len;
	return packet[8] ? number(packet) : 0;
}

void
codec_recover(struct codec *codec, int16_t *pcm, size_t samples,
    const uint8_t *next, size_t len)
{
	(void)len;
	speak(codec, pcm, number(next + 4) - (uint32_t)samples, samples);
}

double
weather_random(struct weather *weather, double most)
{
	weather->random = weather->random * 1103515245 + 12345;
	return (weather->random >> 8) % 10000 * most / 10000;
}

static int
by_arrival(const void *a, const void *b)
{
	const struct weather_packet *x = a, *y = b;

	if (x->came_ms != y->came_ms)
		return x->came_ms < y->came_ms ? -1 : 1;
	return x->from < y->from ? -1 : x->from > y->from;
}

static void
send_one(struct weather *w, struct weather_packet *packet, unsigned n)
{
	uint32_t span = w->packet_ms * CODEC_RATE / 1000;
	double ms = n * w->packet_ms, late_ms;

	memset(packet, 0, sizeof(*packet));
	packet->from = n * span;
	memcpy(packet->payload, &span, sizeof(span));
	memcpy(packet->payload + 4, &packet->from, sizeof(packet->from));
	packet->payload[8] = w->fec;
	packet->rtp.timestamp = w->timestamp + packet->from;
	packet->rtp.sequence = (uint16_t)(w->sequence + n);
	packet->came_ms = ms * (1 + w->drift_ppm / 1e6) + w->phase_ms;
	if (w->change != NULL)
		w->change(packet, ms);
	late_ms = w->late != NULL ? w->late(w, ms) : 0;
	packet->came_ms = late_ms < 0 ? -1 : packet->came_ms + late_ms;
}

static unsigned
send_all(struct weather *w, struct weather_packet *packets)
{
	unsigned n, count = WEATHER_S * 1000 / w->packet_ms;

	for (n = 0; n < count; n++)
		send_one(w, &packets[n], n);
	qsort(packets, count, sizeof(packets[0]), by_arrival);
	/* Only now, because from here on they stay where they are. */
	for (n = 0; n < count; n++) {
		packets[n].rtp.payload = packets[n].payload;
		packets[n].rtp.payload_len = WEATHER_PAYLOAD;
	}
	return count;
}

/* The sound of the packet before, as redundant audio has it. */
static void
put_copy(struct weather *w, struct jitter *jitter,
    const struct weather_packet *packet, uint64_t now_ns)
{
	uint32_t span = number(packet->payload), from = packet->from - span;
	uint8_t payload[WEATHER_PAYLOAD] = { 0 };
	const struct red_block copy = { .offset = (uint16_t)span,
	    .data = payload, .len = sizeof(payload) };
	struct rtp lost;

	memcpy(payload, &span, sizeof(span));
	memcpy(payload + 4, &from, sizeof(from));
	red_receiver_packet(&w->copies, &packet->rtp);
	jitter_repeats(jitter);
	if (red_receiver_copy(&w->copies, &packet->rtp, &copy, 1, &lost) &&
	    jitter_put(jitter, &lost, now_ns) < 0)
		abort();
}

static void
put(struct weather *w, struct jitter *jitter,
    const struct weather_packet *packet, double ms)
{
	uint64_t now_ns = START_NS + (uint64_t)(ms * CLOCK_MS);

	if (jitter_put(jitter, &packet->rtp, now_ns) < 0)
		abort();
	if (w->red)
		put_copy(w, jitter, packet, now_ns);
}

/* All that comes until ms; another SSRC is another stream, as talk has it. */
static unsigned
put_until(struct weather *w, struct jitter *jitter,
    const struct weather_packet *packets, unsigned count, unsigned next,
    double ms)
{
	for (; next < count && packets[next].came_ms <= ms; next++) {
		const struct weather_packet *packet = &packets[next];
		uint32_t unit = packet->from / CODEC_FRAME;

		if (packet->came_ms < 0)
			continue;
		if (next > 0 && packet->rtp.ssrc != packets[next - 1].rtp.ssrc)
			jitter_reset(jitter);
		for (; unit * CODEC_FRAME < packet->from +
		    number(packet->payload); unit++)
			w->came[unit] = true;
		put(w, jitter, packet, packet->came_ms);
		if (w->twice && next >= 3 && packets[next - 3].came_ms >= 0)
			put(w, jitter, &packets[next - 3], packet->came_ms);
	}
	return next;
}

static int
by_number(const void *a, const void *b)
{
	long x = *(const long *)a, y = *(const long *)b;

	return x < y ? -1 : x > y;
}

/*
 * The mean of the units of a frame; below 0 if some of it is made up. Where
 * two pieces were joined some pairs make no sense: these are left out.
 */
static double
mean_unit(const int16_t pcm[static CODEC_FRAME])
{
	long units[PAIRS], median;
	double sum = 0, n = 0;
	unsigned i;

	for (i = 0; i < PAIRS; i++)
		units[i] = lround((pcm[2 * i] + pcm[2 * i + 1]) / 2.0) - 1;
	qsort(units, PAIRS, sizeof(units[0]), by_number);
	if (units[PAIRS / 10] < 0)
		return -1;
	median = units[PAIRS / 2];
	for (i = 0; i < PAIRS; i++)
		if (labs(units[i] - median) <= 2) {
			sum += (double)units[i];
			n++;
		}
	return sum / n;
}

/* What was heard in a frame that began at ms. */
static void
hear(struct weather *w, const int16_t pcm[static CODEC_FRAME], double ms)
{
	unsigned frame = (unsigned)(ms / CODEC_FRAME_MS), i;
	double unit = mean_unit(pcm);

	for (i = 0; i < CODEC_FRAME; i += 2) {
		long pair = lround((pcm[i] + pcm[i + 1]) / 2.0) - 1;

		if (pair >= 0 && pair < WEATHER_UNITS)
			w->heard[pair]++;
	}
	if (unit < 0)
		return;
	w->lag_ms[frame] = ms - w->phase_ms - unit * CODEC_FRAME_MS *
	    (1 + w->drift_ppm / 1e6);
	if (frame > 0 && w->lag_ms[frame - 1] >= 0)
		w->step[frame] = 1 + (w->lag_ms[frame - 1] -
		    w->lag_ms[frame]) / CODEC_FRAME_MS;
}

void
weather_run(struct weather *w)
{
	static struct weather_packet packets[PACKETS_MAX];
	struct codec codec = { .pauses = w->pauses };
	int16_t pcm[CODEC_FRAME];
	struct jitter *jitter;
	unsigned next = 0, count;
	double ms;

	w->packet_ms = w->packet_ms == 0 ? CODEC_FRAME_MS : w->packet_ms;
	w->phase_ms = w->phase_ms <= 0 ? 7 : w->phase_ms;
	for (next = 0; next < WEATHER_UNITS; next++)
		w->lag_ms[next] = -1;
	next = 0;
	count = send_all(w, packets);
	if (jitter_new(&jitter, &codec) < 0)
		abort();
	for (ms = 0; ms < WEATHER_S * 1000; ms += CODEC_FRAME_MS) {
		enum jitter_result result;

		if (w->asleep_for_ms > 0 && ms >= w->asleep_ms) {
			ms += w->asleep_for_ms;
			w->asleep_for_ms = 0;
		}
		next = put_until(w, jitter, packets, count, next, ms);
		result = jitter_get(jitter, pcm, START_NS +
		    (uint64_t)(ms * CLOCK_MS));
		w->concealed[(int)(ms / 1000)] += result == JITTER_CONCEALED;
		w->recovered += result == JITTER_RECOVERED;
		hear(w, pcm, ms);
	}
	w->delay_ms = jitter_delay_ms(jitter);
	jitter_free(jitter);
}

unsigned
weather_concealed(const struct weather *weather, unsigned from_s,
    unsigned to_s)
{
	unsigned sum = 0;

	for (; from_s < to_s; from_s++)
		sum += weather->concealed[from_s];
	return sum;
}

double
weather_worst_lag(const struct weather *weather, double from_s, double to_s)
{
	unsigned frame, end = (unsigned)(to_s * 50);
	double worst = 0;

	for (frame = (unsigned)(from_s * 50); frame < end; frame++)
		if (weather->lag_ms[frame] > worst)
			worst = weather->lag_ms[frame];
	return worst;
}

double
weather_lag(const struct weather *weather, double at_s)
{
	return weather->lag_ms[(unsigned)(at_s * 50)];
}

static double
part_heard(const struct weather *weather, unsigned unit)
{
	return fmin(weather->heard[unit], PAIRS) / PAIRS;
}

double
weather_dropped_ms(const struct weather *weather)
{
	double sum = 0;
	unsigned unit;

	for (unit = 0; unit < LAST_UNIT; unit++)
		if (weather->came[unit])
			sum += 1 - part_heard(weather, unit);
	return sum * CODEC_FRAME_MS;
}

double
weather_words(const struct weather *weather)
{
	const unsigned sound = WEATHER_WORD * 4 / 5;
	unsigned first, i, whole = 0, understood = 0;

	for (first = 0; first < LAST_UNIT; first += WEATHER_WORD) {
		double heard = 0;
		bool came = true;

		for (i = first; i < first + sound; i++) {
			came &= weather->came[i];
			heard += part_heard(weather, i);
		}
		whole += came;
		understood += came && heard >= sound / 2.0;
	}
	return (double)understood / whole;
}
