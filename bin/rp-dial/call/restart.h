/*
 * restart: decide when an ICE restart moves a call's media to another path, and
 * which of the two ends starts it. Pure: no clock, no loop, no media, no
 * signalling. Events go in with their time; the action to take comes out.
 *
 * A restart takes three steps. RESUME returns fresh credentials for the relay;
 * we send our offer over a new allocation; the peer answers it. Two ends that
 * repair each other without end cost more than the outage. The rules are
 * therefore:
 *
 *  - only an end that moved, or that hears nothing, restarts;
 *  - one restart at a time: none starts while another is asked for or offered;
 *  - the pause between two restarts for silence doubles, and is short again
 *    after calm;
 *  - the peer's restart is answered, as a rule over our present allocation.
 *    If their previous restart did not work, our side may be at fault, and only
 *    they can tell. Then we restart as well, once, but never in reaction to a
 *    restart that may be a reaction to ours;
 *  - a connection that broke and came back moves nothing while the peer is
 *    heard. It is a hint: for a while half the silence is an outage.
 *
 * If both offer at once, the caller's offer stands (media_remote knows that).
 * The callee takes it in place of its own, and the caller ignores the callee's.
 */
#ifndef RP_DIAL_RESTART_H
#define RP_DIAL_RESTART_H

#include <stdbool.h>
#include <stdint.h>

#include "base/backoff.h"
#include "base/clock.h"

#define RESTART_SILENT_MS 2000	/* more silence than this is an outage */
#define RESTART_HINT_MS 1000	/* or than this, if signalling broke too */
#define RESTART_GONE_MS 30000	/* as long as ICE's consent, RFC 7675 */
/* An offer may stay unanswered as long as a call outlives an outage. */
#define RESTART_OFFER_NS (20 * CLOCK_S)

enum restart_state {
	RESTART_IDLE,
	RESTART_ASKED,		/* RESUME was sent */
	RESTART_OFFERED		/* our offer was sent and is not too old */
};

/* Embedded in a call; written by restart.c only. */
struct restart {
	enum restart_state state;
	bool away;		/* our signalling connection is broken */
	bool for_peer;		/* the restart is in reaction to theirs */
	bool unanswered;	/* our latest offer, even if too old */
	uint64_t own_ns, peer_ns;	/* the latest offers; 0: none yet */
	uint64_t asked_ns;	/* the first of ours that are unanswered */
	uint64_t pause_ns;	/* no restart before that, unless we moved */
	uint64_t refused_ns;	/* no restart at all before that */
	uint64_t back_ns;	/* our signalling connection is back since */
	struct backoff pause;
};

enum restart_event_type {
	RESTART_ON_TICK, /* time has passed, or the network has changed */
	RESTART_ON_GRANTED,	/* RESUME was answered with credentials */
	RESTART_ON_REFUSED,	/* RESUME or our offer was refused; wait_ms */
	RESTART_ON_AWAY, /* the connection broke, with any pending RESUME */
	RESTART_ON_PEER,	/* the peer's offer was taken; stuck */
	RESTART_ON_ANSWER	/* the peer's answer was taken */
};

struct restart_event {
	enum restart_event_type type;
	uint64_t now_ns;
	/* All events but REFUSED and AWAY set: */
	bool ready;		/* there is a path to the peer to restart */
	bool moved;		/* our source address differs from the path's */
	uint32_t silent_ms;	/* silence of the peer; 0: we hear it */
	uint32_t unheard_ms;	/* and before our connection broke */
	bool stuck; /* PEER: the previous restart's path never opened */
	uint32_t wait_ms;	/* REFUSED */
};

enum restart_action {
	RESTART_NOTHING,
	RESTART_ASK,		/* send RESUME */
	/*
	 * Offer with the credentials at hand. If that fails:
	 * RESTART_ON_REFUSED.
	 */
	RESTART_OFFER,
	RESTART_ANSWER,		/* send the peer our answer */
	RESTART_ANSWER_ASK,	/* and then send RESUME */
	RESTART_GIVE_UP		/* long silence and no answer: end the call */
};

void restart_init(struct restart *restart);

enum restart_action restart_event(struct restart *restart,
    const struct restart_event *event);

/* Return whether an offer of ours may still be answered. */
bool restart_offers(const struct restart *restart, uint64_t now_ns);

#endif
