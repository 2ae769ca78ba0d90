/* The suites of this program, one per module. See unit.h. */
#define UNIT_SUITES(X)					\
	X(jitter_weather)				\
	X(red_weather)

#include "unit_main.h"
