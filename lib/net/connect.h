/*
 * connect: one non-blocking TCP connect, for modules that make many.
 */
#ifndef RP_NET_CONNECT_H
#define RP_NET_CONNECT_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/addr.h"

/* Return a socket that is connecting or connected, or a negative errno. */
int connect_open(const struct addr *addr);

/*
 * Return 0 if the socket, which is writable, is connected; else a negative
 * errno.
 */
int connect_result(int fd);

/*
 * Return the round trip of the handshake as the kernel measured it, which our
 * own delays do not affect. Return -1 if it is unknown, as when a SYN was lost.
 */
double connect_rtt_ms(int fd);

/*
 * Return how long the answer to the next data takes if one packet is lost:
 * the kernel's retransmission time-out, which is the round trip and at least
 * 200 ms, and one more round trip (RFC 6298 2.2 and 2.4).
 */
uint32_t connect_resend_ms(int fd);

/* Did the kernel have to send something twice on this connection? */
bool connect_lost_packets(int fd);

/*
 * Close with a reset if it is connected after all, so that the peer sees an
 * aborted connect and not a silent client.
 */
void connect_discard(int fd);

/*
 * Arrange that close(2) resets the connection. Data that is unsent by then is
 * never sent, even if a packet was lost.
 */
void connect_discard_on_close(int fd);

/* Does the error mean that this host is short of a resource at the moment? */
bool connect_is_shortage(int err);

/*
 * Does the error mean that there is no route, or no address of ours, at the
 * moment? For TCP these are soft errors (RFC 1122 4.2.3.9, RFC 5461). A VPN
 * also forbids routes while it changes.
 */
bool connect_lacks_route(int err);

/* Return "refused", "timeout", "unreachable" ... for people and for JSON. */
const char *connect_error_text(int err);

#endif
