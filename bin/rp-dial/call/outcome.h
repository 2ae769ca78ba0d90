/*
 * outcome: how a call, or an attempt at one, ended, with its word in the report
 * and its exit status. Pure.
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
	OUTCOME_IDENTITY,	/* differs from the peer's known identity */
	OUTCOME_UNVERIFIED,	/* the peer's identity could not be verified */
	OUTCOME_QUALITY,	/* below --min-mos */
	OUTCOME_DROPPED,
	OUTCOME_INCOMPATIBLE,	/* a description that one side cannot use */
	OUTCOME_MOVED,		/* the switch shuts down: dial again */
	OUTCOME_UNTRUSTED,	/* the switch's certificate is not trusted */
	OUTCOME_OVER,		/* the call was over before the callee came */
	OUTCOME_RELAY, /* the relay fails, or fails over one transport */
	OUTCOME_N	/* how many there are */
};

/* How far the call had come at its end. */
enum outcome_stage {
	OUTCOME_RANG,
	OUTCOME_ANSWERED,
	OUTCOME_TALKED		/* media was there */
};

/* Return the word for the outcome: "completed", "no_answer", ... */
const char *outcome_text(enum outcome outcome);

/* Return rp-dial's exit status, as in rp-dial(1). */
int outcome_exit(enum outcome outcome);

/*
 * Return the outcome of a switch's refusal. `status` is that of an INITIATE,
 * RING, ANSWER or RESUME; `reason` may be empty.
 */
enum outcome outcome_of_status(int status, const char *reason);

/*
 * Return the outcome of an end that the other side or the switch announced.
 * `busy` means BUSY rather than HANGUP.
 */
enum outcome outcome_of_end(bool busy, const char *reason,
    enum outcome_stage stage);

#endif
