/*
 * media_stats: the quality of a call's media so far, as the report shows it.
 */
#ifndef RP_DIAL_MEDIA_STATS_H
#define RP_DIAL_MEDIA_STATS_H

#include <stdint.h>

#include "media/rtp/badrtp.h"

struct media_stats {
	uint64_t packets_sent, packets_received, packets_lost;
	double loss_pct, jitter_ms, rtt_ms, mos;
	double silent_ms;	/* without expected audio */
	struct badrtp_counts bad;
};

#endif
