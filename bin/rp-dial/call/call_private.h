/*
 * call_private: a call's own state, shared by the files of this module only:
 * call.c (its states, and what the two sides do), call_media.c (what media
 * says), call_signal.c (what signalling says), call_restart.c (another way for
 * media) and call_watch.c (what silence says).
 */
#ifndef RP_DIAL_CALL_PRIVATE_H
#define RP_DIAL_CALL_PRIVATE_H

#include "call/call.h"
#include "call/trust.h"
#include "presence.h"
#include "restart.h"

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
	struct leg *leg;		/* NULL once it is over */
	struct media *media;
	struct trust trust;
	struct report report;
	bool has_session;
	bool described;			/* the peer's description is taken */
	char peer_ufrag[SDP_UFRAG];	/* and was this one's */
	struct loop_event *deadline;		/* of the state */
	struct loop_event *finish;		/* activated by call_end */
	struct restart restart;
	struct presence presence;
	struct addr relay, source;	/* of media: to and from */
	bool had_moved;			/* at the last tick */
	struct netwatch *netwatch;	/* NULL if there can be none */
	struct loop_event *watch;		/* ticks each second */
	struct loop_event *gone;		/* see call_judge */

	char lost[MEDIA_WHY];		/* why media was; "": it was not */
	enum sigmsg_method goodbye;
	char reason[SIGMSG_REASON];	/* "": no goodbye */
	char why[TRUST_WHY];
};

/* Is it over, or about to be? Then nothing that comes counts. */
static inline bool
call_over(const struct call *call)
{
	return call->state >= CALL_ENDING;
}

/* The state's time is up in ms, in place of what was set. */
void call_set_deadline(struct call *call, uint32_t ms);

/* Start talking, if it is answered and media is secure. */
void call_talk_if_ready(struct call *call);

/* trust says no (-EACCES) or cannot tell (another errno): end the call. */
void call_distrust(struct call *call, int err, const char *why);

/* call_watch.c: keep an eye on it from now on. -ENOMEM. */
int call_watch(struct call *call);

/* call_watch.c: nobody was where the switch is; what does media say? */
void call_judge(void *arg);

/* call_watch.c: our signalling connection broke. */
void call_quiet(struct call *call);

/* call_restart.c: a second has passed; the network has changed. */
void call_restart_tick(struct call *call);
void call_restart_moved(struct call *call);

/* call_restart.c: what RESUME, or an INFO in vain, was answered. */
void call_restart_answered(struct call *call, const struct sigmsg *msg);

/* call_restart.c: our signalling connection broke. */
void call_restart_away(struct call *call);

/* call_restart.c: the peer's description in mid-call: an offer, or an answer. */
void call_restart_described(struct call *call, const struct sigmsg *msg);

/* call_restart.c: media goes to this relay from now on. */
void call_relay(struct call *call, const struct addr *relay);

/* call_media.c: open the media. */
int call_media_open(struct call *call, char why[static MEDIA_WHY]);

#endif
