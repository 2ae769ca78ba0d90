/*
 * intelligibility: STOI, the short-time objective intelligibility of Taal,
 * Hendriks, Heusdens and Jensen (IEEE Transactions on Audio, Speech and
 * Language Processing 19, 2011). It is 1 for the same sound, and near 0 for another. In
 * one thing it differs: silent frames are left out as they are, and not first
 * joined to a wave. Pure.
 */
#ifndef RP_T_INTELLIGIBILITY_H
#define RP_T_INTELLIGIBILITY_H

#include "tools/recording.h"

#define STOI_RATE 10000		/* of both sounds */
#define STOI_HOP 128		/* samples from a frame to the next */

/*
 * Return the score of `heard`, of which the part that was said at frame i comes
 * lags[i] samples later. There is a lag for each STOI_HOP samples of `spoken`.
 * Return -1 if there are less than 384 ms of speech or memory is short.
 */
double intelligibility_score(const struct sound *spoken,
    const struct sound *heard, const long *lags);

#endif
