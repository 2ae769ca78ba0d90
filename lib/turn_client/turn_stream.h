/*
 * turn_stream: TURN messages in sequence over a TCP or TLS connection, with
 * ChannelData padded to four bytes (RFC 8656 12.5).
 */
#ifndef RP_TURN_CLIENT_TURN_STREAM_H
#define RP_TURN_CLIENT_TURN_STREAM_H

#include <stddef.h>

#include "turn_client/turn_transport.h"

struct turn_stream;

/*
 * Connect; messages sent meanwhile wait. The handlers are those of
 * turn_transport.
 */
int turn_stream_new(struct turn_stream **out, struct event_base *loop,
    const struct turn_client_options *options,
    const struct turn_transport_handlers *handlers, void *arg);

/*
 * Send a message.
 *
 *   -ENOBUFS  earlier messages have not left yet
 *   -EPIPE    the stream has ended
 */
int turn_stream_send(struct turn_stream *stream, const void *data,
    size_t len);

/* Close and free; allowed within handlers. NULL is fine. */
void turn_stream_free(struct turn_stream *stream);

#endif
