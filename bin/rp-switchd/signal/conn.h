/*
 * conn: one signalling connection: messages over TLS, in a stream or, once it
 * is upgraded, in WebSocket frames; requests both ways. The peer's requests are
 * handed over one at a time, so that they are answered in order; ours may be
 * sent at any time. What breaks the syntax or a limit is answered here, as
 * rp-signal(7) says, and the connection closed. Of what comes as early data
 * INITIATE and RING are handed over at once, and the rest after the handshake.
 */
#ifndef RP_SWITCHD_CONN_H
#define RP_SWITCHD_CONN_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/addr.h"
#include "wire/sigmsg.h"

struct conn;
struct event_base;
struct tls_config;

/* Called from the loop only, never before conn_new returns. */
struct conn_handlers {
	/*
	 * A request, valid until it is answered by conn_reply, which may be
	 * called within this or later.
	 */
	void (*request)(const struct sigmsg *msg, void *arg);
	/* The answer to the oldest unanswered request of ours, in order. */
	void (*response)(const struct sigmsg *msg, void *arg);
	/* The peer broke the rules and is told status. */
	void (*refused)(int status, void *arg);
	/* It is over; conn_free it, in here if you like. */
	void (*closed)(void *arg);
};

struct conn_options {
	struct tls_config *tls;
	uint32_t auth_ms;	/* to say the first message, or all of one */
	uint32_t idle_ms;	/* between messages */
	uint64_t *resumed, *early;	/* count such TLS sessions */
};

/* Takes over fd, also on failure. */
int conn_new(struct conn **out, struct event_base *loop, int fd,
    const struct conn_options *options, const struct conn_handlers *handlers,
    void *arg);

/* Without ceremony; no handler follows. NULL is fine. */
void conn_free(struct conn *conn);

/*
 * Was the handshake ever done? If not, what was said came early, and nobody has
 * heard an answer.
 */
bool conn_is_ready(const struct conn *conn);

/*
 * Answer the request at hand. With msg->close, or if the peer asked for it, the
 * connection is closed when all is sent.
 */
void conn_reply(struct conn *conn, const struct sigmsg *msg);

/*
 * Answer the request at hand 101, with msg, and go on in WebSocket text frames,
 * one message a frame (RFC 6455).
 */
void conn_upgrade(struct conn *conn, const struct sigmsg *msg);
bool conn_is_upgraded(const struct conn *conn);

/* Send a request. -EPIPE: it is closing. -ENOBUFS: the peer does not read. */
int conn_send(struct conn *conn, const struct sigmsg *msg);

/* Send what is queued, then close. */
void conn_finish(struct conn *conn);

/* Our address as the peer reached it. */
int conn_local_addr(const struct conn *conn, struct addr *out);

#endif
