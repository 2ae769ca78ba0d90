/*
 * weather: a stream of packets through simulated network weather, the jitter
 * buffer, and what a listener would notice: the delay from mouth to ear, the
 * share of arrived speech that is heard, and the continuity. All time is
 * simulated. The codec is a stub (libmedia's is not linked) whose sound says
 * when it was spoken, in units of 20 ms.
 */
#ifndef RP_T_WEATHER_H
#define RP_T_WEATHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "media/audio/codec.h"
#include "media/rtp/red_receiver.h"
#include "wire/rtp.h"

#define WEATHER_S 30
#define WEATHER_UNITS (WEATHER_S * 50)
#define WEATHER_WORD 25		/* units; the last fifth may be a pause */
#define WEATHER_PAYLOAD 9

struct weather_packet {
	double came_ms;		/* below 0: lost */
	uint32_t from;		/* its sound's first sample */
	struct rtp rtp;
	uint8_t payload[WEATHER_PAYLOAD];
};

/* Zeroed but for what differs; the first part is the caller's. */
struct weather {
	unsigned packet_ms;	/* 0: 20 */
	bool pauses;		/* between words */
	bool fec;		/* each packet has the sound before it too */
	bool red;		/* each packet has a copy of the one before */
	bool twice;		/* each packet comes again, 60 ms later */
	double drift_ppm;	/* positive: the peer's clock is slow */
	double phase_ms;	/* of its packets to our frames; 0: 7 */
	uint32_t timestamp;	/* of the first packet */
	uint16_t sequence;
	double asleep_ms, asleep_for_ms;	/* no frame is asked for */
	/* Parameters of late: */
	double a, b, random_ms;
	/* By how many ms is late what is sent at ms? Below 0: it is lost. */
	double (*late)(struct weather *weather, double ms);
	/* NULL, or changes the packet that is sent at ms. */
	void (*change)(struct weather_packet *packet, double ms);

	unsigned random;
	struct red_receiver copies;
	unsigned concealed[WEATHER_S], recovered;	/* frames */
	double lag_ms[WEATHER_UNITS];	/* of each frame; below 0: made up */
	double step[WEATHER_UNITS];	/* of it behind the one before, frames */
	bool came[WEATHER_UNITS + 1];
	unsigned heard[WEATHER_UNITS + 1];	/* pairs of samples of each unit */
	double delay_ms;	/* the buffer's own opinion at the end */
};

/* From 0 to most, the same each time. */
double weather_random(struct weather *weather, double most);

void weather_run(struct weather *weather);

/* Of frames in [from_s, to_s): made up; the greatest and the mean lag. */
unsigned weather_concealed(const struct weather *weather, unsigned from_s,
    unsigned to_s);
double weather_worst_lag(const struct weather *weather, double from_s,
    double to_s);
double weather_lag(const struct weather *weather, double at_s);

/* ms of sound that came and was not heard, up to the last second. */
double weather_dropped_ms(const struct weather *weather);

/* Of the words that came whole, how many were heard by half or more? */
double weather_words(const struct weather *weather);

#endif
