/* The suites of this program, one per module. See unit.h. */
#define UNIT_SUITES(X)					\
	X(child)						\
	X(listener)					\
	X(multiconnect)					\
	X(netwatch)					\
	X(tickets)					\
	X(tls)						\
	X(tlsrace)					\
	X(udp_batch)

#include "unit_main.h"
