/*
 * call_private: a call's own state, shared by the files of this module only:
 *
 *  call.c          its states and the actions of the two sides
 *  call_media.c    events of media
 *  call_signal.c   events of signalling
 *  call_restart.c  ICE restarts, which move media to another path
 *  call_watch.c    silence of the switch or the peer
 */
#ifndef RP_DIAL_CALL_PRIVATE_H
#define RP_DIAL_CALL_PRIVATE_H

#include "call/call.h"
#include "call/trust.h"
#include "presence.h"
#include "restart.h"
#include "wire/why.h"

struct loop_event;
struct leg;
struct netwatch;

struct call {
	struct call_options options;
	struct call_handlers handlers;
	void *arg;

	enum call_state state;
	bool answered;
	bool secure;
	struct leg *leg;		/* NULL once the call is over */
	struct media *media;
	struct trust trust;
	struct report report;
	bool has_session;
	bool described;			/* the peer's description was taken */
	char peer_ufrag[SDP_UFRAG];	/* and had this ufrag */
	struct loop_event *deadline;		/* of the state */
	struct loop_event *finish;		/* activated by call_end */
	struct restart restart;
	struct presence presence;
	/* media's relay, and our address toward it */
	struct addr relay, source;
	bool had_moved;			/* at the last tick */
	struct netwatch *netwatch;	/* NULL if there cannot be one */
	struct loop_event *watch;		/* ticks each second */
	struct loop_event *gone;		/* see call_judge */

	char lost[WHY_TEXT];	/* why media was lost; "": it was not */
	enum sigmsg_method goodbye;
	char reason[SIGMSG_REASON];	/* "": say no goodbye */
	char why[WHY_TEXT];
};

/*
 * Return whether the call is over or about to be. Further events then do not
 * count.
 */
static inline bool
call_over(const struct call *call)
{
	return call->state >= CALL_ENDING;
}

/* Let the state expire in `ms`, in place of the deadline set before. */
void call_set_deadline(struct call *call, uint32_t ms);

/* Start talking if the call is answered and media is secure. */
void call_talk_if_ready(struct call *call);

/*
 * End the call because trust refuses the peer (-EACCES) or cannot decide
 * (another errno).
 */
void call_distrust(struct call *call, int err, const char *why);

/*
 * call_watch.c: watch the call from now on.
 *
 *  -ENOMEM  out of memory
 */
int call_watch(struct call *call);

/*
 * call_watch.c: the switch's address refused us; judge by media whether the
 * switch is gone.
 */
void call_judge(void *arg);

/* call_watch.c: note that our signalling connection broke. */
void call_quiet(struct call *call);

/*
 * call_restart.c: note that a second has passed, or that the network has
 * changed.
 */
void call_restart_tick(struct call *call);
void call_restart_moved(struct call *call);

/* call_restart.c: take the answer to RESUME, or to an INFO that failed. */
void call_restart_answered(struct call *call, const struct sigmsg *msg);

/* call_restart.c: note that our signalling connection broke. */
void call_restart_away(struct call *call);

/*
 * call_restart.c: take the peer's description in mid-call, an offer or an
 * answer.
 */
void call_restart_described(struct call *call, const struct sigmsg *msg);

/* call_restart.c: note that media goes to this relay from now on. */
void call_relay(struct call *call, const struct addr *relay);

/*
 * call_restart.c: place the reply's servers where this host reaches them, by
 * the address at which the switch has answered.
 */
void call_reach(const struct call *call, struct reply *reply);

/* call_media.c: open the media. */
int call_media_open(struct call *call, char why[static WHY_TEXT]);

#endif
