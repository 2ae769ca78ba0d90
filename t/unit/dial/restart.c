/*
 * When a call is given another route. First come scripts of timed events and
 * the actions that must follow. Then come whole repairs between two ends, one
 * or both of which may behave as rp-dial 0.1.0, and a count of their requests
 * until both are calm. Pauses are up to a quarter shorter by chance, and the
 * times allow for that.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call/restart.h"
#include "unit.h"

/*
 * "tick@3000/silent=2" "peer@9000/stuck" "refused@1/wait=5000" "tick@1/moved":
 * at so many milliseconds, silent for so many seconds.
 */
static struct restart_event
event_of(const char *word)
{
	static const char *const names[] = {
		[RESTART_ON_TICK] = "tick", [RESTART_ON_GRANTED] = "granted",
		[RESTART_ON_REFUSED] = "refused", [RESTART_ON_AWAY] = "away",
		[RESTART_ON_PEER] = "peer", [RESTART_ON_ANSWER] = "answer"
	};
	struct restart_event event = { .ready = true };
	size_t i, len = strcspn(word, "@");
	const char *at;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i]) == len &&
		    strncmp(names[i], word, len) == 0)
			break;
	ck_assert_msg(i < sizeof(names) / sizeof(names[0]), "%s", word);
	event.type = (enum restart_event_type)i;
	event.now_ns = strtoull(word + len + 1, NULL, 10) * CLOCK_MS;
	event.ready = strstr(word, "/unready") == NULL;
	event.moved = strstr(word, "/moved") != NULL;
	event.stuck = strstr(word, "/stuck") != NULL;
	at = strstr(word, "/silent=");
	if (at != NULL)
		event.silent_ms = (uint32_t)atoi(at + 8) * 1000;
	at = strstr(word, "/unheard=");
	event.unheard_ms = at != NULL ? (uint32_t)atoi(at + 9) * 1000 :
	    event.silent_ms;
	at = strstr(word, "/wait=");
	if (at != NULL)
		event.wait_ms = (uint32_t)atoi(at + 6);
	return event;
}

static const char *
text_of(enum restart_action action)
{
	static const char *const texts[] = {
		[RESTART_NOTHING] = "-", [RESTART_ASK] = "ask",
		[RESTART_OFFER] = "offer", [RESTART_ANSWER] = "answer",
		[RESTART_ANSWER_ASK] = "answer+ask",
		[RESTART_GIVE_UP] = "give-up"
	};

	return texts[action];
}

struct row {
	const char *script, *actions;
};

static void
check_rows(const struct row *rows, size_t n)
{
	char copy[400], got[400], *word, *rest;
	struct restart_event event;
	struct restart r;
	size_t i;

	for (i = 0; i < n; i++) {
		restart_init(&r);
		got[0] = '\0';
		ck_assert_uint_lt(strlen(rows[i].script), sizeof(copy));
		strcpy(copy, rows[i].script);
		for (word = strtok_r(copy, " ", &rest); word != NULL;
		    word = strtok_r(NULL, " ", &rest)) {
			event = event_of(word);
			strcat(got, *got != '\0' ? " " : "");
			strcat(got, text_of(restart_event(&r, &event)));
		}
		ck_assert_msg(strcmp(got, rows[i].actions) == 0,
		    "%s: %s, not %s", rows[i].script, got, rows[i].actions);
	}
}

#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof(rows[0]))

START_TEST(only_who_hears_nothing)
{
	static const struct row rows[] = {
		{ "tick@1000 tick@2000", "- -" },
		{ "tick@1000/silent=1", "-" },
		{ "tick@2000/silent=2", "ask" },
		{ "tick@2000/silent=2/unready", "-" },
		{ "tick@2000/silent=2 granted@2100/silent=2", "ask offer" },
		/* The outage was over before the answer came. */
		{ "tick@2000/silent=2 granted@9000", "ask -" },
		{ "tick@2000/silent=2 granted@2100/silent=2/unready",
		    "ask -" },
		/* Nobody hears it, and it was no use for long: no more. */
		{ "tick@40000/silent=31", "-" },
		/* Who is silent and away comes back first. */
		{ "away@1000 tick@3000/silent=2", "- -" },
	};

	CHECK_ROWS(rows);
}
END_TEST

