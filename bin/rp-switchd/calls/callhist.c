/*
 * callhist: add an ended call to the histograms of duration, loss and jitter.
 * See callhist.h.
 */
#include "calls/callhist.h"

#include <stdlib.h>

#include "calls/callfsm.h"
#include "ops/metrics.h"
#include "table/callstats.h"

struct callhist {
	struct metrics_histogram *seconds, *loss, *jitter;
};

#define N(array) (sizeof(array) / sizeof((array)[0]))

struct callhist *
callhist_new(struct metrics *metrics)
{
	static const double seconds[] = { 5, 15, 60, 180, 600, 1800, 3600 };
	static const double loss[] = { 0.001, 0.005, 0.01, 0.02, 0.05, 0.1,
	    0.2 };
	static const double jitter[] = { 0.001, 0.002, 0.005, 0.01, 0.02,
	    0.05, 0.1 };
	struct callhist *hist = calloc(1, sizeof(*hist));

	if (hist == NULL)
		return NULL;
	hist->seconds = metrics_histogram(metrics, "rp_call_seconds",
	    "Length of finished calls, from the answer on.",
	    seconds, N(seconds));
	hist->loss = metrics_histogram(metrics, "rp_call_loss_ratio",
	    "Share of packets lost from a party, once per finished call.",
	    loss, N(loss));
	hist->jitter = metrics_histogram(metrics, "rp_call_jitter_seconds",
	    "Jitter of packets from a party, once per finished call.",
	    jitter, N(jitter));
	return hist;
}

void
callhist_free(struct callhist *hist)
{
	free(hist);
}

void
callhist_observe(struct callhist *hist, const struct callfsm *call,
    const struct callstats *stats)
{
	size_t i;

	if (call->answered_ms == 0)
		return;
	metrics_observe(hist->seconds,
	    (double)(call->ended_ms - call->answered_ms) / 1000);
	for (i = 0; i < stats->n; i++) {
		const struct callstats_party *party = &stats->party[i];

		if (party->rtp.packets == 0)
			continue;
		metrics_observe(hist->loss, callstats_loss_pct(party) / 100);
		metrics_observe(hist->jitter, party->rtp.jitter_us / 1e6);
	}
}
