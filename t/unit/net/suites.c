/* The suites of this program, one per module. See unit.h. */
#define UNIT_SUITES(X)					\
	X(certname)						\
	X(child)						\
	X(dnsconf)						\
	X(lines)						\
	X(listener)					\
	X(loop)						\
	X(multiconnect)					\
	X(multiconnect_late)				\
	X(netwatch)					\
	X(tickets)					\
	X(tls)						\
	X(tlsrace)					\
	X(tlsrace_late)					\
	X(udp_batch)					\
	X(webport)

#include "unit_main.h"
