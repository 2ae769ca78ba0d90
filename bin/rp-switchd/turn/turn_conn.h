/*
 * turn_conn: one client's TCP or TLS connection as frames of STUN and
 * ChannelData (RFC 8656 3.1, RFC 8489 6.2.2), on a libevent loop.
 */
#ifndef RP_SWITCHD_TURN_CONN_H
#define RP_SWITCHD_TURN_CONN_H

#include <stddef.h>
#include <stdint.h>

#include "net/tls_failure.h"

struct event_base;
struct turn_conn;
struct tls_config;
struct workers_lane;

#define TURN_CONN_FRAME 2048	/* bytes of the longest frame relayed */

struct turn_conn_handlers {
	/*
	 * Frames have come. Take them with turn_conn_frame until there are
	 * none, or until the turn of the loop has had enough; it is then called
	 * again in the next turn. Never called from turn_conn_new. Both
	 * handlers may call turn_conn_free.
	 */
	void (*frames)(void *arg);
	/*
	 * The connection has ended and all frames are taken. Nothing follows;
	 * free it. `failure` and `why` are of the TLS handshake.
	 */
	void (*closed)(enum tls_failure failure, const char *why, void *arg);
};

/* With TLS: whose, and which threads compute the handshake; NULL: none. */
struct turn_conn_tls {
	struct tls_config *config;
	struct workers_lane *lane;
};

/*
 * Make one; `tls` NULL means plain TCP. Takes over `fd`, also on failure.
 * -ENOMEM, -EIO.
 */
int turn_conn_new(struct turn_conn **out, struct event_base *loop, int fd,
    const struct turn_conn_tls *tls, const struct turn_conn_handlers *handlers,
    void *arg);
void turn_conn_free(struct turn_conn *stream);

/*
 * Copy the next frame, padding included, into `frame`.
 *
 *   its length
 *   0          no complete frame yet
 *   -EMSGSIZE  longer than TURN_CONN_FRAME; it is skipped if taking goes on
 *   -EBADMSG   malformed: give up
 */
int turn_conn_frame(struct turn_conn *stream,
    uint8_t frame[static TURN_CONN_FRAME]);

/* Queue a frame. It is dropped with -ENOBUFS if too much is unsent. */
int turn_conn_write(struct turn_conn *stream, const void *data, size_t len);

/* Return the number of bytes that the kernel has not accepted yet. */
size_t turn_conn_unsent(const struct turn_conn *stream);

/*
 * Write the name that the client asked for by TLS, in TLS_NAME bytes, and return
 * it; NULL if there is none.
 */
const char *turn_conn_asked_name(const struct turn_conn *stream, char *name);

#endif
