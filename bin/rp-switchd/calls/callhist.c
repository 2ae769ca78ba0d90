/*
 * callhist: add calls to the histograms of their steps, duration, loss and
 * jitter. See callhist.h.
 */
#include "calls/callhist.h"

#include <stdio.h>
#include <stdlib.h>

#include "ops/metrics.h"
#include "table/callstats.h"

struct callhist {
	struct metrics_histogram *reached[CALL_ENDED];	/* NULL: no step */
	struct metrics_histogram *media, *seconds, *loss, *jitter;
};

#define BOUNDS(array) (&(const struct metrics_bounds){			\
	array, sizeof(array) / sizeof((array)[0]) })

/* The bounds lie around what a machine needs, or a device, or a person. */
static void
count_steps(struct callhist *hist, struct metrics *metrics)
{
	static const double machine[] = { 0.001, 0.0025, 0.005, 0.01, 0.025,
	    0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10 };
	static const double device[] = { 0.1, 0.25, 0.5, 1, 1.5, 2, 3, 5, 7.5,
	    10, 15, 20, 30 };
	static const double person[] = { 0.5, 1, 2, 3, 5, 7.5, 10, 15, 20, 30,
	    45, 60 };

	hist->reached[CALL_PUSHED] = metrics_histogram(metrics,
	    "rp_call_push_seconds", "", "Time from INITIATE until the first "
	    "push was handed to push.command.", BOUNDS(machine));
	hist->reached[CALL_RINGING] = metrics_histogram(metrics,
	    "rp_call_ring_seconds", "",
	    "Time from INITIATE until the first device rang.", BOUNDS(device));
	hist->reached[CALL_ANSWERED] = metrics_histogram(metrics,
	    "rp_call_answer_seconds", "",
	    "Time from INITIATE until a device answered.", BOUNDS(person));
	hist->media = metrics_histogram(metrics, "rp_call_first_media_seconds",
	    "", "Time from the answer until both parties' media had passed, "
	    "once per finished call in which it did.", BOUNDS(machine));
}

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
	count_steps(hist, metrics);
	hist->seconds = metrics_histogram(metrics, "rp_call_seconds", "",
	    "Length of finished calls, from the answer on.",
	    BOUNDS(seconds));
	hist->loss = metrics_histogram(metrics, "rp_call_loss_ratio", "",
	    "Share of packets lost from a party, once per finished call.",
	    BOUNDS(loss));
	hist->jitter = metrics_histogram(metrics, "rp_call_jitter_seconds", "",
	    "Jitter of packets from a party, once per finished call.",
	    BOUNDS(jitter));
	return hist;
}

void
callhist_free(struct callhist *hist)
{
	free(hist);
}

void
callhist_reached(struct callhist *hist, enum call_state state,
    uint64_t after_ns)
{
	if (state < CALL_ENDED && hist->reached[state] != NULL)
		metrics_observe(hist->reached[state], (double)after_ns / 1e9);
}

/* Add the time from the answer until both parties had been heard. */
static void
observe_media(struct callhist *hist, const struct callfsm *call,
    const struct callstats *stats)
{
	const struct callstats_party *a, *b;
	double answered_s = (double)call->answered_ms / 1e3, media_s;
	char name[TURNCRED_PARTY];

	snprintf(name, sizeof(name), "b%d", call->winner);
	a = callstats_find(stats, "a");
	b = callstats_find(stats, name);
	if (a == NULL || b == NULL || a->media_ns == 0 || b->media_ns == 0)
		return;
	media_s = (double)(a->media_ns > b->media_ns ? a->media_ns :
	    b->media_ns) / 1e9;
	/* A device may send before it is answered. */
	metrics_observe(hist->media, media_s > answered_s ?
	    media_s - answered_s : 0);
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
	observe_media(hist, call, stats);
	for (i = 0; i < stats->n; i++) {
		const struct callstats_party *party = &stats->party[i];

		if (party->rtp.packets == 0)
			continue;
		metrics_observe(hist->loss, callstats_loss_pct(party) / 100);
		metrics_observe(hist->jitter, party->rtp.jitter_us / 1e6);
	}
}
