/*
 * service: what a service manager (systemd) is told and what it hands over.
 * Without one all of this does nothing.
 */
#ifndef RP_BASE_SERVICE_H
#define RP_BASE_SERVICE_H

#include <stdint.h>

#include <sys/socket.h>

/* All is open. */
void service_ready(void);

/* A reload has begun; service_ready when it has ended. */
void service_reloading(void);

/* The end has begun: no new work is taken. */
void service_stopping(void);

/* One line for who asks the manager how we are. */
void service_status(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* How often service_alive is to be called at least; 0: never. */
uint64_t service_watchdog_ms(void);
void service_alive(void);

/*
 * A stream socket that was handed over and is bound to this address, or -1.
 * It is then the caller's.
 */
int service_take_stream(const struct sockaddr *sa, socklen_t len_bytes);

#endif
