/* The suites of this program, one per module. See unit.h. */
#define UNIT_SUITES(X)					\
	X(arrivals)					\
	X(audibility)					\
	X(audio)						\
	X(dtls)						\
	X(emodel)					\
	X(ice)						\
	X(jitter)					\
	X(mixdown)					\
	X(packets)					\
	X(rtp_session)					\
	X(splice)					\
	X(timeline)

#include "unit_main.h"
