/*
 * callfsm: one call as a state machine: INITIATED -> PUSHED -> RINGING ->
 * ANSWERED -> ENDED, each state with a deadline. Pure: no sockets, no clock, no
 * allocation. Events go in with the time at which they happened. A list of
 * actions comes out, in the order in which they must be done.
 *
 * The parties are the caller and the callee's devices. All devices are woken,
 * and the first to ANSWER wins the call. Until then the caller receives only
 * one device's answer (its side of the media), the first that came.
 *
 * The offer may come after INITIATE. Until then no device can answer, and the
 * call ends if it does not come in time.
 */
#ifndef RP_SWITCHD_CALLFSM_H
#define RP_SWITCHD_CALLFSM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CALL_DEVICES 16		/* as many as a subscriber may have */
#define CALL_CALLER (-1)	/* as a party; devices count from 0 */
#define CALL_NOBODY (-2)

enum call_state {
	CALL_INITIATED,		/* nobody is woken yet */
	CALL_PUSHED,		/* a push is on its way */
	CALL_RINGING,		/* a device is up */
	CALL_ANSWERED,
	CALL_ENDED		/* kept to answer late requests */
};

enum call_leg {
	CALL_LEG_ABSENT,	/* cannot be woken, but may come */
	CALL_LEG_WAKING,
	CALL_LEG_UP,		/* said RING */
	CALL_LEG_READY,		/* said RING with its answer */
	CALL_LEG_OUT		/* busy, or another device answered */
};

enum call_end {
	CALL_CANCELLED,		/* the caller hung up before ANSWER */
	CALL_DECLINED,		/* a device hung up before ANSWER */
	CALL_BUSY,
	CALL_UNREACHABLE,	/* no device can be woken */
	CALL_EXPIRED,		/* nobody came or answered in time */
	CALL_HUNG_UP,		/* either hung up after ANSWER */
	CALL_DROPPED,		/* nobody connected and no media */
	CALL_GLARE,		/* the callee is calling the caller */
	CALL_NO_OFFER,		/* the caller did not send it in time */
	CALL_MOVED		/* the switch stops: redial to another */
};

struct callfsm_timing {
	uint64_t push_ms;	/* INITIATE to the first RING */
	uint64_t ring_ms;	/* INITIATE to ANSWER */
	uint64_t silence_ms;	/* nobody connected and no media */
	uint64_t over_ms;	/* how long an ended call is kept */
	uint64_t offer_ms;	/* INITIATE to the offer; 0: they came
				 * together */
};

/* Embedded in the call record. Only callfsm.c writes it. */
struct callfsm {
	struct callfsm_timing timing;
	enum call_state state;
	enum call_end end;
	enum call_leg legs[CALL_DEVICES];
	int n_legs;
	int shown;	/* whose answer the caller has; or CALL_NOBODY */
	int winner;		/* who answered, or CALL_NOBODY */
	bool was_busy;
	bool offered;		/* the offer is there */
	uint32_t linked;	/* one bit per connected party */
	uint64_t started_ms, answered_ms, ended_ms;
	uint64_t quiet_ms;	/* since when nobody is connected, or last
				 * media */
};

enum call_event_type {
	/* Requests from a party. */
	CALL_ON_RING,		/* with or without a body */
	CALL_ON_ANSWER,
	CALL_ON_INFO,
	CALL_ON_BUSY,
	CALL_ON_HANGUP,
	CALL_ON_RESUME,
	/* The outcome of a push to a device. */
	CALL_ON_PUSHED,
	CALL_ON_UNREACHABLE,
	/* A party's connection. */
	CALL_ON_LINKED,
	CALL_ON_UNLINKED,
	/* The switch itself. */
	CALL_ON_REVOKED,	/* the party may not go on */
	CALL_ON_GLARE,
	CALL_ON_SHUTDOWN,
	CALL_ON_TICK		/* a deadline may have passed */
};

struct callfsm_event {
	enum call_event_type type;
	int party;
	bool body;		/* CALL_ON_RING */
	bool offer;		/* CALL_ON_INFO: it holds an offer */
	bool failed;		/* CALL_ON_HANGUP: party cannot take the call,
				 * but another device might */
	uint64_t now_ms;
	uint64_t media_ms;	/* CALL_ON_TICK: time of the last media; 0:
				 * none */
};

enum call_action_type {
	CALL_DO_PASS,		/* send the current request to party */
	CALL_DO_SHOW,	/* send party's kept answer and INFOs to the caller */
	CALL_DO_KEEP,	/* keep the current request until party is shown */
	CALL_DO_OFFER,	/* the current request is the offer of the call */
	CALL_DO_HANGUP,	/* send our HANGUP to party, with callfsm_reason */
	CALL_DO_STOP_PUSH,	/* the device is up */
	CALL_DO_CANCEL_PUSH,	/* stop the device's ringing */
	CALL_DO_END,		/* free its allocations */
	CALL_DO_FORGET		/* free the call itself */
};

struct callfsm_action {
	enum call_action_type type;
	int party;
};

#define CALL_ACTIONS (2 * CALL_DEVICES + 8)	/* two per device, and spare */

struct callfsm_result {
	int status;		/* the response to a request; else 0 */
	size_t n;
	struct callfsm_action actions[CALL_ACTIONS];
};

/*
 * Initialize a call. `wakeable` says for each of `n_legs` devices whether it
 * can be woken.
 */
void callfsm_init(struct callfsm *call, const struct callfsm_timing *timing,
    const bool wakeable[], int n_legs, uint64_t now_ms);

/*
 * Handle an event. The status is
 *
 *   200  done
 *   409  the request does not fit the state
 *   410  the call is over, for everybody or (answered elsewhere) for this
 *        device
 */
void callfsm_event(struct callfsm *call, const struct callfsm_event *event,
    struct callfsm_result *result);

/* Return when CALL_ON_TICK is due, on the clock of `now_ms`; 0: never. */
uint64_t callfsm_deadline_ms(const struct callfsm *call);

/*
 * Return why it is over for `party`, as a token: "answered-elsewhere", "busy",
 * ...
 */
const char *callfsm_reason(const struct callfsm *call, int party);

const char *callfsm_state_text(enum call_state state);

#endif
