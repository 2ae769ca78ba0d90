/* The suites of this program, one per module. See unit.h. */
#define UNIT_SUITES(X)					\
	X(change)					\
	X(geography)

#include "unit_main.h"