START_TEST(one_at_a_time)
{
	static const struct row rows[] = {
		{ "tick@2000/silent=2 tick@3000/silent=3", "ask -" },
		{ "tick@2000/silent=2 granted@2100/silent=2 tick@9000/silent=9",
		    "ask offer -" },
		{ "tick@2000/silent=2 granted@2100/silent=2 "
		    "granted@2200/silent=2", "ask offer -" },
		/* Not answered for long: it is lost, or its way is. */
		{ "tick@2000/silent=2 granted@2100/silent=2 "
		    "tick@23000/silent=22", "ask offer ask" },
		/* Moved on meanwhile: again as soon as that is answered. */
		{ "tick@2000/moved granted@2100/moved tick@5000/moved "
		    "answer@6000/moved granted@6100/moved",
		    "ask offer - ask offer" },
		{ "tick@2000/moved granted@2100/moved answer@2200",
		    "ask offer -" },
		/* What was asked for on a connection that broke is lost. */
		{ "tick@2000/silent=2 away@12000 granted@15000/silent=3",
		    "ask - offer" },
	};

	CHECK_ROWS(rows);
}
END_TEST

#define SILENT_RESTART \
	"tick@2000/silent=2 granted@2000/silent=2 answer@2000/silent=2 "

START_TEST(pauses_double)
{
	static const struct row rows[] = {
		{ SILENT_RESTART "tick@3000/silent=3 tick@4000/silent=4",
		    "ask offer - - ask" },
		{ SILENT_RESTART "tick@4000/silent=4 granted@4000/silent=4 "
		    "answer@4000/silent=4 tick@6900/silent=6 tick@8000/silent=8",
		    "ask offer - ask offer - - ask" },
		{ SILENT_RESTART "tick@4000/silent=4 granted@4000/silent=4 "
		    "answer@4000/silent=4 tick@8000/silent=8 "
		    "granted@8000/silent=8 answer@8000/silent=8 "
		    "tick@13900/silent=13 tick@16000/silent=16",
		    "ask offer - ask offer - ask offer - - ask" },
		/* Heard for a moment: no reason to begin anew. */
		{ SILENT_RESTART "tick@4000/silent=4 granted@4000/silent=4 "
		    "answer@4000/silent=4 tick@5000 tick@6900/silent=2",
		    "ask offer - ask offer - - -" },
		/* Calm for some time: it is. */
		{ SILENT_RESTART "tick@4000/silent=4 granted@4000/silent=4 "
		    "answer@4000/silent=4 tick@25000 tick@30000/silent=2 "
		    "granted@30000/silent=2 answer@30000/silent=2 "
		    "tick@32000/silent=4",
		    "ask offer - ask offer - - ask offer - ask" },
		/* Who moves does not pause, unless it moves all the time. */
		{ SILENT_RESTART "tick@2400/moved tick@2600/moved",
		    "ask offer - - ask" },
	};

	CHECK_ROWS(rows);
}
END_TEST

START_TEST(comes_back)
{
	static const struct row rows[] = {
		/* From another address: at once. */
		{ "away@1000 granted@1100/moved", "- offer" },
		/* From the same, and the peer is heard: nothing moves. */
		{ "away@1000 granted@1100 away@2000 granted@2100",
		    "- - - -" },
		{ "away@1000 granted@1100 tick@2000 tick@3000 "
		    "granted@3100", "- - - - -" },
		/* It is not heard: a hint, with the pause of silence. */
		{ "away@1000 granted@1100 tick@2000/silent=1", "- - ask" },
		{ "away@1000 granted@1100 tick@7000/silent=1 "
		    "tick@8000/silent=2", "- - - ask" },
		{ "away@1000 granted@1100/silent=1", "- offer" },
		{ "away@1000 granted@1100/silent=1 answer@1200 away@2000 "
		    "granted@2100/silent=1", "- offer - - -" },
		{ "away@1000 granted@1100/silent=1 answer@1200 away@4000 "
		    "granted@4100/silent=1 answer@4200 away@6900 "
		    "granted@6950/silent=1", "- offer - - offer - - -" },
		{ "away@1000 granted@1100/silent=1 answer@1200 away@2000 "
		    "granted@2100/moved", "- offer - - offer" },
		{ "away@1000 granted@1100/silent=1/unready", "- -" },
		/* What the peer has offered meanwhile is as good. */
		{ "peer@1000 away@1500 granted@1600", "answer - -" },
	};

	CHECK_ROWS(rows);
}
END_TEST

