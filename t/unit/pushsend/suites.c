/* The suites of this program, one per module. See unit.h. */
#define UNIT_SUITES(X)					\
	X(answer_table)					\
	X(apns_token)					\
	X(head)						\
	X(endpoints)					\
	X(health)					\
	X(input)						\
	X(subject)					\
	X(template)					\
	X(answer_words)

#include "unit_main.h"
