/*
 * pace: a number of requests per window, refilled evenly. Pure. See pace.h.
 */
#include "base/pace.h"

long
pace_take(struct pace *pace, long most, uint32_t window_ms, uint64_t now_ms,
    uint32_t *wait_ms)
{
	uint64_t each_ms = window_ms / (uint64_t)most;
	uint64_t end_ms = now_ms + (uint64_t)most * each_ms;
	uint64_t full_ms = pace->full_ms > now_ms ? pace->full_ms : now_ms;

	/* `most` was larger when the last ones were taken. */
	if (full_ms > end_ms)
		full_ms = end_ms;
	if (full_ms + each_ms > end_ms) {
		*wait_ms = (uint32_t)(full_ms + each_ms - end_ms);
		return -1;
	}
	pace->full_ms = full_ms + each_ms;
	return (long)((end_ms - pace->full_ms) / each_ms);
}
