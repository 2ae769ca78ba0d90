/* judge: what must hold of a leg and its session once it is over. See leg.h. */
#include <string.h>

#include "core/sim.h"
#include "world/check.h"
#include "world/count.h"
#include "world/fault.h"
#include "world/leg.h"
#include "world/person.h"
#include "world/phone.h"
#include "world/trouble.h"

#define BEFORE (30 * SIM_S)		/* a trouble counts for so long */
#define CROSSED (2 * SIM_S)		/* two ends, each by a person */
#define RINGS (5 * SIM_S)		/* dial to RING */

/* What ends of a call belong together: the caller's and the device's. */
static const struct pair {
	enum outcome caller, callee;
} pairs[] = {
	{ OUTCOME_COMPLETED, OUTCOME_COMPLETED },
	{ OUTCOME_MOVED, OUTCOME_MOVED },
	{ OUTCOME_CANCELLED, OUTCOME_CANCELLED },
	{ OUTCOME_CANCELLED, OUTCOME_OVER },
	{ OUTCOME_DECLINED, OUTCOME_DECLINED },
	{ OUTCOME_BUSY, OUTCOME_BUSY },
	{ OUTCOME_BUSY, OUTCOME_OVER },
	{ OUTCOME_NO_ANSWER, OUTCOME_NO_ANSWER },
	{ OUTCOME_NO_ANSWER, OUTCOME_OVER }
};

/*
 * One of them ended it by hand, while the news of another end was on its way:
 * the other's, another device's, or that its time was up.
 */
static bool
is_crossed(const struct leg *caller, const struct leg *callee)
{
	uint64_t between = caller->ended > callee->ended ?
	    caller->ended - callee->ended : callee->ended - caller->ended;

	return caller->talked == 0 && between < CROSSED &&
	    caller->outcome != OUTCOME_COMPLETED &&
	    (caller->outcome == OUTCOME_CANCELLED ||
	    callee->outcome == OUTCOME_COMPLETED ||
	    callee->outcome == OUTCOME_DECLINED);
}

static bool
is_pair(const struct leg *caller, const struct leg *callee)
{
	size_t i;

	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (pairs[i].caller == caller->outcome &&
		    pairs[i].callee == callee->outcome)
			return true;
	return is_crossed(caller, callee);
}

/* Had the device another call when it was woken for this one? */
static bool
is_busy(const struct sim_phone *phone, const struct leg *caller)
{
	const struct leg *leg;

	TAILQ_FOREACH(leg, &calls_legs, next)
		if (leg->machine == sim_phone_machine(phone) &&
		    leg->session != caller->session &&
		    leg->began < caller->began + RINGS)
			return true;
	TAILQ_FOREACH(leg, &calls_past, next)
		if (leg->machine == sim_phone_machine(phone) &&
		    leg->session != caller->session &&
		    leg->began < caller->began + RINGS &&
		    leg->ended > caller->began)
			return true;
	return false;
}

/*
 * Return a device of that number which nothing keeps from ringing, or NULL. It
 * had to be registered when it was called: a full directory keeps phones that
 * are switched on from that.
 */
static const struct sim_phone *
may_ring(const struct leg *caller)
{
	uint64_t from = caller->began > BEFORE ? caller->began - BEFORE : 0;
	const struct sim_phone *phone;
	char device[SIGMSG_NUMBER + 8];
	unsigned i;

	for (i = 1;; i++) {
		snprintf(device, sizeof(device), "%s/%u", caller->peer, i);
		phone = sim_phone_find(device);
		if (phone == NULL || (sim_phone_is_registered(phone) &&
		    sim_phone_registered_at(phone) <= caller->began &&
		    !is_busy(phone, caller) &&
		    trouble_near(sim_phone_machine(phone), leg_host(caller),
		    from, caller->ended, TROUBLE_ANY) == NULL))
			return phone;
	}
}

