/*
 * clock: the two clocks. Durations and deadlines are monotonic; only what
 * crosses to another machine (a credential's expiry, a log line) is wall time.
 */
#ifndef RP_BASE_CLOCK_H
#define RP_BASE_CLOCK_H

#include <stdint.h>

#define CLOCK_MS 1000000ULL		/* nanoseconds */
#define CLOCK_S 1000000000ULL

/* Nanoseconds of the monotonic clock. */
uint64_t clock_ns(void);

/* Milliseconds of the monotonic clock. */
uint64_t clock_ms(void);

/* Seconds since 1970, UTC. */
int64_t clock_wall_s(void);

#endif
