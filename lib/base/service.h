/*
 * service: the interface to a service manager (systemd): notifications to it
 * and sockets from it. Without one these functions do nothing.
 */
#ifndef RP_BASE_SERVICE_H
#define RP_BASE_SERVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/addr.h"

/* Report that start-up is done. */
void service_ready(void);

/* Report that a reload has begun. service_ready ends it. */
void service_reloading(void);

/* Report that the program is stopping and takes no new work. */
void service_stopping(void);

/* Set the one-line status that the manager shows. */
void service_status(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/*
 * Return the longest allowed time between calls of service_alive; 0: no
 * watchdog.
 */
uint64_t service_watchdog_ms(void);
void service_alive(void);

/*
 * Return a socket of this type, SOCK_STREAM or SOCK_DGRAM, that the manager has
 * bound to this address. It then belongs to the caller and is not returned
 * again. The manager has it too, so it must not be shut down for good. Return
 * -ENOENT if there is none, or another negative errno.
 */
int service_take(int type, const struct addr *addr);

/* Read what a descriptor is bound to. Return false unless it is a socket. */
bool service_bound(int fd, struct addr *addr, int *type);

/* Is there one that service_take would return? */
bool service_has(int type, const struct addr *addr);

/* Close those that nobody took, and log each. */
void service_close_left(void);

#endif
