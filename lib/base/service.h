/*
 * service: the interface to a service manager (systemd): notifications to it
 * and sockets from it. Without one these functions do nothing.
 */
#ifndef RP_BASE_SERVICE_H
#define RP_BASE_SERVICE_H

#include <stdint.h>

#include <sys/socket.h>

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
 * Return a stream socket from the manager that is bound to this address, or -1.
 * It then belongs to the caller.
 */
int service_take_stream(const struct sockaddr *sa, socklen_t len_bytes);

#endif
