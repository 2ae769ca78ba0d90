/*
 * turn_conn: one client's TCP or TLS connection as frames of STUN and ChannelData
 * (RFC 8656 3.1, RFC 8489 6.2.2), on a libevent loop.
 */
#ifndef RP_SWITCHD_TURN_CONN_H
#define RP_SWITCHD_TURN_CONN_H

#include <stddef.h>
#include <stdint.h>

struct event_base;
struct turn_conn;
struct tls_config;

#define TURN_CONN_FRAME 2048	/* bytes of the longest frame taken */

struct turn_conn_handlers {
	/*
	 * Frames came: take them with turn_conn_frame until there are none, or
	 * no more this turn of the loop; then it is called again in the next
	 * one. Not called from turn_conn_new. turn_conn_free is allowed in
	 * both.
	 */
	void (*frames)(void *arg);
	/* The connection is over, and all taken; nothing follows, free it. */
	void (*closed)(void *arg);
};

/* tls NULL: plain TCP. Takes over fd, also on failure. -ENOMEM, -EIO. */
int turn_conn_new(struct turn_conn **out, struct event_base *loop, int fd,
    struct tls_config *tls, const struct turn_conn_handlers *handlers,
    void *arg);
void turn_conn_free(struct turn_conn *stream);

/*
 * The next frame, padding included, into frame: its length; 0: no whole one
 * yet; -EBADMSG: it is none, or longer than TURN_CONN_FRAME: give up.
 */
int turn_conn_frame(struct turn_conn *stream, uint8_t frame[static TURN_CONN_FRAME]);

/* Queue a frame. -ENOBUFS if what is unsent grows too much: it is dropped. */
int turn_conn_write(struct turn_conn *stream, const void *data, size_t len);

/* Bytes that the kernel did not take yet. */
size_t turn_conn_unsent(const struct turn_conn *stream);

#endif
