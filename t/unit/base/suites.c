/* The suites of this program, one per module. See unit.h. */
#define UNIT_SUITES(X)					\
	X(alias)						\
	X(allowlist)						\
	X(args)						\
	X(build)					\
	X(conf)						\
	X(conftext)					\
	X(crash)						\
	X(crypto)					\
	X(deviceproof)					\
	X(jwt)						\
	X(lobby)					\
	X(log)						\
	X(logpace)					\
	X(logsink)					\
	X(logsocket)					\
	X(map)						\
	X(pace)						\
	X(privdrop)					\
	X(quota)						\
	X(secretfile)					\
	X(tool)						\
	X(tool_read)					\
	X(turnusers)					\
	X(vapidcheck)					\
	X(vapidkey)					\
	X(webpush)

#include "unit_main.h"
