/* The suites of this program, one per module. See unit.h. */
#define UNIT_SUITES(X)					\
	X(arrivals)					\
	X(audibility)					\
	X(audio)						\
	X(dtls)						\
	X(echo)						\
	X(emodel)					\
	X(fresh)					\
	X(ice)						\
	X(jitter)					\
	X(mixdown)					\
	X(packets)					\
	X(path)						\
	X(quality)					\
	X(red_receiver)					\
	X(red_sender)					\
	X(redundancy)					\
	X(recordings)					\
	X(rtp_session)					\
	X(sped)						\
	X(splice)					\
	X(stoi)						\
	X(tempo)						\
	X(timeline)

#include "unit_main.h"