START_TEST(waits_when_refused)
{
	static const struct row rows[] = {
		{ "tick@2000/silent=2 refused@2100/wait=5000 "
		    "tick@7000/silent=7 tick@7200/silent=7", "ask - - ask" },
		{ "tick@2000/moved refused@2100/wait=5000 tick@7000/moved "
		    "tick@7200/moved", "ask - - ask" },
		/* Of its own accord it would wait for some time as well. */
		{ "tick@2000/moved refused@2100 tick@3000/moved "
		    "tick@4200/moved refused@4300 tick@7200/moved "
		    "tick@8400/moved", "ask - - ask - - ask" },
		/* Refused while coming back, it is there all the same. */
		{ "away@1000 refused@1100/wait=3000 tick@5000/moved",
		    "- - ask" },
		/* An offer that is refused is none. */
		{ "tick@2000/moved granted@2100/moved refused@2200 "
		    "tick@5000/moved", "ask offer - ask" },
	};

	CHECK_ROWS(rows);
}
END_TEST

START_TEST(answers)
{
	static const struct row rows[] = {
		{ "peer@1000", "answer" },
		{ "peer@1000 peer@3000", "answer answer" },
		/* Its way did not work: ours may be wrong. */
		{ "peer@1000 peer@3000/stuck granted@3100",
		    "answer answer+ask offer" },
		{ "peer@1000 peer@3000/stuck tick@3500/silent=2",
		    "answer answer+ask -" },
		/* They were kept for us, and came together. */
		{ "peer@1000 peer@1010/stuck", "answer answer" },
		/* Once: theirs after ours may be in reaction to it. */
		{ "peer@1000 peer@3000/stuck granted@3100 answer@3200 "
		    "peer@5000/stuck peer@8000/stuck",
		    "answer answer+ask offer - answer answer" },
		/* Both at once: who takes theirs has none of its own left. */
		{ "tick@2000/moved granted@2100/moved peer@2200 tick@3000/moved",
		    "ask offer answer ask" },
		/* Silence that theirs is about to end. */
		{ "peer@1000 tick@2000/silent=2 tick@3100/silent=3",
		    "answer - ask" },
		{ "tick@2000/silent=2 peer@2050/silent=2 granted@2100/silent=2",
		    "ask answer -" },
		/* An answer to nothing. */
		{ "answer@1000", "-" },
	};

	CHECK_ROWS(rows);
}
END_TEST

START_TEST(gives_up)
{
	static const struct row rows[] = {
		{ "tick@2000/silent=2 granted@2100/silent=2 "
		    "tick@30000/silent=30 tick@31000/silent=31",
		    "ask offer ask give-up" },
		/* They answer, so they are there: not ours to decide. */
		{ SILENT_RESTART "tick@31000/silent=31", "ask offer - -" },
		{ "tick@31000/silent=31", "-" },
		/* We move all the time, and each offer of ours is young. */
		{ "tick@15000/moved granted@15100/moved "
		    "tick@31000/silent=1/unheard=31",
		    "ask offer give-up" },
		/* We are back after long, and they have no time to answer. */
		{ "tick@29000/moved/silent=1/unheard=29 "
		    "granted@29100/moved/silent=1/unheard=29 "
		    "tick@31000/silent=3/unheard=31", "ask offer -" },
	};

	CHECK_ROWS(rows);
}
END_TEST

