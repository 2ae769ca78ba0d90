/*
 * connect: one non-blocking TCP connect, for those that make many.
 */
#ifndef RP_NET_CONNECT_H
#define RP_NET_CONNECT_H

#include <stdbool.h>

#include "wire/addr.h"

/* A socket that connects, or has; or a negative errno at once. */
int connect_open(const struct addr *addr);

/* Once it is writable: 0 if it is connected, or why not. */
int connect_result(int fd);

/*
 * The round trip of the handshake as the kernel saw it, whatever kept us from
 * looking. -1 if it is not known, as when a SYN was lost.
 */
double connect_rtt_ms(int fd);

/* Did the kernel have to send something twice on this connection? */
bool connect_lost_packets(int fd);

/*
 * Close with a reset if it connected after all, so that the peer sees an
 * aborted connect and not a client with nothing to say.
 */
void connect_discard(int fd);

/*
 * Whoever closes it discards it so; what is not sent by then never is, though a
 * packet was lost.
 */
void connect_discard_on_close(int fd);

/* Does the error mean that this host is short of something just now? */
bool connect_is_shortage(int err);

/* "refused", "timeout", "unreachable" ... for people and for JSON. */
const char *connect_error_text(int err);

#endif
