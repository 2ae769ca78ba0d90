/* The suites of this program, one per module. See unit.h. */
#define UNIT_SUITES(X)					\
	X(change)					\
	X(dns64)					\
	X(geography)					\
	X(match)					\
	X(zone_change)

#include "unit_main.h"