/*
 * Two ends and a switch between them. What is said takes 20 ms. In an outage of
 * the caller's nothing comes or goes there, and what was said comes afterwards.
 */

#define DELAY_MS 20
#define TIMEOUT_MS 10000	/* of a request: then the connection is broken */

enum word { GRANT, OFFER, REPLY };

struct end {
	bool old, caller;
	struct restart r;
	/* As 0.1.0 has it. */
	uint64_t until_ms, peer_ms;
	bool again;

	bool pending;		/* an offer that may be answered */
	bool away;
	uint64_t asked_ms;	/* RESUME is unanswered since */
	int resumes, words;	/* said */
};

struct said {
	uint64_t due_ms;
	enum word word;
	int to;
};

struct world {
	struct end end[2];	/* the caller first */
	struct said said[4096];
	size_t n;
	uint64_t now_ms;
	uint64_t hole_ms, heal_ms;	/* an outage of the caller's */
	bool deaf;		/* what the caller sends is lost until it moves */
};

static bool
in_hole(const struct world *w, uint64_t ms)
{
	return ms >= w->hole_ms && ms < w->heal_ms;
}

static void
say(struct world *w, int from, enum word word)
{
	bool crosses = from == 0 || word != GRANT;
	uint64_t due_ms = w->now_ms + DELAY_MS;

	if (crosses && in_hole(w, w->now_ms))
		due_ms = w->heal_ms + DELAY_MS;
	if (w->n < 4096)
		w->said[w->n++] = (struct said){ due_ms, word,
		    word == GRANT ? from : !from };
	w->end[from].words += word != GRANT;
}

static void
resume(struct world *w, int i)
{
	w->end[i].resumes++;
	w->end[i].asked_ms = w->now_ms;
	say(w, i, GRANT);
}

static void
offer(struct world *w, int i)
{
	w->end[i].pending = true;
	if (i == 0)
		w->deaf = false;
	say(w, i, OFFER);
}

static uint32_t
silent_ms(const struct world *w, int i)
{
	if (w->deaf && i == 1)
		return (uint32_t)w->now_ms;
	return in_hole(w, w->now_ms) ? (uint32_t)(w->now_ms - w->hole_ms) : 0;
}

static void
tell(struct world *w, int i, enum restart_event_type type, bool moved)
{
	struct restart_event event = {
		.type = type, .now_ns = w->now_ms * CLOCK_MS, .ready = true,
		.moved = moved, .silent_ms = silent_ms(w, i),
		.stuck = w->deaf
	};

	switch (restart_event(&w->end[i].r, &event)) {
	case RESTART_ASK:
		resume(w, i);
		break;
	case RESTART_OFFER:
		offer(w, i);
		break;
	case RESTART_ANSWER_ASK:
		say(w, i, REPLY);
		resume(w, i);
		break;
	case RESTART_ANSWER:
		say(w, i, REPLY);
		break;
	default:
		break;
	}
}

static void
old_granted(struct world *w, struct end *e)
{
	e->again = w->now_ms < e->until_ms;
	if (e->again)
		return;
	e->until_ms = w->now_ms + 10000;
	offer(w, !e->caller);
}

static void
old_described(struct world *w, struct end *e, bool is_offer)
{
	int i = !e->caller;

	e->until_ms = 0;
	if (is_offer) {
		say(w, i, REPLY);
		if (e->peer_ms != 0 && w->now_ms - e->peer_ms < 10000)
			e->again = true;
		e->peer_ms = w->now_ms;
	}
	if (e->again) {
		e->again = false;
		resume(w, i);
	}
}

static void
hear(struct world *w, const struct said *said)
{
	struct end *e = &w->end[said->to];

	if (said->word == GRANT) {
		e->away = false;
		e->asked_ms = 0;
		if (e->old)
			old_granted(w, e);
		else
			tell(w, said->to, RESTART_ON_GRANTED, false);
		return;
	}
	/* The caller's stands; see media_remote. */
	if (said->word == OFFER && e->caller && e->pending)
		return;
	e->pending = false;
	if (e->old)
		old_described(w, e, said->word == OFFER);
	else
		tell(w, said->to, said->word == OFFER ? RESTART_ON_PEER :
		    RESTART_ON_ANSWER, false);
}

