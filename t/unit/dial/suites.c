/* The suites of this program, one per module. See unit.h. */
#define UNIT_SUITES(X)					\
	X(account)					\
	X(callstate)					\
	X(identity)					\
	X(leg)						\
	X(load_stats)					\
	X(names)					\
	X(pin)						\
	X(presence)					\
	X(probe_nagios)					\
	X(probe_target)					\
	X(probe_textfile)					\
	X(push_endpoint)					\
	X(reply)						\
	X(reply_early)						\
	X(reply_reach)					\
	X(report)					\
	X(restart)					\
	X(switchnames)					\
	X(threshold)					\
	X(trust)						\
	X(verify)

#include "unit_main.h"
