/*
 * turn_transport: the transport of whole TURN messages (STUN and ChannelData)
 * between a client and its server, over UDP, TCP or TLS (RFC 8656 3.1).
 */
#ifndef RP_TURN_CLIENT_TURN_TRANSPORT_H
#define RP_TURN_CLIENT_TURN_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "turn_client/turn_client.h"

struct turn_transport;

/* The longest message that is carried. Voice and handshakes are far below. */
#define TURN_TRANSPORT_MAX 2048

/* Called from the loop only. Each may call turn_transport_free. */
struct turn_transport_handlers {
	void (*message)(const uint8_t *data, size_t len, void *arg);
	/*
	 * Sending fails at present. A reliable transport has ended with it.
	 * `why` is one line.
	 *
	 *   -ECONNREFUSED, -ENETUNREACH, ...
	 *   -EKEYREJECTED  the server's certificate is not trusted
	 */
	void (*error)(int err, const char *why, void *arg);
};

/*
 * Open the transport that `options` describe by `server` and `via`. Sending may
 * begin at once.
 */
int turn_transport_new(struct turn_transport **out, struct event_base *loop,
    const struct turn_client_options *options,
    const struct turn_transport_handlers *handlers, void *arg);

/*
 * Send one message. It is lost if it cannot be queued. On a stream that is so
 * if earlier messages have not left yet, because late sound is useless. Except
 * for -EMSGSIZE, a negative errno means no more than a lost datagram.
 */
int turn_transport_send(struct turn_transport *transport, const void *data,
    size_t len);

/* Is it reliable, so that no request need be repeated? */
bool turn_transport_reliable(const struct turn_transport *transport);

void turn_transport_free(struct turn_transport *transport);

#endif