/* The connection breaks, and its end comes back as soon as it can. */
static void
reset(struct world *w, int i)
{
	w->end[i].away = true;
	if (!w->end[i].old)
		tell(w, i, RESTART_ON_AWAY, false);
	resume(w, i);
}

static void
tick(struct world *w, int i)
{
	struct end *e = &w->end[i];
	uint32_t silent = silent_ms(w, i);

	if (i == 0 && e->asked_ms != 0 && !e->away &&
	    w->now_ms - e->asked_ms >= TIMEOUT_MS) {
		size_t k;

		for (k = 0; k < w->n; k++)
			if (w->said[k].to == 0 && w->said[k].word == GRANT)
				w->said[k--] = w->said[--w->n];
		reset(w, 0);
	}
	if (!e->old)
		tell(w, i, RESTART_ON_TICK, false);
	else if (!e->away && silent <= 12000 && silent % 4000 == 2000)
		resume(w, i);
}

static void
hear_all(struct world *w)
{
	size_t i, first;

	for (;;) {
		first = w->n;
		for (i = 0; i < w->n; i++)
			if (w->said[i].due_ms <= w->now_ms && (first == w->n ||
			    w->said[i].due_ms < w->said[first].due_ms))
				first = i;
		if (first == w->n)
			return;
		struct said said = w->said[first];

		memmove(&w->said[first], &w->said[first + 1],
		    (--w->n - first) * sizeof(said));
		hear(w, &said);
	}
}

/* A minute of it. each_ms: the caller's connection is reset, so many times. */
static void
run(struct world *w, bool old_caller, bool old_callee, unsigned each_ms,
    unsigned times)
{
	int i;

	w->end[0].old = old_caller;
	w->end[0].caller = true;
	w->end[1].old = old_callee;
	for (i = 0; i < 2; i++)
		restart_init(&w->end[i].r);
	for (w->now_ms = 1000; w->now_ms < 61000; w->now_ms += 10) {
		hear_all(w);
		if (each_ms != 0 && w->now_ms % each_ms == 0 &&
		    w->now_ms / each_ms <= times)
			reset(w, 0);
		for (i = 0; w->now_ms % 1000 == 0 && i < 2; i++)
			tick(w, i);
	}
}

static const struct {
	bool caller, callee;
} olds[] = { { false, false }, { true, false }, { false, true } };

START_TEST(ends_with_what_it_repairs)
{
	static struct world w;
	unsigned hole_s;
	size_t i;

	for (i = 0; i < 3; i++) {
		for (hole_s = 1; hole_s <= 29; hole_s++) {
			memset(&w, 0, sizeof(w));
			w.hole_ms = 5000;
			w.heal_ms = 5000 + hole_s * 1000;
			run(&w, olds[i].caller, olds[i].callee, 0, 0);
			ck_assert_msg(w.end[0].resumes + w.end[1].resumes <= 9 &&
			    w.end[0].words + w.end[1].words <= 9,
			    "outage of %u s, %zu: %d + %d, %d + %d", hole_s, i,
			    w.end[0].resumes, w.end[1].resumes,
			    w.end[0].words, w.end[1].words);
		}
	}
}
END_TEST

START_TEST(ends_with_the_resets)
{
	static const unsigned each_ms[] = { 1000, 2000, 3000, 5000, 8000,
	    11000 };
	static struct world w;
	size_t i, k;

	for (i = 0; i < 3; i++) {
		for (k = 0; k < 6; k++) {
			memset(&w, 0, sizeof(w));
			run(&w, olds[i].caller, olds[i].callee, each_ms[k], 6);
			ck_assert_msg(w.end[0].resumes + w.end[1].resumes <= 12,
			    "resets each %u ms, %zu: %d + %d", each_ms[k], i,
			    w.end[0].resumes, w.end[1].resumes);
		}
	}
	/* This proves nothing if the model of 0.1.0 does not storm. */
	memset(&w, 0, sizeof(w));
	run(&w, true, true, 3000, 3);
	ck_assert_int_gt(w.end[0].resumes, 500);
}
END_TEST

