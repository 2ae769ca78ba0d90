/* tcp_stream: on libevent's bufferevent. */
#include "net/tcp_stream.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>

#define LINGER_S 2

struct tcp_stream {
	struct bufferevent *socket;
	struct tcp_stream_handlers handlers;
	void (*sent)(void *arg);	/* NULL: nobody wants to know */
	bool finishing;
	void *arg;
};

static void
on_data(struct bufferevent *socket, void *arg)
{
	struct tcp_stream *stream = arg;
	struct evbuffer *in = bufferevent_get_input(socket);

	if (stream->finishing)
		evbuffer_drain(in, evbuffer_get_length(in));
	else
		stream->handlers.data((struct buffer *)in, stream->arg);
}

static void
on_sent(struct bufferevent *socket, void *arg)
{
	struct tcp_stream *stream = arg;

	if (stream->finishing)
		shutdown(bufferevent_getfd(socket), SHUT_WR);
	else if (stream->sent != NULL)
		stream->sent(stream->arg);
}

static void
on_event(struct bufferevent *socket, short what, void *arg)
{
	struct tcp_stream *stream = arg;

	(void)socket;
	if ((what & (BEV_EVENT_EOF | BEV_EVENT_ERROR | BEV_EVENT_TIMEOUT)) != 0)
		stream->handlers.ended(stream->arg);
}

int
tcp_stream_new(struct tcp_stream **out, struct event_base *loop, int fd,
    size_t in_max, const struct tcp_stream_handlers *handlers, void *arg)
{
	struct tcp_stream *stream = calloc(1, sizeof(*stream));

	if (stream != NULL)
		stream->socket = bufferevent_socket_new(loop, fd, 0);
	if (stream == NULL || stream->socket == NULL) {
		close(fd);
		free(stream);
		return -ENOMEM;
	}
	stream->handlers = *handlers;
	stream->arg = arg;
	bufferevent_setcb(stream->socket, on_data, on_sent, on_event, stream);
	bufferevent_setwatermark(stream->socket, EV_READ, 0, in_max);
	if (bufferevent_enable(stream->socket, EV_READ | EV_WRITE) < 0) {
		tcp_stream_free(stream);
		return -EIO;
	}
	*out = stream;
	return 0;
}

void
tcp_stream_free(struct tcp_stream *stream)
{
	int fd;

	if (stream == NULL)
		return;
	fd = bufferevent_getfd(stream->socket);
	/*
	 * libevent would close it in a later turn. Those who take its place in
	 * this turn would then find no descriptor left.
	 */
	bufferevent_disable(stream->socket, EV_READ | EV_WRITE);
	bufferevent_setfd(stream->socket, -1);
	bufferevent_free(stream->socket);
	close(fd);
	free(stream);
}

int
tcp_stream_write(struct tcp_stream *stream, const void *data, size_t len)
{
	return bufferevent_write(stream->socket, data, len) < 0 ? -ENOBUFS : 0;
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
	bufferevent_setwatermark(stream->socket, EV_READ, 0, 0);
	bufferevent_set_timeouts(stream->socket, &linger, &linger);
	if (tcp_stream_unsent(stream) == 0)
		shutdown(bufferevent_getfd(stream->socket), SHUT_WR);
}

size_t
tcp_stream_unsent(const struct tcp_stream *stream)
{
	return evbuffer_get_length(bufferevent_get_output(stream->socket));
}
