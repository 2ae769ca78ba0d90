/*
 * webport: accept for libevent's HTTP server, a bounded number per turn. See
 * webport.h.
 */
#include "net/webport.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>

#include "base/log.h"
#include "net/loop_private.h"

#define BACKLOG 128
#define BATCH 16		/* accepted per turn, so that others get one */
#define PAUSE_MS 100		/* when descriptors have run out */

struct webport {
	struct evconnlistener *listener;	/* the HTTP server's */
	struct event *waiting;		/* somebody waits to be accepted */
	struct event *resume;
	unsigned accepted;
	unsigned seen;			/* accepted, at the last look */
	bool stuck;			/* nobody was accepted since */
	bool told;			/* logged, once until it goes on */
};

/*
 * Make a bufferevent, which the HTTP server requests for each accepted
 * connection.
 */
static struct bufferevent *
on_accepted(struct event_base *loop, void *arg)
{
	struct webport *port = arg;

	if (++port->accepted % BATCH == 0) {
		evconnlistener_disable(port->listener);
		loop_next(port->resume);
	}
	return bufferevent_socket_new(loop, -1, 0);
}

/*
 * Ignore the failure. It shows because nobody is accepted; here it would be
 * logged each time.
 */
static void
on_accept_failed(struct evconnlistener *listener, void *arg)
{
	(void)listener;
	(void)arg;
}

static void
pause_accepting(struct webport *port)
{
	static const struct timeval pause = { 0, PAUSE_MS * 1000 };

	if (!port->told)
		log_warn("accept_paused", "ms=%d", PAUSE_MS);
	port->told = true;
	evconnlistener_disable(port->listener);
	event_del(port->waiting);
	event_add(port->resume, &pause);
}

static void
on_waiting(evutil_socket_t fd, short what, void *arg)
{
	struct webport *port = arg;
	bool moved = port->accepted != port->seen;

	(void)fd;
	(void)what;
	port->seen = port->accepted;
	if (moved)
		port->told = false;
	/* While it pauses for a turn, nobody can be accepted. */
	if (moved || loop_is_next(port->resume)) {
		port->stuck = false;
	} else if (!port->stuck) {
		port->stuck = true;
	} else {
		port->stuck = false;
		pause_accepting(port);
	}
}

static void
on_resume(evutil_socket_t fd, short what, void *arg)
{
	struct webport *port = arg;

	(void)fd;
	(void)what;
	evconnlistener_enable(port->listener);
	event_add(port->waiting, NULL);
}

/*
 * Bind a socket. evhttp_bind_socket is unsuitable: it looks the address up as a
 * name, and finds none of a family that only loopback has.
 */
static int
bound_socket(struct addr *addr)
{
	static const int one = 1;
	socklen_t len = sizeof(*addr);
	int fd, err;

	fd = socket(addr->sa.sa_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, &addr->sa, addr_len(addr)) == 0 &&
	    getsockname(fd, &addr->sa, &len) == 0)
		return fd;
	err = -errno;
	close(fd);
	return err;
}

static int
start_port(struct webport *port, struct event_base *loop, struct evhttp *http,
    int fd)
{
	port->listener = evconnlistener_new(loop, NULL, NULL,
	    LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, BACKLOG, fd);
	if (port->listener == NULL) {
		close(fd);
		return -EADDRINUSE;	/* the only reason for listen(2) */
	}
	evconnlistener_set_error_cb(port->listener, on_accept_failed);
	port->waiting = event_new(loop, fd, EV_READ | EV_PERSIST, on_waiting,
	    port);
	port->resume = evtimer_new(loop, on_resume, port);
	if (port->waiting == NULL || port->resume == NULL ||
	    event_add(port->waiting, NULL) < 0 ||
	    evhttp_bind_listener(http, port->listener) == NULL) {
		evconnlistener_free(port->listener);
		return -ENOMEM;
	}
	evhttp_set_bevcb(http, on_accepted, port);
	return 0;
}

int
webport_new(struct webport **out, struct event_base *loop,
    struct evhttp *http, struct addr *addr)
{
	struct webport *port = calloc(1, sizeof(*port));
	int err;

	if (port == NULL)
		return -ENOMEM;
	err = bound_socket(addr);
	if (err >= 0)
		err = start_port(port, loop, http, err);
	if (err < 0) {
		webport_free(port);
		return err;
	}
	*out = port;
	return 0;
}

void
webport_free(struct webport *port)
{
	if (port == NULL)
		return;
	if (port->waiting != NULL)
		event_free(port->waiting);
	if (port->resume != NULL)
		event_free(port->resume);
	free(port);
}
