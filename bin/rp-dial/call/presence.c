/*
 * presence: decide once per second whether the switch and the other side are
 * still there. Pure; called by call_watch. See presence.h.
 */
#include "call/presence.h"

#include <string.h>

#include "base/clock.h"

#define TICK_MS 1000
#define LOST_TICKS 2		/* of silence */
#define ABSENCE_TICKS 6		/* away, and the peer is silent */
#define LONG_ABSENCE_TICKS 30	/* as long as ICE's consent, RFC 7675 */
/* Two checks are unanswered, of which one comes at most each 6 s (RFC 7675). */
#define UNANSWERED_MS 13000
#define QUIET_NS (60 * CLOCK_MS)	/* of silence: three packets' time */

void
presence_init(struct presence *p, bool caller)
{
	memset(p, 0, sizeof(*p));
	p->caller = caller;
}

static void
begin_quiet(struct presence *p, const struct presence_signs *signs)
{
	p->quiet_since_ns = signs->now_ns;
	p->quiet_heard = signs->heard;
}

void
presence_away(struct presence *p, const struct presence_signs *signs)
{
	p->away = true;
	p->answered = false;
	/* Silence counts from now on. */
	p->silent_ticks = p->reached_ticks = 0;
	begin_quiet(p, signs);
}

void
presence_back(struct presence *p)
{
	p->away = false;
}

void
presence_answered(struct presence *p, bool answered)
{
	p->answered = answered;
}

/* Return whether there is a talk to wait for, and no gain in ending it. */
static bool
can_wait(const struct presence *p, const struct presence_signs *signs)
{
	return signs->talking && (signs->held || !p->caller ||
	    !signs->online);
}

/* Return whether the other side is there by what it sends, or by its checks. */
static bool
is_heard(const struct presence *p, const struct presence_signs *signs)
{
	if (!signs->talking)
		return !p->away;
	if (!signs->held)
		return signs->heard > p->heard;
	return !p->away && signs->unanswered_ms < UNANSWERED_MS;
}

/*
 * While away, audio may continue for long. But no switch to resume at and no
 * audio mean that the switch died, and show it sooner than ICE would.
 */
bool
presence_tick(struct presence *p, const struct presence_signs *signs)
{
	p->silent_ticks++;
	p->unheard_ticks++;
	if (is_heard(p, signs))
		p->silent_ticks = p->unheard_ticks = 0;
	/* Before a talk a network is not waited for either. */
	if (p->silent_ticks == 0 || p->answered ||
	    (signs->talking && !signs->online))
		p->reached_ticks = 0;
	else
		p->reached_ticks++;
	p->heard = signs->heard;
	return p->away && (p->silent_ticks > LONG_ABSENCE_TICKS ||
	    (!can_wait(p, signs) && p->reached_ticks > ABSENCE_TICKS));
}

/*
 * If the relay is silent too, the switch died, and the call with it, because a
 * call's state is in one process. If audio continues, only our path there is
 * closed.
 */
uint32_t
presence_nobody(struct presence *p, const struct presence_signs *signs)
{
	uint64_t quiet_ns = signs->now_ns - p->quiet_since_ns;

	if (signs->heard > p->quiet_heard) {
		begin_quiet(p, signs);
		return UINT32_MAX;
	}
	if (!signs->talking || quiet_ns >= QUIET_NS)
		return 0;
	return (uint32_t)((QUIET_NS - quiet_ns) / CLOCK_MS) + 1;
}

uint32_t
presence_silent_ms(const struct presence *p,
    const struct presence_signs *signs)
{
	bool spoke = p->heard > 0 || signs->heard > 0;

	if (signs->held || (signs->talking && !spoke))
		return signs->unanswered_ms < UNANSWERED_MS ? 0 :
		    signs->unanswered_ms;
	return signs->heard > p->heard || !spoke ? 0 :
	    p->silent_ticks * TICK_MS;
}

uint32_t
presence_unheard_ms(const struct presence *p,
    const struct presence_signs *signs)
{
	uint32_t silent_ms = presence_silent_ms(p, signs);

	return silent_ms > p->unheard_ticks * TICK_MS ? silent_ms :
	    p->unheard_ticks * TICK_MS;
}

bool
presence_lost(const struct presence *p)
{
	return p->away || p->silent_ticks >= LOST_TICKS;
}
