/* The suites of this program, one per module. See unit.h. */
#define UNIT_SUITES(X)					\
	X(apns_token)					\
	X(health)					\
	X(input)						\
	X(template)

#include "unit_main.h"
