/*
 * audibility: sort frames of 20 ms into heard and missing, and forgive silence
 * with an innocent cause. Pure. See audibility.h.
 */
#include "media/audio/audibility.h"

/* Return the number of missing frames if the run ended now. */
static uint64_t
missing_of(const struct audibility *heard, bool goes_on)
{
	bool innocent = !heard->any || heard->leapt || heard->idle || !goes_on;
	uint64_t grace = heard->idle ? AUDIBILITY_REPORT : AUDIBILITY_GRACE;

	return innocent && heard->pending <= grace ? 0 : heard->pending;
}

/* Return how much of the run is a silence, on purpose or not. */
static uint64_t
silence(const struct audibility *heard, bool goes_on)
{
	uint64_t n = heard->excused +
	    (heard->idle ? heard->pending : missing_of(heard, goes_on));

	return n > AUDIBILITY_GRACE ? n : 0;
}

static void
end_run(struct audibility *heard, bool goes_on)
{
	uint64_t n = missing_of(heard, goes_on);

	heard->silent += silence(heard, goes_on);
	heard->total += n;
	heard->missing += n;
	heard->pending = heard->excused = heard->marked = 0;
	heard->leapt = heard->idle = false;
}

void
audibility_frame(struct audibility *heard, enum jitter_result result)
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
audibility_skip(struct audibility *heard, uint64_t n)
{
	if (heard->expects && !heard->over)
		heard->pending += n;
}

void
audibility_expect(struct audibility *heard, bool expects)
{
	if (expects == heard->expects)
		return;
	end_run(heard, false);
	heard->expects = expects;
	heard->any = false;
}

void
audibility_begin(struct audibility *heard)
{
	heard->over = false;
}

void
audibility_leap(struct audibility *heard)
{
	heard->leapt = true;
}

void
audibility_report(struct audibility *heard, bool idle, bool missed)
{
	if (idle && heard->pending > heard->marked) {
		heard->idle = true;
		heard->excused += heard->pending - heard->marked;
		heard->pending = heard->marked;
	} else if (missed) {
		heard->idle = false;
		heard->marked = heard->pending;
	}
}

void
audibility_bye(struct audibility *heard)
{
	end_run(heard, false);
	heard->over = true;
}

void
audibility_counts(const struct audibility *heard, uint64_t *missing,
    uint64_t *total)
{
	uint64_t tail = missing_of(heard, false);

	*missing = heard->missing + tail;
	*total = heard->total + tail;
}

double
audibility_missing_pct(const struct audibility *heard)
{
	uint64_t missing, total;

	audibility_counts(heard, &missing, &total);
	return total == 0 ? 0 : 100.0 * (double)missing / (double)total;
}

double
audibility_silent_ms(const struct audibility *heard)
{
	return (double)(heard->silent + silence(heard, false)) *
	    CODEC_FRAME_MS;
}
