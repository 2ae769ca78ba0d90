/*
 * threshold: what a monitor finds too much of a round trip, and of loss, in the
 * form of check_ping: "100", or "100,5%". Pure.
 */
#ifndef RP_DIAL_THRESHOLD_H
#define RP_DIAL_THRESHOLD_H

#include <stdbool.h>

struct threshold {
	bool given;
	bool has_loss;
	double rtt_ms, loss_pct;	/* more than that is too much */
};

/* Parse one. Return -EINVAL for another form, or a loss above 100. */
int threshold_parse(struct threshold *out, const char *text);

/* Is one of them exceeded? */
bool threshold_exceeded(const struct threshold *threshold, double rtt_ms,
    double loss_pct);

#endif
