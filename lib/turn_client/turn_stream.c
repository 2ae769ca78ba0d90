/*
 * turn_stream: TURN messages cut out of a TCP or TLS stream. See
 * turn_stream.h.
 */
#include "turn_client/turn_stream.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/buffer.h"
#include "net/loop.h"
#include "net/tls.h"
#include "wire/stun.h"

#define CONNECT_MS 5000
#define READ_MAX 16384		/* bytes per read */
#define TURN_MAX 64		/* messages per turn of the loop */
/* A third of a second of voice; later it is useless. */
#define UNSENT_MAX 2048

static const char lost[] = "the connection to the relay is lost";

struct turn_stream {
	struct turn_transport_handlers handlers;
	void *arg;
	struct event_base *loop;
	struct loop_event *event;		/* connecting, then reading */
	struct loop_event *patience;	/* time for connecting */
	struct loop_event *writable;
	struct loop_event *next;	/* for the messages that are left */
	struct buffer *in, *out;	/* out: not yet with kernel or TLS */
	struct tls_config *tls_config;	/* the caller's; NULL: no TLS */
	char *server_name;
	struct tls *tls;
	int fd;			/* -1: tls has it */
	bool connected, over;
	bool in_handler;
	bool freed;		/* freed by a handler: after it */
};

static void
end_stream(struct turn_stream *s, int err, const char *why)
{
	if (s->over)
		return;
	s->over = true;
	if (s->event != NULL)
		loop_event_stop(s->event);
	if (s->patience != NULL)
		loop_event_stop(s->patience);
	s->handlers.error(err, why, s->arg);
}

/*
 * Pass on the next whole message in the buffer. Return false if there is none.
 */
static bool
take_one(struct turn_stream *s, struct buffer *in)
{
	size_t have = buffer_len(in);
	const uint8_t *data = buffer_front(in,
	    have < 4 ? (ssize_t)have : 4);
	ssize_t len = data == NULL ? -EAGAIN : stun_frame(data, have);

	if (s->freed || s->over)
		return false;
	if (len == -EBADMSG || len > TURN_TRANSPORT_MAX) {
		end_stream(s, -EPROTO,
		    "the relay sends something other than TURN");
		return false;
	}
	if (len < 0 || (size_t)len > have)
		return false;
	data = buffer_front(in, len);
	if (data == NULL)
		return false;
	s->handlers.message(data, (size_t)len, s->arg);
	buffer_drain(in, (size_t)len);
	return true;
}

/*
 * Take as many messages as a turn allows. Nothing more is read until the rest
 * has had its turn.
 */
static void
take_bytes(struct turn_stream *s, struct buffer *in)
{
	unsigned left = TURN_MAX;

	while (left > 0 && take_one(s, in))
		left--;
	if (left > 0 || s->freed || s->over)
		return;
	if (s->tls != NULL)
		tls_again(s->tls);
	else
		loop_event_soon(s->next);
}

/* Finish an event: free the stream if its handler asked for it. */
static void
finish_event(struct turn_stream *s)
{
	s->in_handler = false;
	if (s->freed)
		turn_stream_free(s);
}

static int
flush_stream(struct turn_stream *s)
{
	while (buffer_len(s->out) > 0) {
		ssize_t n = buffer_write(s->out, s->fd);

		if (n == -EAGAIN)
			return loop_event_start(s->writable) < 0 ? -ENOMEM : 0;
		if (n < 0)
			return (int)n;
	}
	return 0;
}

static void
on_readable(void *arg)
{
	struct turn_stream *s = arg;
	ssize_t n;

	if (loop_event_is_set(s->next))
		return;
	n = buffer_read(s->in, s->fd, READ_MAX);
	if (n == -EAGAIN || n == -EINTR)
		return;
	s->in_handler = true;
	if (n <= 0)
		end_stream(s, n == 0 ? -ECONNRESET : (int)n, lost);
	else
		take_bytes(s, s->in);
	finish_event(s);
}

static void
on_next(void *arg)
{
	struct turn_stream *s = arg;

	s->in_handler = true;
	take_bytes(s, s->in);
	finish_event(s);
}

static void
on_writable(void *arg)
{
	struct turn_stream *s = arg;
	int err = s->over ? 0 : flush_stream(s);

	if (err == 0)
		return;
	s->in_handler = true;
	end_stream(s, err, lost);
	finish_event(s);
}

static void
on_tls_data(struct buffer *in, void *arg)
{
	struct turn_stream *s = arg;

	s->in_handler = true;
	take_bytes(s, in);
	finish_event(s);
}

static void
on_tls_ready(void *arg)
{
	(void)arg;
}

static void
on_tls_closed(int err, const char *why, void *arg)
{
	struct turn_stream *s = arg;

	s->in_handler = true;
	if (err == 0)
		end_stream(s, -ECONNRESET, lost);
	else	/* -EACCES is for a call's peer, not a relay */
		end_stream(s, err == -EACCES ? -EKEYREJECTED : err, why);
	finish_event(s);
}

