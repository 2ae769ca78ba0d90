/*
 * audibility: of the time in which the peer should have been speaking, how much was
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
#ifndef RP_DIAL_AUDIBILITY_H
#define RP_DIAL_AUDIBILITY_H

#include <stdbool.h>
#include <stdint.h>

#include "media/audio/jitter.h"

#define AUDIBILITY_GRACE 50		/* frames: a second */
#define AUDIBILITY_REPORT 400	/* frames between reports, RFC 3550 6.2 */

/* Embedded; zeroed but for expects. All counts are of frames. */
struct audibility {
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
void audibility_frame(struct audibility *heard, enum jitter_result result);

/* A stream begins, perhaps after a BYE. */
void audibility_begin(struct audibility *heard);

/* A packet came whose sender was silent before it on purpose. */
void audibility_leap(struct audibility *heard);

/*
 * A report of the peer's came, by which it has sent nothing since the one
 * before (idle), or something that has not come (missed).
 */
void audibility_report(struct audibility *heard, bool idle, bool missed);

/* The peer will send no more. */
void audibility_bye(struct audibility *heard);

/* Of what should have been heard, in percent; 0 if nothing should. */
double audibility_missing_pct(const struct audibility *heard);

/* Time in silences of more than a second, in ms. */
double audibility_silent_ms(const struct audibility *heard);

#endif
