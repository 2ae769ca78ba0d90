/* watch: what must hold of a leg while it goes on. See leg.h and check.h. */
#include "core/sim.h"
#include "world/check.h"
#include "world/leg.h"
#include "world/trouble.h"

/*
 * What may be late, without a trouble near. News of an end takes a way of some
 * 0.1 s, and a lost packet or two.
 */
#define NEWS (5 * SIM_S)
#define WAITS (70 * SIM_S)		/* dial to ANSWER; a switch has 45 s */
#define BOTH (20 * SIM_S)		/* two devices think they have it */
/* With a trouble: half a minute of silence, and the end said after it. */
#define NEWS_LATE (100 * SIM_S)
#define WAITS_LATE (200 * SIM_S)
#define BOTH_LATE (100 * SIM_S)

/* Does it ring for a call that is over, and was told so long ago? */
void
watch_ring(const struct leg *leg)
{
	const struct session *s = leg->session;

	if (s == NULL || s->ended == 0 || sim_now() <= s->ended + NEWS ||
	    leg_trouble(leg, s->ended, TROUBLE_RING | TROUBLE_TALK) != NULL)
		return;
	check_fail("no_late_ring", "%s begins to ring for call %s, which ended "
	    "%.1f s ago as %s", leg_name(leg), s->id,
	    (double)(sim_now() - s->ended) / SIM_S, s->reason);
}

static void
look_at_wait(const struct leg *leg)
{
	uint64_t waits = sim_now() - leg->began;
	const char *what;

	if (waits <= WAITS)
		return;
	what = leg_trouble(leg, leg->began, TROUBLE_ANY);
	if (what == NULL || waits > WAITS_LATE)
		check_fail("no_wait", "%s waits for %.0f s in its %s call "
		    "with %s; trouble: %s", leg_name(leg), (double)waits / SIM_S,
		    leg->placed ? "placed" : "taken", call_peer(leg->call),
		    what != NULL ? what : "none");
}

static void
look_at_end(const struct leg *leg)
{
	const struct session *s = leg->session;
	uint64_t since;
	const char *what;

	if (s == NULL || s->ended == 0)
		return;
	since = sim_now() - s->ended;
	if (since <= NEWS)
		return;
	what = leg_trouble(leg, s->ended, leg->rang == 0 && !leg->placed ?
	    TROUBLE_ANY : TROUBLE_TALK);
	if (what == NULL || since > NEWS_LATE)
		check_fail(leg->answered == 0 && !leg->placed ?
		    "no_late_ring" : "no_wait", "%s does not know after "
		    "%.0f s that call %s is over as %s; trouble: %s",
		    leg_name(leg), (double)since / SIM_S, s->id, s->reason,
		    what != NULL ? what : "none");
}

/* It talks on, and the other end has gone. */
static void
look_at_silence(const struct leg *leg)
{
	const struct leg *other;
	uint64_t last = 0;

	if (leg->answered == 0 || leg->session == NULL)
		return;
	for (other = leg->session->legs; other != NULL; other = other->sister) {
		if (other->placed == leg->placed || other->answered == 0)
			continue;
		if (other->call != NULL)
			return;
		if (other->ended > last)
			last = other->ended;
	}
	if (last != 0 && sim_now() > last + NEWS_LATE)
		check_fail("no_wait", "%s still has call %s, whose other end "
		    "has left it for %.0f s", leg_name(leg), leg->session->id,
		    (double)(sim_now() - last) / SIM_S);
}

static void
look_at_devices(const struct leg *leg)
{
	const struct leg *other;
	uint64_t both;
	const char *what;

	if (leg->placed || leg->answered == 0 || leg->session == NULL)
		return;
	for (other = leg->sister; other != NULL; other = other->sister) {
		if (other->placed || other->answered == 0 ||
		    other->call == NULL || other->ghost)
			continue;
		both = sim_now() - (leg->answered > other->answered ?
		    leg->answered : other->answered);
		what = session_trouble(leg->session, leg->began,
		    TROUBLE_TALK);
		if (both > (what != NULL ? BOTH_LATE : BOTH))
			check_fail("one_device", "%s and %s both have call %s "
			    "for %.0f s; trouble: %s", leg_name(leg), leg_name(other),
			    leg->session->id, (double)both / SIM_S,
			    what != NULL ? what : "none");
	}
}

void
watch_leg(const struct leg *leg)
{
	if (call_state(leg->call) < CALL_ANSWERED)
		look_at_wait(leg);
	look_at_end(leg);
	look_at_silence(leg);
	look_at_devices(leg);
}
