/*
 * stream: there is none, because the relay of 0.1.0 listens here for datagrams
 * only. In place of its stream.c, whose bufferevent would be the real one.
 */
#include "stream.h"

#include <errno.h>
#include <unistd.h>

int
stream_new(struct stream **out, struct event_base *loop, int fd,
    struct tls_config *tls, const struct stream_handlers *handlers,
    void *arg)
{
	(void)out;
	(void)loop;
	(void)tls;
	(void)handlers;
	(void)arg;
	close(fd);
	return -EIO;
}

void
stream_free(struct stream *stream)
{
	(void)stream;
}

int
stream_frame(struct stream *stream, uint8_t frame[static STREAM_FRAME])
{
	(void)stream;
	(void)frame;
	return 0;
}

int
stream_write(struct stream *stream, const void *data, size_t len)
{
	(void)stream;
	(void)data;
	(void)len;
	return -ENOBUFS;
}

size_t
stream_unsent(const struct stream *stream)
{
	(void)stream;
	return 0;
}
