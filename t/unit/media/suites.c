/* The suites of this program, one per module. See unit.h. */
#define UNIT_SUITES(X)					\
	X(audibility)					\
	X(audio)						\
	X(dtls)						\
	X(emodel)					\
	X(ice)						\
	X(jitter)					\
	X(rtp_session)

#include "unit_main.h"
