/*
 * turn_conn: STUN and ChannelData in frames over a TCP or TLS connection.
 * Called by streams_client. See turn_conn.h.
 */
#include "turn/turn_conn.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/buffer.h"
#include "net/loop.h"
#include "net/tcp_stream.h"
#include "net/tls.h"
#include "wire/stun.h"

/* Unsent bytes: about a second of a call; older speech is useless. */
#define OUT_MAX 16384
#define IN_MAX 16384
#define HANDSHAKE_MS 10000
#define STUCK_MS 20000		/* TCP's time-out with a silent peer */
/*
 * Frames per turn of the loop. A TLS record full of voice packets has fewer, so
 * that a heavy user needs no second turn for it. A flood is limited to this.
 */
#define TURN_MAX 256

struct turn_conn {
	struct turn_conn_handlers handlers;
	void *arg;
	struct tls *tls;		/* one of these two */
	struct tcp_stream *plain;
	struct buffer *in;		/* of that one, after data has come */
	size_t skip;		/* bytes left of a frame that is too long */
	unsigned left;			/* frames left in this turn */
	bool more;			/* more were there at the last call */
	struct loop_event *next;		/* plain: the next turn */
	bool ended;		/* plain: to be reported after the rest */
};

/* Begin a turn. The handler may free the stream. */
static void
begin_turn(struct turn_conn *stream)
{
	stream->left = TURN_MAX;
	stream->more = false;
	stream->handlers.frames(stream->arg);
}

static void
end_turn(struct turn_conn *stream)
{
	stream->more = true;
	if (stream->tls != NULL)
		tls_again(stream->tls);
	else
		loop_event_soon(stream->next);
}

/* Do nothing, because the client speaks first. */
static void
tls_ready(void *arg)
{
	(void)arg;
}

static void
tls_data(struct buffer *in, void *arg)
{
	struct turn_conn *stream = arg;

	stream->in = in;
	begin_turn(stream);
}

static void
tls_closed(int err, const char *why, void *arg)
{
	struct turn_conn *stream = arg;

	(void)err;
	stream->handlers.closed(tls_failure(stream->tls), why, stream->arg);
}

static void
plain_data(struct buffer *in, void *arg)
{
	struct turn_conn *stream = arg;

	stream->in = in;
	/* It has a turn already. */
	if (!loop_event_is_set(stream->next))
		begin_turn(stream);
}

static void
plain_ended(void *arg)
{
	struct turn_conn *stream = arg;

	stream->ended = true;
	loop_event_soon(stream->next);
}

static void
plain_next(void *arg)
{
	struct turn_conn *stream = arg;

	if (stream->ended && !stream->more) {
		stream->handlers.closed(TLS_FAILURE_NONE, "", stream->arg);
		return;
	}
	if (stream->ended)
		loop_event_soon(stream->next);
	begin_turn(stream);
}

static int
start_tls(struct turn_conn *stream, struct event_base *loop, int fd,
    const struct turn_conn_tls *with)
{
	static const struct tls_handlers handlers = {
		.ready = tls_ready, .data = tls_data, .closed = tls_closed
	};
	const struct tls_options options = {
		.handshake_ms = HANDSHAKE_MS, .in_max = IN_MAX,
		.out_max = OUT_MAX, .lane = with->lane
	};

	return tls_new(&stream->tls, loop, fd, with->config, &options,
	    &handlers, stream);
}

static int
start_plain(struct turn_conn *stream, struct event_base *loop, int fd)
{
	static const struct tcp_stream_handlers handlers = {
		.data = plain_data, .ended = plain_ended
	};

	stream->next = loop_timer_new(loop, plain_next, stream);
	if (stream->next == NULL) {
		close(fd);
		return -ENOMEM;
	}
	return tcp_stream_new(&stream->plain, loop, fd, IN_MAX, &handlers,
	    stream);
}

int
turn_conn_new(struct turn_conn **out, struct event_base *loop, int fd,
    const struct turn_conn_tls *tls, const struct turn_conn_handlers *handlers,
    void *arg)
{
	static const int on = 1, stuck_ms = STUCK_MS;
	struct turn_conn *stream = calloc(1, sizeof(*stream));
	int err;

	if (stream == NULL) {
		close(fd);
		return -ENOMEM;
	}
	stream->handlers = *handlers;
	stream->arg = arg;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &stuck_ms,
	    sizeof(stuck_ms));
	err = tls != NULL ? start_tls(stream, loop, fd, tls) :
	    start_plain(stream, loop, fd);
	if (err < 0) {
		turn_conn_free(stream);
		return err;
	}
	*out = stream;
	return 0;
}

void
turn_conn_free(struct turn_conn *stream)
{
	if (stream == NULL)
		return;
	tls_free(stream->tls);
	tcp_stream_free(stream->plain);
	loop_event_free(stream->next);
	free(stream);
}

/* Drop what has come of a frame that is too long. Return whether it is over. */
static bool
skip_rest(struct turn_conn *stream)
{
	size_t n = buffer_len(stream->in);

	if (n > stream->skip)
		n = stream->skip;
	buffer_drain(stream->in, n);
	stream->skip -= n;
	return stream->skip == 0;
}

int
turn_conn_frame(struct turn_conn *stream, uint8_t frame[static TURN_CONN_FRAME])
{
	uint8_t head[STUN_CHANNEL_HEADER];
	ssize_t len;

	if (stream->in == NULL)
		return 0;
	if (stream->left == 0) {
		end_turn(stream);
		return 0;
	}
	if (!skip_rest(stream))
		return 0;
	len = stun_frame(head, buffer_peek(stream->in, head, sizeof(head)));
	if (len == -EAGAIN)
		return 0;
	if (len < 0)
		return -EBADMSG;
	if (len > TURN_CONN_FRAME) {
		stream->left--;
		stream->skip = (size_t)len;
		return -EMSGSIZE;
	}
	if (buffer_len(stream->in) < (size_t)len)
		return 0;
	stream->left--;
	return (int)buffer_take(stream->in, frame, (size_t)len);
}

int
turn_conn_write(struct turn_conn *stream, const void *data, size_t len)
{
	if (stream->tls != NULL)
		return tls_write(stream->tls, data, len);
	if (turn_conn_unsent(stream) + len > OUT_MAX)
		return -ENOBUFS;
	return tcp_stream_write(stream->plain, data, len);
}

size_t
turn_conn_unsent(const struct turn_conn *stream)
{
	if (stream->tls != NULL)
		return tls_unsent(stream->tls);
	return tcp_stream_unsent(stream->plain);
}

const char *
turn_conn_asked_name(const struct turn_conn *stream, char *name)
{
	if (stream->tls == NULL || tls_asked_name(stream->tls, name) < 0)
		return NULL;
	return name;
}
