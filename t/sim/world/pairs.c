/*
 * pairs: who talks has one call. Of two calls that people place to each other at
 * the same time one gives way, if one switch knows both. If their switch dies,
 * the caller's phone dials again, and the callee's takes that call in its place.
 */
#include <stdlib.h>
#include <string.h>

#include "core/private.h"
#include "world/check.h"
#include "world/count.h"
#include "world/fault.h"
#include "world/leg.h"
#include "world/trouble.h"

#define REDIALS (60 * SIM_S)		/* until they have a call again */
#define BEFORE (30 * SIM_S)

static bool
is_answered(const struct session *s)
{
	const struct leg *leg;

	for (leg = s->legs; leg != NULL; leg = leg->sister)
		if (leg->answered != 0)
			return true;
	return false;
}

/* Does it cross another that the same process of a switch has? */
static bool
crosses(const struct session *s, const void *arg)
{
	const struct session *other = arg;

	return s->pid == other->pid && s->ended == 0 &&
	    strcmp(s->caller, other->callee) == 0 &&
	    strcmp(s->callee, other->caller) == 0;
}

static void
look_at_glare(void *arg)
{
	const struct session *s = arg, *other = calls_find(crosses, s);

	if (s->ended == 0 && other != NULL && !is_answered(s) &&
	    !is_answered(other))
		check_fail("glare_one", "%s has both calls of two that dial "
		    "each other: %s and %s", sim_machine_name(s->host), s->id,
		    other->id);
}

void
pairs_started(struct session *s)
{
	const struct session *other = calls_find(crosses, s);

	if (other != NULL && !is_answered(other))
		sim_at(sim_now() + SIM_MS, look_at_glare, s);
}

void
pairs_ended(const struct session *s)
{
	/* A switch of 0.1.0 does not tell that a call has started. */
	if (s->pid != 0 && strcmp(s->reason, "glare") == 0 &&
	    calls_find(crosses, s) == NULL)
		check_fail("glare_one", "call %s gave way, and to none", s->id);
}

/* Number of a phone's machine, "NUMBER/DEVICE". */
static size_t
number_len(const struct leg *leg)
{
	return strcspn(sim_machine_name(leg->machine), "/");
}

/* Are they of two devices of a number that call the same one? */
static bool
is_of_one_party(const struct leg *a, const struct leg *b)
{
	size_t len = number_len(a);

	return a->placed && len == number_len(b) &&
	    memcmp(sim_machine_name(a->machine), sim_machine_name(b->machine),
	    len) == 0 && strcmp(call_peer(a->call), call_peer(b->call)) == 0;
}

/* A phone places one at a time, and takes one at a time. */
void
pairs_talks(const struct leg *leg)
{
	const struct leg *other;

	TAILQ_FOREACH(other, &calls_legs, next)
		if (other != leg && other->talked != 0 &&
		    other->placed == leg->placed && !other->ghost &&
		    !sim_process_is_ghost(other->process) &&
		    call_state(other->call) == CALL_TALKING &&
		    (other->machine == leg->machine ||
		    is_of_one_party(leg, other)))
			check_fail("one_call", "%s has a call %s %s, and "
			    "another with %s", sim_machine_name(leg->machine),
			    leg->placed ? "to" : "from", call_peer(leg->call),
			    call_peer(other->call));
}

/* Callers whose switch left them in mid-call. */
struct owed {
	LIST_ENTRY(owed) next;
	struct leg *leg;
};
static LIST_HEAD(, owed) all = LIST_HEAD_INITIALIZER(all);

void
pairs_over(struct leg *leg)
{
	struct owed *owed;

	if (!leg->placed || leg->talked == 0 || leg->outcome != OUTCOME_MOVED)
		return;
	owed = calloc(1, sizeof(*owed));
	if (owed == NULL)
		abort();
	owed->leg = leg;
	LIST_INSERT_HEAD(&all, owed, next);
	count_add("redial.owed", 1);
}

static bool
follows(const struct leg *leg, const struct leg *lost)
{
	return leg->placed && leg->pid == lost->pid && leg->began >= lost->ended;
}

/* Return the latest that its phone has placed since. NULL: none. */
static const struct leg *
latest(const struct leg *lost)
{
	const struct leg *leg;

	TAILQ_FOREACH_REVERSE(leg, &calls_legs, legs, next)
		if (follows(leg, lost))
			return leg;
	TAILQ_FOREACH_REVERSE(leg, &calls_past, legs, next)
		if (follows(leg, lost))
			return leg;
	return NULL;
}

/* Return what kept the devices of a number, or the other switch, from it. */
static const char *
trouble_of(const struct leg *lost, const struct leg *last)
{
	const struct sim_machine *host = last != NULL && last->session != NULL ?
	    last->session->host : NULL;
	uint64_t from = lost->ended - BEFORE;
	const struct leg *leg;
	const char *what = NULL;

	if (host != NULL)
		what = trouble_near(NULL, host, lost->ended, sim_now(),
		    TROUBLE_ANY);
	for (leg = lost->session->legs; what == NULL && leg != NULL;
	    leg = leg->sister)
		if (leg->answered != 0)
			what = trouble_near(leg->machine, NULL, from,
			    sim_now(), TROUBLE_ANY);
	return what;
}

/* Did the other side lose it, too, and not end it? */
static bool
was_lost_to_both(const struct leg *lost)
{
	const struct leg *leg;

	for (leg = lost->session->legs; leg != NULL; leg = leg->sister)
		if (leg != lost && leg->answered != 0 && (leg->call != NULL ||
		    (leg->outcome != OUTCOME_MOVED &&
		    leg->outcome != OUTCOME_OVER)))
			return false;
	return true;
}

/* Judge it. Return false if it is too early to tell. */
static bool
judge(const struct leg *lost)
{
	const struct leg *last = latest(lost);
	const char *what;

	if (last != NULL && last->talked != 0) {
		count_add("redial.talks", 1);
		return true;
	}
	if (sim_now() - lost->ended < REDIALS)
		return false;
	what = trouble_of(lost, last);
	if (what == NULL && last != NULL && last->session == NULL)
		what = fault_shut(last->machine, lost->ended, sim_now()) ?
		    "shut" : NULL;
	if (what == NULL && !was_lost_to_both(lost))
		what = "ended there";
	count_in("redial", what != NULL ? what : "none", 1);
	if (what == NULL)
		check_fail("redial_one", "%s lost call %s and has no other to "
		    "%s after %.0f s: %s", sim_machine_name(lost->machine),
		    lost->session->id, lost->peer,
		    (double)(sim_now() - lost->ended) / SIM_S, last == NULL ?
		    "it did not dial" : last->call != NULL ? "it dials" :
		    outcome_text(last->outcome));
	return true;
}

void
pairs_look(void)
{
	struct owed *owed, *next;

	for (owed = LIST_FIRST(&all); owed != NULL; owed = next) {
		next = LIST_NEXT(owed, next);
		if (!judge(owed->leg))
			continue;
		LIST_REMOVE(owed, next);
		free(owed);
	}
}

void
pairs_reset(void)
{
	struct owed *owed;

	while ((owed = LIST_FIRST(&all)) != NULL) {
		LIST_REMOVE(owed, next);
		free(owed);
	}
}