/* Start TLS, which takes over the connection and the data that waits. */
static int
start_tls(struct turn_stream *s)
{
	static const struct tls_handlers handlers = {
		.ready = on_tls_ready, .data = on_tls_data,
		.closed = on_tls_closed
	};
	const struct tls_options options = {
		.server_name = s->server_name, .handshake_ms = CONNECT_MS
	};
	int fd = s->fd, err;
	size_t len = buffer_len(s->out);

	s->fd = -1;
	err = tls_new(&s->tls, s->loop, fd, s->tls_config, &options,
	    &handlers, s);
	if (err == 0 && len > 0)
		err = tls_write(s->tls, buffer_front(s->out, -1), len);
	buffer_drain(s->out, len);
	return err;
}

static int
start_tcp(struct turn_stream *s)
{
	loop_event_free(s->event);
	s->event = loop_reader_new(s->loop, s->fd, on_readable, s);
	s->writable = loop_writer_new(s->loop, s->fd, on_writable, s);
	s->next = loop_timer_new(s->loop, on_next, s);
	if (s->event == NULL || s->writable == NULL || s->next == NULL ||
	    loop_event_start(s->event) < 0)
		return -ENOMEM;
	return flush_stream(s);
}

static void
on_connect_late(void *arg)
{
	struct turn_stream *s = arg;

	s->in_handler = true;
	end_stream(s, -ETIMEDOUT, "the relay is not there");
	finish_event(s);
}

static void
on_connected(void *arg)
{
	struct turn_stream *s = arg;
	socklen_t len = sizeof(int);
	int err = 0;

	loop_event_stop(s->patience);
	s->in_handler = true;
	if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &err, &len) < 0)
		err = errno;
	err = -err;
	if (err == 0) {
		s->connected = true;
		err = s->tls_config != NULL ? start_tls(s) : start_tcp(s);
	}
	if (err < 0)
		end_stream(s, err, "the relay is not there");
	finish_event(s);
}

static int
start_connecting(struct turn_stream *s, const struct addr *server)
{
	int one = 1;

	s->fd = socket(server->sa.sa_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->fd < 0)
		return -errno;
	setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(s->fd, &server->sa, addr_len(server)) < 0 &&
	    errno != EINPROGRESS)
		return -errno;
	s->event = loop_writer_new(s->loop, s->fd, on_connected, s);
	s->patience = loop_timer_new(s->loop, on_connect_late, s);
	if (s->event == NULL || s->patience == NULL ||
	    loop_event_start(s->event) < 0)
		return -ENOMEM;
	return loop_timer_set_ms(s->patience, CONNECT_MS);
}

int
turn_stream_new(struct turn_stream **out, struct event_base *loop,
    const struct turn_client_options *options,
    const struct turn_transport_handlers *handlers, void *arg)
{
	struct turn_stream *s;
	int err = -ENOMEM;

	if (options->via == TURN_CLIENT_TLS && (options->tls == NULL ||
	    options->server_name == NULL))
		return -EINVAL;
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return -ENOMEM;
	s->fd = -1;
	s->handlers = *handlers;
	s->arg = arg;
	s->loop = loop;
	s->in = buffer_new();
	s->out = buffer_new();
	if (options->via == TURN_CLIENT_TLS) {
		s->tls_config = options->tls;
		s->server_name = strdup(options->server_name);
	}
	if (s->in != NULL && s->out != NULL &&
	    (s->tls_config == NULL || s->server_name != NULL))
		err = start_connecting(s, &options->server);
	if (err < 0) {
		turn_stream_free(s);
		return err;
	}
	*out = s;
	return 0;
}

static size_t
unsent(const struct turn_stream *s)
{
	return buffer_len(s->out) +
	    (s->tls != NULL ? tls_unsent(s->tls) : 0);
}

int
turn_stream_send(struct turn_stream *stream, const void *data, size_t len)
{
	static const uint8_t zeros[4];
	const uint8_t *first = data;
	size_t padding = len > 0 && *first >= 0x40 ? -len % 4 : 0;

	if (stream->over)
		return -EPIPE;
	if (unsent(stream) > UNSENT_MAX)
		return -ENOBUFS;
	if (buffer_add(stream->out, data, len) < 0 ||
	    buffer_add(stream->out, zeros, padding) < 0)
		return -ENOMEM;
	if (!stream->connected)
		return 0;
	if (stream->tls == NULL)
		return flush_stream(stream);
	len = buffer_len(stream->out);
	data = buffer_front(stream->out, -1);
	if (data != NULL)
		tls_write(stream->tls, data, len);
	buffer_drain(stream->out, len);
	return 0;
}

void
turn_stream_free(struct turn_stream *stream)
{
	if (stream == NULL)
		return;
	if (stream->in_handler) {
		stream->freed = true;
		return;
	}
	loop_event_free(stream->event);
	loop_event_free(stream->patience);
	loop_event_free(stream->writable);
	loop_event_free(stream->next);
	tls_free(stream->tls);
	if (stream->fd >= 0)
		close(stream->fd);
	if (stream->in != NULL)
		buffer_free(stream->in);
	if (stream->out != NULL)
		buffer_free(stream->out);
	free(stream->server_name);
	free(stream);
}
