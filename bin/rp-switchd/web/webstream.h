/*
 * webstream: a connection of a page's client: TLS or, with --dev alone, plain
 * TCP.
 */
#ifndef RP_SWITCHD_WEBSTREAM_H
#define RP_SWITCHD_WEBSTREAM_H

#include <stddef.h>
#include <stdint.h>

#include "net/tls_failure.h"

struct buffer;
struct event_base;
struct tls_config;
struct webstream;
struct workers_lane;

/* Called from the loop only. Each may free the stream. */
struct webstream_handlers {
	/* Bytes have come; what is not taken from `in` stays there. */
	void (*data)(struct buffer *in, void *arg);
	/* All that was queued is sent. */
	void (*sent)(void *arg);
	/* It has ended. `failure` and `why` are those of its handshake. */
	void (*ended)(enum tls_failure failure, const char *why, void *arg);
};

struct webstream_options {
	struct tls_config *tls;		/* NULL: plain */
	struct workers_lane *lane;	/* of handshakes */
	uint32_t handshake_ms;
	size_t in_max, out_max;
};

/* Takes over `fd`, also on failure. 0 or a negative errno. */
int webstream_new(struct webstream **out, struct event_base *loop, int fd,
    const struct webstream_options *options,
    const struct webstream_handlers *handlers, void *arg);

/* Close at once and free; no handler follows. NULL is fine. */
void webstream_free(struct webstream *stream);

/* Queue bytes, and send what is possible. A negative errno: it ends. */
int webstream_write(struct webstream *stream, const void *data, size_t len);

/* Return the number of bytes queued. */
size_t webstream_unsent(const struct webstream *stream);

/* Call `data` again in the next turn, with or without new bytes. */
void webstream_again(struct webstream *stream);

/* Send what is queued, and end. `ended` follows; input is discarded. */
void webstream_finish(struct webstream *stream);

#endif
