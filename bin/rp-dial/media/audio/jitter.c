/*
 * jitter: keep packets until they are played, and fill gaps by FEC or
 * concealment. See jitter.h.
 */
#include "media/audio/jitter.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "media/audio/arrivals.h"
#include "media/audio/packets.h"
#include "media/audio/sound.h"
#include "media/audio/tempo.h"
#include "media/audio/timeline.h"

/* All times are in samples of CODEC_RATE. */
#define MS (CODEC_RATE / 1000)

/*
 * Audio waits for so long at least, and for the next frame to be played, which
 * is 10 ms more on average. Arrivals that are less even are known within half a
 * second. If packets repeat audio of those before them, it waits for a whole
 * frame. By then the packet behind a lost one has come.
 */
#define LEAST (5 * MS)
#define LEAST_REPEATED CODEC_FRAME
#define REPEATED_FOR 500	/* frames, 10 s: losses are seldom */
#define MARGIN (10 * MS)	/* over the spread of arrivals */
#define STRAY (2 * MS) /* of clocks, while arrivals are remembered */
/* Excess that is tolerated: one piece, and what clocks stray. */
#define SLACK (22 * MS)
#define SPREAD_MAX (600 * MS)	/* a longer delay makes a talk useless */
#define WAIT_MAX (4000 * MS)	/* older audio is useless */

#define EVERY_IN 2		/* frames between pieces that are inserted */
#define EVERY_REST 10		/* and between rests that are dropped */

struct jitter {
	struct codec *codec;
	struct arrivals arrivals;
	struct timeline timeline;
	bool started;			/* to play */
	int64_t position;		/* decoded up to here */
	int64_t made_up;		/* since then, for missing audio */
	/* When the latest packet was needed, less the delay removed since: */
	int64_t early; /* how early the fastest would have been */
	int64_t waiting;		/* received audio from there on */
	struct tempo tempo;
	unsigned repeated_for;		/* frames in which audio may repeat */
	enum jitter_result result;	/* the kind of the audio's end */
	struct sound sound;
	double delay_ms;
	struct packets packets;
};

static int64_t
samples(uint64_t ns)
{
	return (int64_t)(ns / 1000 * MS / 1000);
}

