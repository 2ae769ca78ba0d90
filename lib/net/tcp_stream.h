/*
 * tcp_stream: a connected TCP socket on the loop, without TLS. It is the
 * counterpart of tls.h.
 */
#ifndef RP_NET_TCP_STREAM_H
#define RP_NET_TCP_STREAM_H

#include <stddef.h>

struct buffer;
struct event_base;
struct tcp_stream;

/* Called from the loop only. Each may free the stream. */
struct tcp_stream_handlers {
	/* Bytes have come; what is not taken from `in` stays there. */
	void (*data)(struct buffer *in, void *arg);
	/* The peer closed, or the connection failed. Nothing follows. */
	void (*ended)(void *arg);
};

/*
 * Takes over `fd`, also on failure. Reading stops while the input holds
 * `in_max` bytes. 0 or a negative errno.
 */
int tcp_stream_new(struct tcp_stream **out, struct event_base *loop, int fd,
    size_t in_max, const struct tcp_stream_handlers *handlers, void *arg);

/* Close at once and free; no handler follows. NULL is fine. */
void tcp_stream_free(struct tcp_stream *stream);

/* Send, or queue what the socket does not accept. Return 0 or -ENOBUFS. */
int tcp_stream_write(struct tcp_stream *stream, const void *data, size_t len);

/* Set a handler that is called when all that was queued is sent. */
void tcp_stream_on_sent(struct tcp_stream *stream, void (*sent)(void *arg));

/*
 * Send what is queued and end our side. Input from here on is discarded, and
 * `ended` is called when the peer closes, or takes nothing for 2 s.
 */
void tcp_stream_finish(struct tcp_stream *stream);

/* Return the number of queued bytes. */
size_t tcp_stream_unsent(const struct tcp_stream *stream);

#endif