/* Somebody waited for long, and no device rang. */
static void
judge_ring(const struct leg *caller)
{
	const struct sim_phone *phone;
	const struct leg *leg;

	if (caller->old || caller->ended - caller->began < RINGS ||
	    caller->session == NULL || caller->outcome == OUTCOME_BUSY ||
	    leg_trouble(caller, caller->began, TROUBLE_ANY) != NULL)
		return;
	for (leg = caller->session->legs; leg != NULL; leg = leg->sister)
		if (!leg->placed && leg->rang != 0)
			return;
	/*
	 * That 0.1.0 rings is not seen. Nor does it always: it registers anew
	 * after each call, as a full directory keeps it from.
	 */
	if (person_has_old(caller->peer))
		return;
	phone = may_ring(caller);
	if (phone != NULL)
		check_fail("rings", "call %s of %s did not ring at %s in "
		    "%.0f s", caller->session->id, leg_name(caller),
		    sim_phone_name(phone),
		    (double)(caller->ended - caller->began) / SIM_S);
}

/*
 * Judge a call once all of its legs are over. The device that had the call is
 * the one that answered and was not told that another did.
 */
static void
judge(struct session *s)
{
	const struct leg *caller = session_caller(s), *leg, *winner = NULL;
	const char *what;
	unsigned won = 0;

	for (leg = s->legs; leg != NULL; leg = leg->sister) {
		if (leg->call != NULL)
			return;
		if (!leg->placed && leg->answered != 0 &&
		    leg->outcome != OUTCOME_OVER) {
			winner = leg;
			won++;
		}
	}
	if (s->judged || caller == NULL)
		return;
	s->judged = true;
	what = session_trouble(s, s->legs->began, TROUBLE_TALK);
	if (won > 1 && what == NULL && !leg_is_with_old(caller))
		check_fail("one_device", "%u devices had the call %s", won,
		    s->id);
	if (winner == NULL)
		for (leg = s->legs; leg != NULL; leg = leg->sister)
			if (!leg->placed && leg->outcome != OUTCOME_OVER)
				winner = leg;
	if (winner == NULL || caller->ghost || winner->ghost)
		return;
	what = session_trouble(s, s->legs->began, leg_effects(caller));
	if (!is_pair(caller, winner))
		count_in("odd", what != NULL ? what : "none", 1);
	if (!is_pair(caller, winner) && leg_is_with_old(caller))
		count_add("old.one-reason", 1);
	else if (!is_pair(caller, winner) && what == NULL)
		check_fail("one_reason", "call %s was %s for %s and %s for %s",
		    s->id, outcome_text(caller->outcome), leg_name(caller),
		    outcome_text(winner->outcome), leg_name(winner));
}

/* Is that an end which people cause? */
static bool
is_usual(enum outcome outcome)
{
	switch (outcome) {
	case OUTCOME_COMPLETED:
	case OUTCOME_NO_ANSWER:
	case OUTCOME_CANCELLED:
	case OUTCOME_BUSY:
	case OUTCOME_DECLINED:
	case OUTCOME_OVER:
		return true;
	default:
		return false;
	}
}

/* Without a trouble near, no call ends but by people. */
static void
judge_loss(const struct leg *leg)
{
	const char *what;

	if (is_usual(leg->outcome))
		return;
	what = leg_trouble(leg, leg->began, leg_effects(leg));
	if (what == NULL && leg->session != NULL)
		what = session_trouble(leg->session, leg->began,
		    leg_effects(leg));
	if (leg_is_with_old(leg) && what == NULL)
		what = "old";
	if (what == NULL && leg->session == NULL &&
	    fault_shut(leg->machine, leg->began, leg->ended))
		what = "shut";
	count_in(leg->talked != 0 ? "lost" : "failed",
	    what != NULL ? what : "none", 1);
	if (what == NULL)
		check_fail("own_death_only", "call %s of %s, %s, was %s "
		    "without a reason", leg->session != NULL ?
		    leg->session->id : "-", leg_name(leg), leg->talked != 0 ?
		    "with media" : "not answered",
		    outcome_text(leg->outcome));
}

void
judge_leg(struct leg *leg)
{
	sim_record("leg", "phone=%s placed=%d peer=%s session=%s end=%s",
	    leg_name(leg), leg->placed, leg->peer,
	    leg->session != NULL ? leg->session->id : "-",
	    outcome_text(leg->outcome));
	count_in(leg->placed ? "end" : "taken", outcome_text(leg->outcome),
	    1);
	judge_loss(leg);
	if (!leg->old)
		pairs_over(leg);
	if (leg->placed)
		judge_ring(leg);
	if (leg->session != NULL)
		judge(leg->session);
}
