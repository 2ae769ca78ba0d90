/*
 * media_stats: the quality of a call's media so far, as the report shows it, in
 * both directions.
 */
#ifndef RP_DIAL_MEDIA_STATS_H
#define RP_DIAL_MEDIA_STATS_H

#include <stdbool.h>
#include <stdint.h>

#include "media/rtp/badrtp.h"

/* The least, sum and most of a figure's samples; zeroed: no samples. */
struct media_spread {
	double min, max, sum;
	uint64_t n;
};

/* The course of one direction, and its newest samples. */
struct media_course {
	struct media_spread loss_pct, jitter_ms, rtt_ms, mos;
	double last_loss_pct, last_mos;
};

/* The peer's RTCP about our sound. */
struct media_remote {
	uint64_t reports;	/* 0: no report has come, and no figure counts */
	double loss_pct, jitter_ms, rtt_ms, mos;
	struct media_course course;	/* a sample per report */
};

struct media_stats {
	uint64_t packets_sent, packets_received, packets_lost;
	uint64_t red_sent;	/* packets with a copy of the one before */
	uint64_t red_recovered;	/* lost packets of which a copy came */
	double loss_pct, jitter_ms, rtt_ms, mos;
	double silent_ms;	/* without expected audio */
	struct badrtp_counts bad;
	struct media_course course;	/* a sample per second */
	struct media_remote remote;
};

/* Add a sample. */
static inline void
media_spread_add(struct media_spread *spread, double value)
{
	if (spread->n == 0 || value < spread->min)
		spread->min = value;
	if (spread->n == 0 || value > spread->max)
		spread->max = value;
	spread->sum += value;
	spread->n++;
}

/* Return the score of the worse direction, of those that are known. */
static inline double
media_stats_worse(const struct media_stats *stats)
{
	bool remote = stats->remote.reports > 0 &&
	    stats->remote.mos < stats->mos;

	return remote ? stats->remote.mos : stats->mos;
}

#endif
