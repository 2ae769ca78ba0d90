/*
 * outcome: how a call, or an attempt at one, ended: the word for it in the
 * report and the exit status. Pure.
 */
#ifndef RP_DIAL_OUTCOME_H
#define RP_DIAL_OUTCOME_H

#include <stdbool.h>

enum outcome {
	OUTCOME_COMPLETED,
	OUTCOME_ERROR,		/* local: a file, memory, the command line */
	OUTCOME_UNREACHABLE,	/* no switch */
	OUTCOME_REFUSED,	/* by the switch: too many calls, ... */
	OUTCOME_NOT_FOUND,	/* no such callee */
	OUTCOME_NO_ANSWER,
	OUTCOME_CANCELLED,	/* by the caller, before ANSWER */
	OUTCOME_BUSY,
	OUTCOME_DECLINED,
	OUTCOME_UNAUTHORISED,
	OUTCOME_IDENTITY,	/* the peer's is not the one we know */
	OUTCOME_UNVERIFIED,	/* the peer is not who it said or promised */
	OUTCOME_QUALITY,	/* below --min-mos */
	OUTCOME_DROPPED,
	OUTCOME_MOVED,		/* the switch stops: dial again */
	OUTCOME_UNTRUSTED,	/* the switch's certificate */
	OUTCOME_OVER,		/* before the callee came */
	OUTCOME_RELAY		/* it does not work, or not by every way */
};

/* "completed", "no_answer", ... */
const char *outcome_text(enum outcome outcome);

/* rp-dial's exit status, as in rp-dial(1). */
int outcome_exit(enum outcome outcome);

/*
 * What a switch's refusal of a call means: status is that of an INITIATE,
 * RING, ANSWER or RESUME; reason may be empty.
 */
enum outcome outcome_of_status(int status, const char *reason);

/*
 * What the end of a call means that the other side or the switch announced:
 * busy (BUSY, not HANGUP), its reason, and whether the call had been answered.
 */
enum outcome outcome_of_end(bool busy, const char *reason, bool answered);

#endif
