/*
 * timeline: RTP timestamps as times that neither wrap nor leap. Pure; called
 * by jitter. See timeline.h.
 */
#include "media/audio/timeline.h"

#include "media/audio/codec.h"

/*
 * No network delivers a packet this far ahead of the fastest recent one. A
 * stall before it would have made it late, not early.
 */
#define LEAP (CODEC_RATE / 2)

/* Note a packet older than the newest. Return false if it is a duplicate. */
static bool
is_first(struct timeline *timeline, unsigned before)
{
	uint64_t bit = before < 64 ? 1ULL << before : 0;
	bool is = !(timeline->seen & bit);

	timeline->seen |= bit;
	return is;
}

static bool
leapt(const struct timeline *timeline, int32_t step, int64_t now,
    int64_t fastest)
{
	if (step <= 0)
		return true;
	return step > LEAP &&
	    now - (timeline->time + step) < fastest - LEAP;
}

static void
note_newest(struct timeline *timeline, const struct rtp *rtp, int64_t span,
    int64_t time, int64_t now)
{
	uint16_t ahead = (uint16_t)(rtp->sequence - timeline->sequence);

	timeline->seen = timeline->any && ahead < 64 ?
	    timeline->seen << ahead | 1 : 1;
	timeline->any = true;
	timeline->timestamp = rtp->timestamp;
	timeline->sequence = rtp->sequence;
	timeline->time = time;
	timeline->span = span;
	timeline->came = now;
}

/*
 * Return a time behind the packet before, later by the difference of arrivals.
 */
static int64_t
after_leap(const struct timeline *timeline, int64_t now)
{
	int64_t elapsed = now - timeline->came;

	return timeline->time +
	    (elapsed > timeline->span ? elapsed : timeline->span);
}

bool
timeline_place(struct timeline *timeline, const struct rtp *rtp, int64_t span,
    int64_t now, int64_t fastest, int64_t *time)
{
	int16_t ahead = (int16_t)(rtp->sequence - timeline->sequence);
	int32_t step = (int32_t)(rtp->timestamp - timeline->timestamp);

	*time = timeline->time + step;
	if (timeline->any && ahead <= 0)
		return step < 0 && is_first(timeline, (unsigned)-ahead);
	if (!timeline->any)
		*time = now;
	else if (leapt(timeline, step, now, fastest))
		*time = after_leap(timeline, now);
	note_newest(timeline, rtp, span, *time, now);
	return true;
}

int64_t
timeline_end(const struct timeline *timeline)
{
	return timeline->time + timeline->span;
}
