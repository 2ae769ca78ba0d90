/* clock: read the monotonic clock and wall time. See clock.h. */
#include "base/clock.h"

#include <time.h>

uint64_t
clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * CLOCK_S + (uint64_t)now.tv_nsec;
}

uint64_t
clock_ms(void)
{
	return clock_ns() / CLOCK_MS;
}

int64_t
clock_wall_s(void)
{
	return (int64_t)time(NULL);
}
