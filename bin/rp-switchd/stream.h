/*
 * stream: one client's TCP or TLS connection as frames of STUN and ChannelData
 * (RFC 8656 3.1, RFC 8489 6.2.2), on a libevent loop.
 */
#ifndef RP_SWITCHD_STREAM_H
#define RP_SWITCHD_STREAM_H

#include <stddef.h>
#include <stdint.h>

struct event_base;
struct stream;
struct tls_config;

#define STREAM_FRAME 2048	/* bytes of the longest frame taken */

struct stream_handlers {
	/*
	 * Frames came: take them with stream_frame until there are none, or no
	 * more this turn of the loop; then it is called again in the next one.
	 * Not called from stream_new. stream_free is allowed in both.
	 */
	void (*frames)(void *arg);
	/* The connection is over, and all taken; nothing follows, free it. */
	void (*closed)(void *arg);
};

/* tls NULL: plain TCP. Takes over fd, also on failure. -ENOMEM, -EIO. */
int stream_new(struct stream **out, struct event_base *loop, int fd,
    struct tls_config *tls, const struct stream_handlers *handlers,
    void *arg);
void stream_free(struct stream *stream);

/*
 * The next frame, padding included, into frame: its length; 0: no whole one
 * yet, or no more now; -EBADMSG: it is none, or longer than STREAM_FRAME: give
 * up.
 */
int stream_frame(struct stream *stream, uint8_t frame[static STREAM_FRAME]);

/* Queue a frame. -ENOBUFS if what is unsent grows too much: it is dropped. */
int stream_write(struct stream *stream, const void *data, size_t len);

/* Bytes that the kernel did not take yet. */
size_t stream_unsent(const struct stream *stream);

#endif
