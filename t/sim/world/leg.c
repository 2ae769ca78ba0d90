/* leg: what is near one, and who is in a session. See leg.h. */
#include "world/leg.h"

#include "core/sim.h"
#include "world/person.h"
#include "world/switch.h"
#include "world/trouble.h"

#define BEFORE (30 * SIM_S)		/* a trouble counts for so long */

const char *
leg_name(const struct leg *leg)
{
	return sim_machine_name(leg->machine);
}

const struct sim_machine *
leg_host(const struct leg *leg)
{
	return leg->session != NULL ? leg->session->host : NULL;
}

const char *
leg_trouble(const struct leg *leg, uint64_t from, unsigned effects)
{
	from = from > BEFORE ? from - BEFORE : 0;
	return trouble_near(leg->machine, leg_host(leg), from, sim_now(), effects);
}

const char *
session_trouble(const struct session *s, uint64_t from, unsigned effects)
{
	const struct leg *leg;
	const char *what;

	for (leg = s->legs; leg != NULL; leg = leg->sister) {
		what = leg_trouble(leg, from, effects);
		if (what != NULL)
			return what;
	}
	return NULL;
}

/* Is its switch of 0.1.0? */
static bool
is_at_old(const struct leg *leg)
{
	const struct sim_switch *sw;
	size_t i;

	for (i = 0; (sw = sim_switch_at(i)) != NULL; i++)
		if (sim_switch_machine(sw) == leg_host(leg))
			return sim_switch_is_old(sw);
	return false;
}

/*
 * In a call with media, only what breaks connections is a trouble, or keeps who
 * has left from its call.
 */
unsigned
leg_effects(const struct leg *leg)
{
	if (leg->talked == 0)
		return TROUBLE_ANY;
	return is_at_old(leg) ? TROUBLE_TALK | TROUBLE_BACK : TROUBLE_TALK;
}

struct leg *
session_caller(const struct session *s)
{
	struct leg *leg;

	for (leg = s->legs; leg != NULL; leg = leg->sister)
		if (leg->placed)
			return leg;
	return NULL;
}

bool
leg_is_with_old(const struct leg *leg)
{
	return leg->old || person_has_old(leg->call != NULL ?
	    call_peer(leg->call) : leg->peer);
}
