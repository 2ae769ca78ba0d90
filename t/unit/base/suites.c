/* The suites of this program, one per module. See unit.h. */
#define UNIT_SUITES(X)					\
	X(args)						\
	X(conf)						\
	X(crash)						\
	X(jwt)						\
	X(map)						\
	X(privdrop)					\
	X(quota)						\
	X(tool)						\
	X(webpush)

#include "unit_main.h"
