/*
 * audibility: measure how much of the peer's expected speech was heard. A frame
 * of 20 ms either was played from received audio or is missing, whether its
 * packet was lost, was late or was never sent: a listener cannot tell. Sequence
 * numbers do not show a peer that falls silent; time does.
 *
 * A second is excused where silence has an innocent cause: from ANSWER to the
 * first audio, and from the last audio to the end of the call, which the peer
 * knows of first. A peer may also pause on purpose (Opus' DTX, which rp never
 * asks for). Its sequence numbers then continue and its timestamps leap. Up to
 * a second of that is not missing either, because it sends something every 0.4
 * s. If the peer's reports say that it sent nothing (on hold, or muted), that
 * time counts as silence and not as missing, however long it lasts. The time
 * until its next report does not count as missing either. Pure.
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
	bool leapt;		/* the packet that ends the run shows DTX */
	bool over;		/* the peer said BYE */
	bool idle; /* in this run the peer reported that it sent none */
	uint64_t pending;	/* missing so far, judged when the run ends */
	uint64_t marked;	/* of pending: packets were lost in it */
	uint64_t excused;	/* of this run, and no longer pending */
	uint64_t total, missing;
	uint64_t silent;	/* in runs of more than a second */
};

/* Count another 20 ms with this result. */
void audibility_frame(struct audibility *heard, enum jitter_result result);

/*
 * Note whether the peer is going to send from now on. A peer on hold owes
 * nothing, and after it the time to its first audio is excused anew.
 */
void audibility_expect(struct audibility *heard, bool expects);

/* Note that a stream begins, perhaps after a BYE. */
void audibility_begin(struct audibility *heard);

/* Note a packet whose sender was silent before it on purpose. */
void audibility_leap(struct audibility *heard);

/*
 * Take a report of the peer's. By it, the peer has sent nothing since the
 * report before (`idle`), or has sent packets that have not come (`missed`).
 */
void audibility_report(struct audibility *heard, bool idle, bool missed);

/* Note that the peer will send no more. */
void audibility_bye(struct audibility *heard);

/*
 * Count `n` frames that were never played, because the program did not run
 * while the peer spoke.
 */
void audibility_skip(struct audibility *heard, uint64_t n);

/* Write the number of missing and of expected frames so far. */
void audibility_counts(const struct audibility *heard, uint64_t *missing,
    uint64_t *total);

/*
 * Return the missing share of the expected audio in percent; 0 if none was
 * expected.
 */
double audibility_missing_pct(const struct audibility *heard);

/* Return the time in silences of more than a second, in ms. */
double audibility_silent_ms(const struct audibility *heard);

#endif
