/*
 * tempo: a table of speeds. Pure; called by jitter. See tempo.h.
 */
#include "media/audio/tempo.h"

#include "media/audio/codec.h"

#define MS (CODEC_RATE / 1000)

/* More excess than this is noticed, makes people interrupt, stops a talk. */
#define NOTABLE (120 * MS)
#define DISTURBING (400 * MS)
#define UNBEARABLE (1000 * MS)

/*
 * How delay is given back in words: one piece in so many frames at most, and by
 * how much the fit that is required falls with each frame of waiting. Three
 * seconds of excess are removed within ten, even without a silence. Slower cuts
 * in better places are understood better. For a stall of 0.3 s in ten seconds
 * STOI is 0.98 with these figures. It was 0.94 with a piece in three frames,
 * wherever it fitted best.
 */
static const struct speed {
	int64_t over;		/* the excess, in samples */
	unsigned every;
	double relent;
} speeds[] = {
	{ UNBEARABLE, 2, 0.1 },
	{ DISTURBING, 4, 0.04 },
	{ NOTABLE, 8, 0.01 },
	{ INT64_MIN, 25, 0.01 }	/* two pieces per second are not heard */
};

#define FIT 0.98	/* of a steady vowel */

/* Frames between pieces in silences. Nobody misses those. */
#define EVERY_QUIET 10
#define EVERY_QUIET_NOTABLE 1

/* A small excess waits so many frames for a silence. */
#define FOR_SILENCE 25

void
tempo_frame(struct tempo *tempo, bool in_excess)
{
	tempo->since_step++;
	tempo->in_excess = in_excess ? tempo->in_excess + 1 : 0;
}

static const struct speed *
speed_of(int64_t excess)
{
	const struct speed *speed = speeds;

	while (excess <= speed->over)
		speed++;
	return speed;
}

bool
tempo_due(const struct tempo *tempo, int64_t excess, bool quiet)
{
	if (quiet)
		return tempo->since_step >= (excess > NOTABLE ?
		    EVERY_QUIET_NOTABLE : EVERY_QUIET);
	if (excess <= NOTABLE && tempo->in_excess < FOR_SILENCE)
		return false;
	return tempo->since_step >= speed_of(excess)->every;
}

double
tempo_fit(const struct tempo *tempo, int64_t excess)
{
	return FIT - speed_of(excess)->relent * tempo->since_step;
}

void
tempo_step(struct tempo *tempo)
{
	tempo->since_step = 0;
}