static int64_t
least_of(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t
most_of(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

int
jitter_new(struct jitter **out, struct codec *codec)
{
	struct jitter *jitter = calloc(1, sizeof(*jitter));

	if (jitter == NULL)
		return -ENOMEM;
	jitter->codec = codec;
	jitter_reset(jitter);
	*out = jitter;
	return 0;
}

void
jitter_free(struct jitter *jitter)
{
	free(jitter);
}

void
jitter_reset(struct jitter *jitter)
{
	memset(&jitter->arrivals, 0, sizeof(jitter->arrivals));
	packets_clear(&jitter->packets);
	memset(&jitter->timeline, 0, sizeof(jitter->timeline));
	jitter->started = false;
	jitter->made_up = 0;
	memset(&jitter->tempo, 0, sizeof(jitter->tempo));
	jitter->repeated_for = 0;
	jitter->sound.loud = 0;
	jitter->sound.have = 0;
	jitter->delay_ms = 0;
}

/* Return whether later audio was played already. */
static bool
is_late(const struct jitter *jitter, int64_t time)
{
	return time + CODEC_UNIT <= jitter->position;
}

static void
make_room(struct jitter *jitter, int64_t end)
{
	const struct packet *first = packets_first(&jitter->packets);

	while (first != NULL && (jitter->packets.n == PACKETS_MAX ||
	    end - first->time > WAIT_MAX)) {
		jitter->position = first->time + first->span;
		jitter->made_up = 0;
		packets_drop_first(&jitter->packets);
		first = packets_first(&jitter->packets);
	}
}

void
jitter_repeats(struct jitter *jitter)
{
	jitter->repeated_for = REPEATED_FOR;
}

int
jitter_put(struct jitter *jitter, const struct rtp *rtp, uint64_t now_ns)
{
	ssize_t span = codec_span(rtp->payload, rtp->payload_len);
	int64_t now = samples(now_ns), time;

	if (span < 0)
		return -EBADMSG;
	if (!timeline_place(&jitter->timeline, rtp, span, now,
	    arrivals_base(&jitter->arrivals), &time))
		return 0;
	arrivals_add(&jitter->arrivals, now - time, now);
	if (codec_fec_span(rtp->payload, rtp->payload_len) > 0)
		jitter_repeats(jitter);
	if (jitter->started && is_late(jitter, time))
		return 0;
	make_room(jitter, time + span);
	packets_insert(&jitter->packets, time, span, rtp->payload,
	    rtp->payload_len);
	return 0;
}

/* Return where the next audio to decode begins, if the gap is that long. */
static int64_t
next_time(const struct jitter *jitter)
{
	return jitter->position + jitter->made_up;
}

static int64_t
spread(const struct jitter *jitter)
{
	return least_of(arrivals_spread(&jitter->arrivals), SPREAD_MAX);
}

/* Return how early packets should be, however evenly they come. */
static int64_t
least_even(const struct jitter *jitter)
{
	return least_of(jitter->repeated_for > 0 ? LEAST_REPEATED : LEAST,
	    jitter->timeline.span);
}

/* Return how early packets should be. */
static int64_t
least(const struct jitter *jitter)
{
	return most_of(least_even(jitter), spread(jitter) + STRAY);
}

static int64_t
enough(const struct jitter *jitter)
{
	return most_of(least(jitter), spread(jitter) + MARGIN);
}

/* Return how much of the delay can be removed now; it may be negative. */
static int64_t
excess(const struct jitter *jitter)
{
	return least_of(jitter->early, jitter->waiting) - enough(jitter);
}

/* Packets that are shorter than a frame come one after another. */
static bool
start_playing(struct jitter *jitter, int64_t due)
{
	const struct packet *first = packets_first(&jitter->packets);
	int64_t rest;

	if (first == NULL)
		return false;
	rest = most_of(CODEC_FRAME - first->span, 0);
	if (due - first->time - arrivals_base(&jitter->arrivals) <
	    least_even(jitter) + rest)
		return false;
	jitter->position = first->time;
	jitter->started = true;
	return true;
}

static void
make_up(struct jitter *jitter, size_t n)
{
	codec_conceal(jitter->codec, sound_end(&jitter->sound), n);
	sound_add(&jitter->sound, n);
	jitter->made_up += (int64_t)n;
	jitter->result = JITTER_CONCEALED;
}

static void
recover(struct jitter *jitter, const struct packet *next, size_t n)
{
	codec_recover(jitter->codec, sound_end(&jitter->sound), n,
	    next->payload, next->len);
	sound_add(&jitter->sound, n);
	jitter->made_up += (int64_t)n;
	jitter->result = JITTER_RECOVERED;
}

/*
 * Fill a gap of CODEC_UNIT or more before the next packet. If delay is to be
 * removed, only a frame of a longer gap is filled.
 */
static void
fill_gap(struct jitter *jitter, const struct packet *next)
{
	int64_t missing = next->time - next_time(jitter);
	size_t fec = codec_fec_span(next->payload, next->len);
	int64_t before_fec = missing - (int64_t)fec;

	if (fec > 0 && before_fec >= 0 && before_fec < CODEC_UNIT) {
		recover(jitter, next, fec);
		return;
	}
	if (before_fec > 0)
		missing = before_fec;
	if (missing <= CODEC_FRAME) {
		make_up(jitter, (size_t)(missing - missing % CODEC_UNIT));
		return;
	}
	if (excess(jitter) > SLACK)
		jitter->made_up += least_of(missing - CODEC_FRAME,
		    excess(jitter));
	make_up(jitter, CODEC_FRAME);
}

static void
decode(struct jitter *jitter, const struct packet *packet)
{
	ssize_t n = codec_decode(jitter->codec, sound_end(&jitter->sound),
	    packet->payload, packet->len);

	sound_add(&jitter->sound, n > 0 ? (size_t)n : CODEC_FRAME);
	jitter->made_up = n > 0 ? 0 : jitter->made_up + CODEC_FRAME;
	jitter->result = n > 0 ? JITTER_VOICE : JITTER_CONCEALED;
	if (n > 0)
		jitter->position = packet->time + n;
	do
		packets_drop_first(&jitter->packets);
	while ((packet = packets_first(&jitter->packets)) != NULL &&
	    is_late(jitter, packet->time));
}

/* Return the next packet, if nothing is missing before it. */
static const struct packet *
next_packet(const struct jitter *jitter)
{
	const struct packet *next = packets_first(&jitter->packets);

	return next != NULL && next->time - next_time(jitter) < CODEC_UNIT ?
	    next : NULL;
}

static void
fetch(struct jitter *jitter, int64_t due)
{
	const struct packet *first = packets_first(&jitter->packets);
	const struct packet *next = next_packet(jitter);

	jitter->early = due - next_time(jitter) -
	    arrivals_base(&jitter->arrivals);
	jitter->waiting = timeline_end(&jitter->timeline) - next_time(jitter);
	if (next != NULL)
		decode(jitter, next);
	else if (first != NULL)
		fill_gap(jitter, first);
	else
		make_up(jitter, CODEC_FRAME);
}

static void
give_back(struct jitter *jitter, bool quiet)
{
	const struct packet *next;
	size_t n;

	if (!tempo_due(&jitter->tempo, excess(jitter), quiet))
		return;
	while (jitter->sound.have < 2 * CODEC_FRAME &&
	    (next = next_packet(jitter)) != NULL)
		decode(jitter, next);
	n = sound_shorten(&jitter->sound, quiet,
	    tempo_fit(&jitter->tempo, excess(jitter)));
	if (n == 0)
		return;
	jitter->early -= (int64_t)n;
	jitter->waiting -= (int64_t)n;
	tempo_step(&jitter->tempo);
}

static void
wait_longer(struct jitter *jitter, bool quiet)
{
	if (jitter->tempo.since_step < EVERY_IN)
		return;
	jitter->early += (int64_t)sound_lengthen(&jitter->sound, quiet);
	tempo_step(&jitter->tempo);
}

/*
 * Drop a packet's rest in a silence. After pieces of less than a frame a rest
 * always remains, which is delay that makes no packet earlier.
 */
static void
drop_rest(struct jitter *jitter)
{
	if (jitter->tempo.since_step >= EVERY_REST &&
	    sound_drop_rest(&jitter->sound))
		tempo_step(&jitter->tempo);
}

static void
adjust(struct jitter *jitter)
{
	bool quiet = sound_quiet(&jitter->sound);

	tempo_frame(&jitter->tempo, jitter->early - enough(jitter) > SLACK);
	if (jitter->made_up > 0)
		return;
	if (jitter->early < least(jitter))
		wait_longer(jitter, quiet);
	else if (excess(jitter) > SLACK)
		give_back(jitter, quiet);
	else if (quiet)
		drop_rest(jitter);
}

/*
 * Measure by how much audio is played later than the fastest packet allows, as
 * a moving average of half a second.
 */
static void
measure(struct jitter *jitter, int64_t due)
{
	int64_t front = next_time(jitter) - (int64_t)jitter->sound.have;
	int64_t delay = due - front - arrivals_base(&jitter->arrivals);
	int64_t there = timeline_end(&jitter->timeline) - front;

	/* No more than this can wait, whatever the peer's clock says. */
	delay = most_of(least_of(delay, there + spread(jitter)), 0);
	jitter->delay_ms += ((double)delay / MS - jitter->delay_ms) / 25;
}

enum jitter_result
jitter_get(struct jitter *jitter, int16_t pcm[static CODEC_FRAME],
    uint64_t due_ns)
{
	int64_t due = samples(due_ns);

	if (!jitter->started && !start_playing(jitter, due)) {
		memset(pcm, 0, CODEC_FRAME * sizeof(*pcm));
		return JITTER_NOTHING;
	}
	while (jitter->sound.have < CODEC_FRAME)
		fetch(jitter, due);
	adjust(jitter);
	measure(jitter, due);
	jitter->repeated_for -= jitter->repeated_for > 0;
	sound_take(&jitter->sound, pcm);
	return jitter->result;
}

double
jitter_delay_ms(const struct jitter *jitter)
{
	return jitter->delay_ms;
}
