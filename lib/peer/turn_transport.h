/*
 * turn_transport: carries whole TURN messages (STUN and ChannelData) between
 * a client and its server, whatever lies beneath.
 */
#ifndef RP_PEER_TURN_TRANSPORT_H
#define RP_PEER_TURN_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct addr;
struct event_base;
struct turn_transport;

/* The longest message that is carried; voice and handshakes are far below. */
#define TURN_TRANSPORT_MAX 2048

/* Called from the loop only. turn_transport_free is allowed in all. */
struct turn_transport_handlers {
	void (*message)(const uint8_t *data, size_t len, void *arg);
	/* -ECONNREFUSED, -ENETUNREACH, ...: nothing gets there at present. */
	void (*error)(int err, void *arg);
};

/* Over UDP from a new port. */
int turn_transport_udp(struct turn_transport **out, struct event_base *loop,
    const struct addr *server, const struct turn_transport_handlers *handlers,
    void *arg);

/*
 * Send one message; it is lost if there is no room. A negative errno is worth
 * no more than a datagram lost, but for -EMSGSIZE.
 */
int turn_transport_send(struct turn_transport *transport, const void *data,
    size_t len);

/* Does it deliver for sure, so that no request need be repeated? */
bool turn_transport_reliable(const struct turn_transport *transport);

void turn_transport_free(struct turn_transport *transport);

#endif
