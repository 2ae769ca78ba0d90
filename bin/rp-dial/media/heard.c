#include "heard.h"

/* What a run of missing frames counts for if it ended now. */
static uint64_t
run(const struct heard *heard, bool goes_on)
{
	bool innocent = !heard->any || heard->leapt || !goes_on;

	return innocent && heard->pending <= HEARD_GRACE ? 0 : heard->pending;
}

static void
end_run(struct heard *heard, bool goes_on)
{
	uint64_t n = run(heard, goes_on);

	heard->total += n;
	heard->missing += n;
	if (n > HEARD_GRACE)
		heard->silent += n;
	heard->pending = 0;
	heard->leapt = false;
}

void
heard_frame(struct heard *heard, enum jitter_result result)
{
	if (result == JITTER_VOICE || result == JITTER_RECOVERED) {
		end_run(heard, true);
		heard->any = true;
		heard->total++;
	} else if (heard->expects && !heard->over) {
		heard->pending++;
	}
}

void
heard_begin(struct heard *heard)
{
	heard->over = false;
}

void
heard_leap(struct heard *heard)
{
	heard->leapt = true;
}

void
heard_bye(struct heard *heard)
{
	end_run(heard, false);
	heard->over = true;
}

double
heard_missing_pct(const struct heard *heard)
{
	uint64_t tail = run(heard, false);
	uint64_t total = heard->total + tail;

	return total == 0 ? 0 :
	    100.0 * (double)(heard->missing + tail) / (double)total;
}

double
heard_silent_ms(const struct heard *heard)
{
	uint64_t tail = run(heard, false);

	return (double)(heard->silent + tail) * CODEC_FRAME_MS;
}
