/* The suites of this program, one per module. See unit.h. */
#define UNIT_SUITES(X)					\
	X(child)						\
	X(listener)					\
	X(multiconnect)					\
	X(multiconnect_late)				\
	X(netwatch)					\
	X(tickets)					\
	X(tls)						\
	X(tlsrace)					\
	X(tlsrace_late)					\
	X(udp_batch)

#include "unit_main.h"
