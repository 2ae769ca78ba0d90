/*
 * lagpath: how much later each part of a sound is heard. A receiver may play
 * faster and slower, wait, and leave out, so the lag changes. Pure.
 */
#ifndef RP_T_LAGPATH_H
#define RP_T_LAGPATH_H

#include "tools/recording.h"

#define LAGPATH_RATE 10000
#define LAGPATH_STEP 1000	/* samples, 100 ms: a lag for each */

struct lag {
	long samples;
	double fit;	/* correlation there, 0 to 1; 0 where nothing is said */
};

/*
 * Find the lags, from 0 to `max_lag` samples: one for each LAGPATH_STEP that
 * `spoken` begins. Free the array once it is no longer needed. Return NULL if
 * memory is short.
 */
struct lag *lagpath_find(const struct sound *spoken, const struct sound *heard,
    long max_lag);

#endif
