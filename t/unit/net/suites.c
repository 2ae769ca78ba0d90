/* The suites of this program, one per module. See unit.h. */
#define UNIT_SUITES(X)					\
	X(certcheck)					\
	X(certname)					\
	X(child)						\
	X(dnsconf)					\
	X(keyholder)					\
	X(httpd)					\
	X(lastgood)					\
	X(lines)						\
	X(listener)					\
	X(loop)						\
	X(multiconnect)					\
	X(multiconnect_late)				\
	X(multiconnect_routes)				\
	X(multiconnect_second)				\
	X(netwatch)					\
	X(tickets)					\
	X(tls)						\
	X(tls_workers)					\
	X(tls_try)					\
	X(tls_failure)					\
	X(tlsrace)					\
	X(tlsrace_late)					\
	X(tlsrace_proxy)				\
	X(udp_batch)					\
	X(webget)					\
	X(workers)

#include "unit_main.h"
