/*
 * call_watch: judge silence, once per second: has the other side gone, or the
 * switch, or nothing? Calls up to call.
 */
#include "call/call_private.h"

#include <event2/event.h>

#include "base/clock.h"
#include "media/media.h"

/*
 * Is the other side still there, and the switch? By what is heard.
 */

#define LOST_TICKS 2		/* seconds of silence */
#define ABSENCE_TICKS 6		/* seconds away, with nothing to hear */
#define SILENCE_TICKS 4		/* seconds between tries of another way */
#define SILENCE_TRIES 3
#define QUIET_NS (60 * CLOCK_MS)	/* of silence: three packets' time */
#define GONE_TICKS 30		/* as long as ICE's consent, RFC 7675 */

/*
 * Away, the audio may go on for long; but nobody to come back to and nothing to
 * hear is a switch that died, sooner than ICE would notice. With a switch and
 * nothing to hear any more, something on the way has forgotten us (a NAT): a
 * new way may do, a few times over.
 * If nobody answers that either, nobody is there; ICE, which waits for the
 * answer, will not say so.
 */
static void
on_watch(evutil_socket_t fd, short what, void *arg)
{
	struct call *call = arg;
	struct media_stats stats;
	bool heard;

	(void)fd;
	(void)what;
	if (call_over(call))
		return;
	call_stats(call, &stats);
	heard = stats.packets_received > call->heard;
	call->heard = stats.packets_received;
	if (call->state == CALL_TALKING ? heard : !call->away)
		call->silent_ticks = 0;
	else
		call->silent_ticks++;
	if (call->away && call->silent_ticks > ABSENCE_TICKS)
		call_end(call, OUTCOME_MOVED, SIGMSG_HANGUP, NULL,
		    "the switch is gone");
	else if (call->silent_ticks > GONE_TICKS && call->restart_unanswered)
		call_end(call, OUTCOME_DROPPED, SIGMSG_HANGUP, "failed",
		    "the other side is gone");
	else if (!call->away && call->heard > 0 &&
	    call->silent_ticks <= SILENCE_TICKS * SILENCE_TRIES &&
	    call->silent_ticks % SILENCE_TICKS == SILENCE_TICKS / 2)
		call_ask_relay(call);
}

int
call_watch(struct call *call)
{
	static const struct timeval tick = { 1, 0 };

	call->watch = event_new(call->options.loop, -1, EV_PERSIST, on_watch,
	    call);
	return call->watch != NULL && evtimer_add(call->watch, &tick) == 0 ?
	    0 : -ENOMEM;
}

static void
begin_quiet(struct call *call, uint64_t heard)
{
	call->quiet_since_ns = clock_ns();
	call->quiet_heard = heard;
}

/*
 * Nobody listens where the switch was. If the relay is silent as well, it died,
 * and the call with it: the state of a call is in one process. Audio that goes
 * on means that only our way there is closed.
 */
void
call_judge(evutil_socket_t fd, short what, void *arg)
{
	struct call *call = arg;
	struct media_stats stats;
	uint64_t quiet_ns = clock_ns() - call->quiet_since_ns;

	(void)fd;
	(void)what;
	if (call_over(call) || !call->away)
		return;
	call_stats(call, &stats);
	if (stats.packets_received > call->quiet_heard) {
		begin_quiet(call, stats.packets_received);
		return;
	}
	if (call->state == CALL_TALKING && quiet_ns < QUIET_NS) {
		uint64_t us = (QUIET_NS - quiet_ns) / 1000;
		struct timeval wait = { 0, (suseconds_t)us + 1 };

		evtimer_add(call->gone, &wait);
		return;
	}
	call_end(call, OUTCOME_MOVED, SIGMSG_HANGUP, NULL,
	    "the switch is gone");
}

void
call_quiet(struct call *call)
{
	struct media_stats stats;

	call->silent_ticks = 0;
	call_stats(call, &stats);
	begin_quiet(call, stats.packets_received);
}

bool
call_lost(const struct call *call)
{
	return call->away || call->silent_ticks >= LOST_TICKS;
}