/* A NAT has forgotten what the caller sends, and only the callee can tell. */
START_TEST(finds_out_whose_way_is_dead)
{
	static struct world w;
	size_t i;

	for (i = 0; i < 3; i++) {
		memset(&w, 0, sizeof(w));
		w.deaf = true;
		run(&w, olds[i].caller, olds[i].callee, 0, 0);
		ck_assert(!w.deaf);
		ck_assert_int_le(w.end[0].resumes + w.end[1].resumes, 8);
	}
}
END_TEST

/* Return whether the event makes it ask the switch, or offer. */
static bool
asks(struct restart *r, const struct restart_event *event)
{
	enum restart_action action = restart_event(r, event);

	return action == RESTART_ASK || action == RESTART_OFFER ||
	    action == RESTART_ANSWER_ASK;
}

/* A peer that offers for a minute, by paths that never open. */
START_TEST(is_not_driven_by_a_flood)
{
	static const unsigned each_ms[] = { 40, 1000, 3000, 9000 };
	struct restart_event offer, granted;
	struct restart r;
	int asked;
	size_t i;

	for (i = 0; i < sizeof(each_ms) / sizeof(each_ms[0]); i++) {
		restart_init(&r);
		offer = event_of("peer@1000/stuck");
		granted = event_of("granted@0");
		asked = 0;
		while (offer.now_ns < 61 * CLOCK_S) {
			asked += asks(&r, &offer);
			granted.now_ns = offer.now_ns + 20 * CLOCK_MS;
			(void)restart_event(&r, &granted);
			offer.now_ns += each_ms[i] * CLOCK_MS;
		}
		ck_assert_int_le(asked, 6);
	}
}
END_TEST

/* A peer that answers nothing, at a host that has moved or hears nothing. */
START_TEST(is_patient_with_a_mute_peer)
{
	static const char *const ticks[] = {
		"tick@0/moved", "tick@0/silent=2"
	};
	struct restart_event tick, granted;
	struct restart r;
	size_t i;
	int s, asked;

	for (i = 0; i < 2; i++) {
		restart_init(&r);
		asked = 0;
		for (s = 1; s <= 120; s++) {
			tick = granted = event_of(ticks[i]);
			granted.type = RESTART_ON_GRANTED;
			tick.now_ns = s * CLOCK_S;
			granted.now_ns = tick.now_ns + 100 * CLOCK_MS;
			asked += asks(&r, &tick) && asks(&r, &granted);
		}
		ck_assert_int_ge(asked, 5);
		ck_assert_int_le(asked, 7);
	}
}
END_TEST

/* A switch that refuses each RESUME is asked less and less often. */
START_TEST(is_patient_with_a_busy_switch)
{
	struct restart_event tick, refused;
	struct restart r;
	int s, asked = 0;

	restart_init(&r);
	for (s = 1; s <= 120; s++) {
		tick = event_of("tick@0/moved");
		refused = event_of("refused@0/wait=1");
		tick.now_ns = s * CLOCK_S;
		refused.now_ns = tick.now_ns + 100 * CLOCK_MS;
		if (!asks(&r, &tick))
			continue;
		asked++;
		ck_assert(!asks(&r, &refused));
	}
	ck_assert_int_ge(asked, 8);
	ck_assert_int_le(asked, 14);
}
END_TEST

UNIT_SUITE(restart, only_who_hears_nothing, one_at_a_time, pauses_double,
    comes_back, waits_when_refused, answers, gives_up,
    is_not_driven_by_a_flood, is_patient_with_a_mute_peer,
    is_patient_with_a_busy_switch, ends_with_what_it_repairs,
    ends_with_the_resets, finds_out_whose_way_is_dead)
