/*
 * heard: of the time in which the peer should have been speaking, how much was
 * heard. A frame of 20 ms either was played from what came or is missing,
 * whether its packet was lost, was late or was never sent: who listens cannot
 * tell. Sequence numbers do not show a peer that falls silent; time does.
 *
 * A second is left alone where silence has an innocent cause: from ANSWER to
 * the first audio, and from the last audio to the end of the call, which the
 * peer knows of first. A peer may also say nothing on purpose (Opus' DTX,
 * which rp never asks for): then its sequence numbers go on and its timestamps
 * leap, and up to a second of that is not missing either (it sends something
 * every 0.4 s). If its reports say that it sent nothing (it is on hold, or
 * its microphone is off), however long that lasts is silence and not missing,
 * nor is the time until its next report. Pure.
 */
#ifndef RP_DIAL_HEARD_H
#define RP_DIAL_HEARD_H

#include <stdbool.h>
#include <stdint.h>

#include "jitter.h"

#define HEARD_GRACE 50		/* frames: a second */
#define HEARD_REPORT 400	/* frames between reports, RFC 3550 6.2 */

/* Embedded; zeroed but for expects. All counts are of frames. */
struct heard {
	bool expects;		/* the peer said that it sends */
	bool any;		/* something was heard */
	bool leapt;		/* the packet that ends the run says: DTX */
	bool over;		/* the peer said BYE */
	bool idle;		/* in this run the peer said: nothing was sent */
	uint64_t pending;	/* missing up to now, judged when it ends */
	uint64_t marked;	/* of pending: packets were lost in it */
	uint64_t excused;	/* of this run, and no more pending */
	uint64_t total, missing;
	uint64_t silent;	/* in runs of more than a second */
};

/* Another 20 ms have passed, with that result. */
void heard_frame(struct heard *heard, enum jitter_result result);

/* A stream begins, perhaps after a BYE. */
void heard_begin(struct heard *heard);

/* A packet came whose sender was silent before it on purpose. */
void heard_leap(struct heard *heard);

/*
 * A report of the peer's came, by which it has sent nothing since the one
 * before (idle), or something that has not come (missed).
 */
void heard_report(struct heard *heard, bool idle, bool missed);

/* The peer will send no more. */
void heard_bye(struct heard *heard);

/* Of what should have been heard, in percent; 0 if nothing should. */
double heard_missing_pct(const struct heard *heard);

/* Time in silences of more than a second, in ms. */
double heard_silent_ms(const struct heard *heard);

#endif
