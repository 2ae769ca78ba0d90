/*
 * conn: one signalling connection: messages over TLS, in a stream or, after an
 * upgrade, in WebSocket frames. Both sides send requests. The peer's are passed
 * on one at a time, so that they are answered in order; ours may be sent at any
 * time. A message that violates the syntax or a limit is answered here, as
 * rp-signal(7) says, and the connection is closed. From early data, INITIATE
 * and RING are passed on at once, and the rest after the handshake.
 */
#ifndef RP_SWITCHD_CONN_H
#define RP_SWITCHD_CONN_H

#include <stdbool.h>
#include <stdint.h>

#include "net/tls_failure.h"
#include "wire/addr.h"
#include "wire/sigmsg.h"

struct conn;
struct event_base;
struct tls_config;
struct workers_lane;

/* Called from the loop only, never before conn_new returns. */
struct conn_handlers {
	/*
	 * A request has come. It is valid until conn_reply answers it, within
	 * this handler or later.
	 */
	void (*request)(const struct sigmsg *msg, void *arg);
	/*
	 * The answer to our oldest unanswered request has come; answers are in
	 * order.
	 */
	void (*response)(const struct sigmsg *msg, void *arg);
	/*
	 * The peer violated the protocol and is answered `status`, or 0 if only
	 * the connection ends.
	 */
	void (*refused)(int status, const char *why, void *arg);
	/* The TLS handshake has failed, or TLS_FAILURE_NONE. `closed` follows. */
	void (*no_tls)(enum tls_failure failure, const char *why, void *arg);
	/*
	 * The connection has ended. Call conn_free, within this handler or
	 * later.
	 */
	void (*closed)(void *arg);
};

struct conn_options {
	struct tls_config *tls;
	struct workers_lane *lane;	/* for the handshake; NULL: the loop */
	uint32_t auth_ms;	/* until conn_trust, or for a whole message */
	uint32_t idle_ms;	/* between messages */
	uint64_t *resumed, *early;	/* counters of such TLS sessions */
};

/* Make one. Takes over `fd`, also on failure. */
int conn_new(struct conn **out, struct event_base *loop, int fd,
    const struct conn_options *options, const struct conn_handlers *handlers,
    void *arg);

/* Close at once and free; no handler follows. NULL is fine. */
void conn_free(struct conn *conn);

/*
 * Was the handshake ever completed? If not, all requests were early data, and
 * the peer has received no answer.
 */
bool conn_is_ready(const struct conn *conn);

/*
 * Note that the peer has authenticated. Until then the connection lives for
 * auth_ms at most, whatever it sends or is answered; only a request that waits
 * for us is still answered.
 */
void conn_trust(struct conn *conn);

/*
 * Answer the current request. With `msg->close`, or if the peer asked for it,
 * the connection is closed when all is sent.
 */
void conn_reply(struct conn *conn, const struct sigmsg *msg);

/*
 * Answer the current request 101, with `msg`, and continue in WebSocket text
 * frames, one message per frame (RFC 6455).
 */
void conn_upgrade(struct conn *conn, const struct sigmsg *msg);
bool conn_is_upgraded(const struct conn *conn);

/*
 * Send a request.
 *
 *   -EPIPE    the connection is closing
 *   -ENOBUFS  the peer does not read
 */
int conn_send(struct conn *conn, const struct sigmsg *msg);

/* Send what is queued, then close. */
void conn_finish(struct conn *conn);

/* Get the channel binding of its TLS session, as tls_exporter does. */
int conn_exporter(const struct conn *conn, bool early, uint8_t out[static 32]);

/* Return the Host of the upgrade, "" before that. */
const char *conn_host(const struct conn *conn);

/* Is `name` this switch's `own`, or one that it has a certificate for? */
bool conn_is_named(const struct conn *conn, const char *name,
    const char *own);

/* Get our address as the peer reached it. */
int conn_local_addr(const struct conn *conn, struct addr *out);

#endif
