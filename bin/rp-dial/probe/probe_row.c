/* probe_row: sums over all paths, and their line. See probe_row.h. */
#include "probe/probe_row.h"

#include <stdio.h>

static double
more(double a, double b)
{
	return a > b ? a : b;
}

void
probe_row_add(struct probe_row_sum *out, const struct probe_row rows[],
    size_t n)
{
	struct probe_row_sum sum = { .n = n };
	size_t i;

	for (i = 0; i < n; i++) {
		const struct probe_way_result *r = rows[i].result;

		if (r->fault != PROBE_FAULT_NONE && sum.failed++ == 0)
			sum.first = &rows[i];
		sum.allocate_ms = more(sum.allocate_ms, r->allocate_ms);
		sum.rtt_ms = more(sum.rtt_ms, r->rtt_ms);
		sum.rtt_max_ms = more(sum.rtt_max_ms, r->rtt_max_ms);
		sum.sent += r->sent;
		sum.received += r->received;
	}
	if (sum.sent > 0)
		sum.loss_pct = (sum.sent - sum.received) * 100.0 / sum.sent;
	*out = sum;
}

const char *
probe_row_text(const struct probe_row_sum *sum,
    char text[static PROBE_ROW_TEXT])
{
	const struct probe_row *row = sum->first;

	if (row != NULL)
		snprintf(text, PROBE_ROW_TEXT, "%zu of %zu %s: %s %s: %s: %s",
		    sum->failed, sum->n, sum->failed == 1 ? "ways fails" :
		    "ways fail", row->transport, row->place,
		    probe_fault_text(row->result->fault), row->result->why);
	else
		snprintf(text, PROBE_ROW_TEXT, "%zu %s, echo %.2f ms "
		    "(worst %.2f), %u of %u packets", sum->n,
		    sum->n == 1 ? "way works" : "ways work", sum->rtt_ms,
		    sum->rtt_max_ms, sum->received, sum->sent);
	return text;
}
