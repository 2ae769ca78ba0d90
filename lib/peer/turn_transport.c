#include "peer/turn_transport.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "wire/addr.h"

/* Datagrams taken in one turn of the loop, so that others have theirs. */
#define BATCH 16

struct turn_transport {
	struct turn_transport_handlers handlers;
	void *arg;
	struct event *event;
	int fd;
	bool in_handler;
	bool freed;		/* within a handler: goes behind it */
};

static void
udp_readable(evutil_socket_t fd, short what, void *arg)
{
	struct turn_transport *t = arg;
	uint8_t data[TURN_TRANSPORT_MAX];
	int i;

	(void)what;
	t->in_handler = true;
	for (i = 0; i < BATCH && !t->freed; i++) {
		ssize_t n = recv(fd, data, sizeof(data), MSG_TRUNC);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			break;
		if (n < 0)
			t->handlers.error(-errno, t->arg);
		else if ((size_t)n <= sizeof(data))
			t->handlers.message(data, (size_t)n, t->arg);
	}
	t->in_handler = false;
	if (t->freed)
		turn_transport_free(t);
}

static int
udp_open(const struct addr *server)
{
	int fd, err;

	fd = socket(server->sa.sa_family,
	    SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, &server->sa, addr_len(server)) == 0)
		return fd;
	err = -errno;
	close(fd);
	return err;
}

int
turn_transport_udp(struct turn_transport **out, struct event_base *loop,
    const struct addr *server, const struct turn_transport_handlers *handlers,
    void *arg)
{
	struct turn_transport *t;
	int fd = udp_open(server);

	if (fd < 0)
		return fd;
	t = calloc(1, sizeof(*t));
	if (t == NULL) {
		close(fd);
		return -ENOMEM;
	}
	t->fd = fd;
	t->handlers = *handlers;
	t->arg = arg;
	t->event = event_new(loop, fd, EV_READ | EV_PERSIST, udp_readable, t);
	if (t->event == NULL || event_add(t->event, NULL) < 0) {
		turn_transport_free(t);
		return -ENOMEM;
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
	return send(transport->fd, data, len, 0) < 0 ? -errno : 0;
}

bool
turn_transport_reliable(const struct turn_transport *transport)
{
	(void)transport;
	return false;
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
	if (transport->event != NULL)
		event_free(transport->event);
	close(transport->fd);
	free(transport);
}
