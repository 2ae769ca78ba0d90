/* The suites of this program, one per module. See unit.h. */
#define UNIT_SUITES(X)					\
	X(ask_once)					\
	X(directory)					\
	X(redis_url)					\
	X(directory_any)				\
	X(directory_damage)				\
	X(directory_postgres)				\
	X(signal_client)					\
	X(turn_client)

#include "unit_main.h"
