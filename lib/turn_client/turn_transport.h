/*
 * turn_transport: carries whole TURN messages (STUN and ChannelData) between
 * a client and its server, over UDP, TCP or TLS (RFC 8656 3.1).
 */
#ifndef RP_TURN_CLIENT_TURN_TRANSPORT_H
#define RP_TURN_CLIENT_TURN_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "turn_client/turn_client.h"

struct turn_transport;

/* The longest message that is carried; voice and handshakes are far below. */
#define TURN_TRANSPORT_MAX 2048

/* Called from the loop only. turn_transport_free is allowed in all. */
struct turn_transport_handlers {
	void (*message)(const uint8_t *data, size_t len, void *arg);
	/*
	 * -ECONNREFUSED, -ENETUNREACH, ...: nothing gets there at present. A
	 * reliable transport is at its end with it. -EKEYREJECTED: the
	 * server's certificate is not trusted. why is one line.
	 */
	void (*error)(int err, const char *why, void *arg);
};

/* What options say of server and via. Sending may begin at once. */
int turn_transport_new(struct turn_transport **out, struct event_base *loop,
    const struct turn_client_options *options,
    const struct turn_transport_handlers *handlers, void *arg);

/*
 * Send one message; it is lost if there is no room (on a stream: if what was
 * sent before has not left yet, for late sound is of no use). A negative errno
 * is worth no more than a datagram lost, but for -EMSGSIZE.
 */
int turn_transport_send(struct turn_transport *transport, const void *data,
    size_t len);

/* Does it deliver for sure, so that no request need be repeated? */
bool turn_transport_reliable(const struct turn_transport *transport);

void turn_transport_free(struct turn_transport *transport);

#endif
