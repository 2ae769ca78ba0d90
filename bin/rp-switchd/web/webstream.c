/* webstream: one of two streams. See webstream.h. */
#include "web/webstream.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "net/buffer.h"
#include "net/loop.h"
#include "net/tcp_stream.h"
#include "net/tls.h"

struct webstream {
	struct webstream_handlers handlers;
	void *arg;
	struct tls *tls;		/* one of these two */
	struct tcp_stream *plain;
	struct buffer *in;		/* plain: its input, once there was any */
	struct loop_event *next;	/* plain: the next turn */
	size_t out_max;
	bool heard;			/* TLS: a whole ClientHello */
};

/* Do nothing, because the client speaks first. */
static void
tls_ready(void *arg)
{
	(void)arg;
}

static void
tls_hello(void *arg)
{
	struct webstream *stream = arg;

	stream->heard = true;
}

static void
tls_data(struct buffer *in, void *arg)
{
	struct webstream *stream = arg;

	stream->handlers.data(in, stream->arg);
}

static void
tls_closed(int err, const char *why, void *arg)
{
	struct webstream *stream = arg;
	enum tls_failure failure = tls_failure(stream->tls);

	(void)err;
	/* Browsers open connections in advance, which may never be used. */
	if (failure == TLS_FAILURE_TIMEOUT && !stream->heard)
		failure = TLS_FAILURE_NONE;
	stream->handlers.ended(failure, why, stream->arg);
}

static void
on_sent(void *arg)
{
	struct webstream *stream = arg;

	stream->handlers.sent(stream->arg);
}

static void
plain_data(struct buffer *in, void *arg)
{
	struct webstream *stream = arg;

	stream->in = in;
	/* It has a turn already. */
	if (!loop_event_is_set(stream->next))
		stream->handlers.data(in, stream->arg);
}

static void
plain_next(void *arg)
{
	struct webstream *stream = arg;

	stream->handlers.data(stream->in, stream->arg);
}

static void
plain_ended(void *arg)
{
	struct webstream *stream = arg;

	stream->handlers.ended(TLS_FAILURE_NONE, "", stream->arg);
}

static int
open_plain(struct webstream *stream, struct event_base *loop, int fd,
    size_t in_max)
{
	static const struct tcp_stream_handlers handlers = {
		plain_data, plain_ended
	};
	int err;

	stream->next = loop_timer_new(loop, plain_next, stream);
	if (stream->next == NULL) {
		close(fd);
		return -ENOMEM;
	}
	err = tcp_stream_new(&stream->plain, loop, fd, in_max, &handlers,
	    stream);
	if (err == 0)
		tcp_stream_on_sent(stream->plain, on_sent);
	return err;
}

static int
open_tls(struct webstream *stream, struct event_base *loop, int fd,
    const struct webstream_options *options)
{
	static const struct tls_handlers handlers = {
		.hello = tls_hello, .ready = tls_ready, .data = tls_data,
		.closed = tls_closed
	};
	struct tls_options tls = {
		.handshake_ms = options->handshake_ms,
		.lane = options->lane,
		.in_max = options->in_max,
		.out_max = options->out_max
	};
	int err = tls_new(&stream->tls, loop, fd, options->tls, &tls,
	    &handlers, stream);

	if (err == 0)
		tls_on_sent(stream->tls, on_sent);
	return err;
}

int
webstream_new(struct webstream **out, struct event_base *loop, int fd,
    const struct webstream_options *options,
    const struct webstream_handlers *handlers, void *arg)
{
	struct webstream *stream = calloc(1, sizeof(*stream));
	int err;

	if (stream == NULL) {
		close(fd);
		return -ENOMEM;
	}
	stream->handlers = *handlers;
	stream->arg = arg;
	stream->out_max = options->out_max;
	err = options->tls != NULL ? open_tls(stream, loop, fd, options) :
	    open_plain(stream, loop, fd, options->in_max);
	if (err < 0) {
		webstream_free(stream);
		return err;
	}
	*out = stream;
	return 0;
}

void
webstream_free(struct webstream *stream)
{
	if (stream == NULL)
		return;
	tls_free(stream->tls);
	tcp_stream_free(stream->plain);
	loop_event_free(stream->next);
	free(stream);
}

int
webstream_write(struct webstream *stream, const void *data, size_t len)
{
	if (stream->tls != NULL)
		return tls_write(stream->tls, data, len);
	if (tcp_stream_unsent(stream->plain) + len > stream->out_max)
		return -ENOBUFS;
	return tcp_stream_write(stream->plain, data, len);
}

size_t
webstream_unsent(const struct webstream *stream)
{
	return stream->tls != NULL ? tls_unsent(stream->tls) :
	    tcp_stream_unsent(stream->plain);
}

void
webstream_again(struct webstream *stream)
{
	if (stream->tls != NULL)
		tls_again(stream->tls);
	else
		loop_event_soon(stream->next);
}

void
webstream_finish(struct webstream *stream)
{
	if (stream->tls != NULL) {
		tls_finish(stream->tls);
		return;
	}
	loop_event_stop(stream->next);
	tcp_stream_finish(stream->plain);
}
