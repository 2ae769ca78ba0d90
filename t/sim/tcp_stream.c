/*
 * tcp_stream: on the simulated loop, because bufferevent would use the real
 * one. In place of net/tcp_stream.c.
 */
#include "net/tcp_stream.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/event.h>

#define LINGER_S 2
#define CHUNK 4096

struct tcp_stream {
	int fd;
	size_t in_max;
	struct evbuffer *in, *out;
	struct event *readable, *writable, *linger;
	struct tcp_stream_handlers handlers;
	void (*sent)(void *arg);
	bool finishing;
	void *arg;
};

static void
watch(struct tcp_stream *stream)
{
	if (evbuffer_get_length(stream->out) > 0)
		event_add(stream->writable, NULL);
	else
		event_del(stream->writable);
	if (evbuffer_get_length(stream->in) < stream->in_max)
		event_add(stream->readable, NULL);
	else
		event_del(stream->readable);
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct tcp_stream *stream = arg;
	int n = evbuffer_read(stream->in, fd, CHUNK);

	(void)what;
	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		event_del(stream->readable);
		stream->handlers.ended(stream->arg);
		return;
	}
	watch(stream);
	if (stream->finishing)
		evbuffer_drain(stream->in, evbuffer_get_length(stream->in));
	else
		stream->handlers.data((struct buffer *)stream->in,
		    stream->arg);
}

static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct tcp_stream *stream = arg;

	(void)what;
	if (evbuffer_write(stream->out, fd) < 0 && errno != EAGAIN) {
		event_del(stream->writable);
		stream->handlers.ended(stream->arg);
		return;
	}
	watch(stream);
	if (evbuffer_get_length(stream->out) > 0)
		return;
	if (stream->finishing)
		shutdown(fd, SHUT_WR);
	else if (stream->sent != NULL)
		stream->sent(stream->arg);
}

static void
on_linger(evutil_socket_t fd, short what, void *arg)
{
	struct tcp_stream *stream = arg;

	(void)fd;
	(void)what;
	stream->handlers.ended(stream->arg);
}

int
tcp_stream_new(struct tcp_stream **out, struct event_base *loop, int fd,
    size_t in_max, const struct tcp_stream_handlers *handlers, void *arg)
{
	struct tcp_stream *stream = calloc(1, sizeof(*stream));

	if (stream == NULL) {
		close(fd);
		return -ENOMEM;
	}
	stream->fd = fd;
	stream->in_max = in_max;
	stream->handlers = *handlers;
	stream->arg = arg;
	stream->in = evbuffer_new();
	stream->out = evbuffer_new();
	stream->readable = event_new(loop, fd, EV_READ | EV_PERSIST,
	    on_readable, stream);
	stream->writable = event_new(loop, fd, EV_WRITE | EV_PERSIST,
	    on_writable, stream);
	stream->linger = event_new(loop, -1, 0, on_linger, stream);
	if (stream->in == NULL || stream->out == NULL ||
	    stream->readable == NULL || stream->writable == NULL ||
	    stream->linger == NULL) {
		tcp_stream_free(stream);
		return -ENOMEM;
	}
	watch(stream);
	*out = stream;
	return 0;
}

void
tcp_stream_free(struct tcp_stream *stream)
{
	if (stream == NULL)
		return;
	if (stream->readable != NULL)
		event_free(stream->readable);
	if (stream->writable != NULL)
		event_free(stream->writable);
	if (stream->linger != NULL)
		event_free(stream->linger);
	if (stream->in != NULL)
		evbuffer_free(stream->in);
	if (stream->out != NULL)
		evbuffer_free(stream->out);
	close(stream->fd);
	free(stream);
}

int
tcp_stream_write(struct tcp_stream *stream, const void *data, size_t len)
{
	if (evbuffer_add(stream->out, data, len) < 0)
		return -ENOBUFS;
	watch(stream);
	return 0;
}

void
tcp_stream_on_sent(struct tcp_stream *stream, void (*sent)(void *arg))
{
	stream->sent = sent;
}

void
tcp_stream_finish(struct tcp_stream *stream)
{
	static const struct timeval linger = { LINGER_S, 0 };

	if (stream->finishing)
		return;
	stream->finishing = true;
	event_add(stream->linger, &linger);
	if (tcp_stream_unsent(stream) == 0)
		shutdown(stream->fd, SHUT_WR);
}

size_t
tcp_stream_unsent(const struct tcp_stream *stream)
{
	return evbuffer_get_length(stream->out);
}
