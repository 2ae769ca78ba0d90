/*
 * call_events: a call put together from its parts, and what it does with what
 * they report. For call.c only, which adds what the two sides do.
 *
 * The parts are callstate, call_media, call_signal, call_watch and
 * call_restart. They call up through handlers, so that none knows the call, and
 * a part's fields are written by its own file only.
 */
#ifndef RP_DIAL_CALL_EVENTS_H
#define RP_DIAL_CALL_EVENTS_H

#include "call/call_media.h"
#include "call/call_options.h"
#include "call/call_restart.h"
#include "call/call_signal.h"
#include "call/call_watch.h"
#include "call/callstate.h"
#include "call/report.h"
#include "call/stats_lines.h"
#include "wire/why.h"

struct call {
	struct call_options options;
	struct call_handlers handlers;
	void *arg;
	struct report report;
	struct callstate state;
	struct call_media media;
	struct call_signal signal;
	struct call_watch watch;
	struct call_restart restart;
	struct stats_lines *stats;	/* NULL: none are wanted */
	bool peer_away;			/* it said so, as a frozen page does */
};

/*
 * Initialise the parts of a zeroed call with its options and handlers. On an
 * error `why` holds one line, and call_events_clear must be called too.
 */
int call_events_init(struct call *call, char why[static WHY_TEXT]);

/* Note that either side has answered the call. */
void call_events_answered(struct call *call);

/* Start talking if the call is answered and media is secure. */
void call_events_talk(struct call *call);

/*
 * End the call because trust refuses the peer (-EACCES) or cannot decide
 * (another errno).
 */
void call_events_distrust(struct call *call, int err, const char *why);

/* Release the parts. */
void call_events_clear(struct call *call);

#endif
