/*
 * restart: when a call's media is given another way by an ICE restart, and
 * which of the two ends does it. Pure: no clock, no loop, no media, no
 * signalling. Events go in with the time they happened at, and what is to be
 * done comes out.
 *
 * A restart takes three steps: RESUME, whose answer has fresh credentials for
 * the relay; our offer over a new allocation; the peer's answer to it. Two ends
 * that repair each other without end cost more than what they repair, so
 *
 *  - who moved restarts, or who hears nothing, and nobody else;
 *  - one restart at a time: while one is asked for or offered there is no other;
 *  - the pause between two for silence doubles, and is short again after calm;
 *  - the peer's restart is answered, as a rule over the allocation that we have.
 *    If the one before it did not work for them, ours may be what is wrong, and
 *    only they can tell. Then we restart as well, once, but never in reaction
 *    to what may be a reaction to ours;
 *  - a connection that broke and came back is a hint, no more: it has the pause
 *    of silence.
 *
 * If both offer at once the caller's stands (media_remote knows that): the
 * callee takes it for its own, and the caller forgets the callee's.
 */
#ifndef RP_DIAL_RESTART_H
#define RP_DIAL_RESTART_H

#include <stdbool.h>
#include <stdint.h>

#include "base/backoff.h"
#include "base/clock.h"

#define RESTART_SILENT_MS 2000	/* of silence are no accident */
#define RESTART_GONE_MS 30000	/* as long as ICE's consent, RFC 7675 */
/* How long an offer may be unanswered: as long as a call outlives an outage. */
#define RESTART_OFFER_NS (20 * CLOCK_S)

enum restart_state {
	RESTART_IDLE,
	RESTART_ASKED,		/* RESUME is on its way */
	RESTART_OFFERED		/* our offer is, until it is too old */
};

/* Embedded in a call; written by restart.c only. */
struct restart {
	enum restart_state state;
	bool away;		/* our signalling connection is broken */
	bool for_peer;		/* what is asked for is in reaction to theirs */
	bool unanswered;	/* our latest offer, be it too old or not */
	uint64_t own_ns, peer_ns;	/* the latest offers; 0: none yet */
	uint64_t pause_ns;	/* not before that, but for who has moved */
	uint64_t refused_ns;	/* nor anything before that */
	struct backoff pause;
};

enum restart_event_type {
	RESTART_ON_TICK,	/* time has passed, or the network has changed */
	RESTART_ON_GRANTED,	/* RESUME is answered, by credentials */
	RESTART_ON_REFUSED,	/* RESUME or our offer is: not now; wait_ms */
	RESTART_ON_AWAY,	/* the connection broke, and what was asked on it */
	RESTART_ON_PEER,	/* the peer's offer is taken; stuck */
	RESTART_ON_ANSWER	/* the peer's answer is */
};

struct restart_event {
	enum restart_event_type type;
	uint64_t now_ns;
	/* Of all but REFUSED and AWAY: */
	bool ready;		/* there is a way to the peer, to be restarted */
	bool moved;		/* we leave from another address than our way */
	uint32_t silent_ms;	/* so long nothing was heard; 0: we hear them */
	bool stuck;		/* PEER: the way of the one before never opened */
	uint32_t wait_ms;	/* REFUSED */
};

enum restart_action {
	RESTART_NOTHING,
	RESTART_ASK,		/* say RESUME */
	/* With the credentials at hand; if that fails: RESTART_ON_REFUSED. */
	RESTART_OFFER,
	RESTART_ANSWER,		/* tell the peer our side */
	RESTART_ANSWER_ASK,	/* and then say RESUME */
	RESTART_GIVE_UP		/* nothing heard for long, and no answer: over */
};

void restart_init(struct restart *restart);

enum restart_action restart_event(struct restart *restart,
    const struct restart_event *event);

/* Is there an offer of ours that may be answered? */
bool restart_offers(const struct restart *restart, uint64_t now_ns);

#endif
