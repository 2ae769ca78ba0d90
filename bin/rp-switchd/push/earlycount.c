/*
 * earlycount: counters of what pushes carry beside the call. See earlycount.h.
 */
#include "push/earlycount.h"

#include <stdio.h>

#include "ops/metrics.h"
#include "wire/pushearly.h"

static uint64_t *
counter(struct metrics *metrics, const char *part, const char *why)
{
	char labels[64];

	snprintf(labels, sizeof(labels), "part=\"%s\",reason=\"%s\"", part,
	    why);
	return metrics_counter(metrics, "rp_push_early_left_out_total", labels,
	    "Pushes of calls without a part of what lets a device begin early.");
}

void
earlycount_init(struct earlycount *count, struct metrics *metrics)
{
	static const char *const reasons[EARLYCOUNT_N] = {
		[EARLYCOUNT_OFF] = "off", [EARLYCOUNT_LATE] = "late-offer",
		[EARLYCOUNT_PLAIN] = "no-keys", [EARLYCOUNT_SIZE] = "size"
	};
	int i;

	count->with = metrics_counter(metrics, "rp_push_early_total", "",
	    "Pushes of calls that let the device begin early.");
	count->no_addresses = counter(metrics, "addresses", "size");
	count->no_offer = counter(metrics, "offer", "size");
	count->lines = counter(metrics, "offer", "lines");
	for (i = 0; i < EARLYCOUNT_N; i++)
		count->without[i] = counter(metrics, "all", reasons[i]);
}

void
earlycount_note(struct earlycount *count, unsigned missing,
    enum earlycount_why why)
{
	if (missing == PUSHEARLY_ALL) {
		++*count->without[why];
		return;
	}
	++*count->with;
	*count->no_addresses += (missing & PUSHEARLY_ADDRESSES) != 0;
	*count->no_offer += (missing & PUSHEARLY_OFFER) != 0;
	*count->lines += (missing & PUSHEARLY_LINES) != 0;
}
