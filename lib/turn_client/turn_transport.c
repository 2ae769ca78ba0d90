/*
 * turn_transport: UDP, or a turn_stream, behind one interface. See
 * turn_transport.h.
 */
#include "turn_client/turn_transport.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/loop.h"
#include "turn_client/turn_stream.h"

/* Datagrams taken per turn of the loop, so that others have theirs. */
#define BATCH 16

struct turn_transport {
	struct turn_transport_handlers handlers;
	void *arg;
	struct turn_stream *stream;	/* NULL: datagrams */
	struct loop_event *event;
	int fd;
	bool in_handler;
	bool freed;		/* freed by a handler: after it */
};

static void
udp_readable(void *arg)
{
	struct turn_transport *t = arg;
	uint8_t data[TURN_TRANSPORT_MAX];
	int i;

	t->in_handler = true;
	for (i = 0; i < BATCH && !t->freed; i++) {
		ssize_t n = recv(t->fd, data, sizeof(data), MSG_TRUNC);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			break;
		if (n < 0)
			t->handlers.error(-errno, "the relay is not there",
			    t->arg);
		else if ((size_t)n <= sizeof(data))
			t->handlers.message(data, (size_t)n, t->arg);
	}
	t->in_handler = false;
	if (t->freed)
		turn_transport_free(t);
}

static int
udp_connect(struct turn_transport *t, const struct addr *server)
{
	t->fd = socket(server->sa.sa_family,
	    SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (t->fd < 0 || connect(t->fd, &server->sa, addr_len(server)) < 0)
		return -errno;
	return 0;
}

static int
udp_open(struct turn_transport *t, struct event_base *loop,
    const struct addr *server)
{
	int err = udp_connect(t, server);

	if (err < 0)
		return err;
	t->event = loop_reader_new(loop, t->fd, udp_readable, t);
	if (t->event == NULL || loop_event_start(t->event) < 0)
		return -ENOMEM;
	return 0;
}

int
turn_transport_new(struct turn_transport **out, struct event_base *loop,
    const struct turn_client_options *options,
    const struct turn_transport_handlers *handlers, void *arg)
{
	struct turn_transport *t = calloc(1, sizeof(*t));
	int err;

	if (t == NULL)
		return -ENOMEM;
	t->fd = -1;
	t->handlers = *handlers;
	t->arg = arg;
	if (options->via == TURN_CLIENT_UDP)
		err = udp_open(t, loop, &options->server);
	else
		err = turn_stream_new(&t->stream, loop, options, handlers,
		    arg);
	if (err < 0) {
		turn_transport_free(t);
		return err;
	}
	*out = t;
	return 0;
}

int
turn_transport_send(struct turn_transport *transport, const void *data,
    size_t len)
{
	if (len > TURN_TRANSPORT_MAX)
		return -EMSGSIZE;
	if (transport->stream != NULL)
		return turn_stream_send(transport->stream, data, len);
	return send(transport->fd, data, len, 0) < 0 ? -errno : 0;
}

bool
turn_transport_reliable(const struct turn_transport *transport)
{
	return transport->stream != NULL;
}

void
turn_transport_free(struct turn_transport *transport)
{
	if (transport == NULL)
		return;
	if (transport->in_handler) {
		transport->freed = true;
		return;
	}
	turn_stream_free(transport->stream);
	loop_event_free(transport->event);
	if (transport->fd >= 0)
		close(transport->fd);
	free(transport);
}
