/*
 * clock: the two clocks. Durations and deadlines are monotonic. Only times that
 * other machines read (a credential's expiry, a log line) are wall time.
 */
#ifndef RP_BASE_CLOCK_H
#define RP_BASE_CLOCK_H

#include <stdint.h>

#define CLOCK_MS 1000000ULL		/* nanoseconds */
#define CLOCK_S 1000000000ULL

/* Return the monotonic clock in nanoseconds. */
uint64_t clock_ns(void);

/* Return the monotonic clock in milliseconds. */
uint64_t clock_ms(void);

/* Return the seconds since 1970, UTC. */
int64_t clock_wall_s(void);

#endif
