/* The suites of this program, one per module. See unit.h. */
#define UNIT_SUITES(X)					\
	X(apns_token)					\
	X(endpoints)					\
	X(health)					\
	X(input)						\
	X(origin)					\
	X(reach)						\
	X(template)

#include "unit_main.h"
