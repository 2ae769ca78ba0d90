/*
 * turn_stream: TURN messages over a TCP or TLS connection, one behind the
 * other, ChannelData padded to four bytes (RFC 8656 12.5).
 */
#ifndef RP_TURN_CLIENT_TURN_STREAM_H
#define RP_TURN_CLIENT_TURN_STREAM_H

#include <stddef.h>

#include "turn_client/turn_transport.h"

struct turn_stream;

/* Connects; what is sent meanwhile waits. Handlers as turn_transport's. */
int turn_stream_new(struct turn_stream **out, struct event_base *loop,
    const struct turn_client_options *options,
    const struct turn_transport_handlers *handlers, void *arg);

/* -ENOBUFS: what was sent before has not left yet. -EPIPE: at its end. */
int turn_stream_send(struct turn_stream *stream, const void *data,
    size_t len);

/* Allowed within handlers. NULL is fine. */
void turn_stream_free(struct turn_stream *stream);

#endif
