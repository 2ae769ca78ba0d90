/*
 * listener: accept on one address, a bounded number per turn, and pause when
 * descriptors run out. See listener.h.
 */
#include "config.h"
#include "net/listener.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"
#include "net/freebind.h"
#include "net/queueage.h"

#define BACKLOG 1024		/* a region's callers, all at once */
#define BATCH 64		/* others need a turn too */
/*
 * A queue that is older than this is accepted faster, so that newcomers wait
 * where the oldest gives way to them, and not in the kernel.
 */
#define OLD_MS 100
#define BATCH_OLD 256
#define PAUSE_MS 100		/* when descriptors have run out */
#define TELL_MS 60000		/* between two lines about it */

struct listener {
	int fd;
	struct addr addr;
	struct event *readable;
	struct event *pause;
	bool open;
	bool resting;			/* the handler wants nobody now */
	uint64_t told_ms;		/* when a rest was logged last */
	struct queueage age;		/* of those to be accepted */
	bool is_old;			/* at the last look at it */
	listener_handler *accepted;
	void *arg;
	void (*exhausted)(void *arg);	/* NULL: none */
	void *exhausted_arg;
};

static int
bound_socket(int *out, const struct addr *addr)
{
	static const int one = 1;
	int fd, err;

	fd = socket(addr->sa.sa_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (addr_is_v6(addr))
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	err = freebind(fd, addr);
	if (err < 0) {
		close(fd);
		return err;
	}
	*out = fd;
	return 0;
}

/*
 * Bind a port that stays ours. listener_close would return a port that the
 * kernel chose, but not one that was asked for. So ask for the chosen one by
 * its number, while the first socket still holds it.
 */
static int
bound_for_good(int *out, struct addr *addr)
{
	struct addr chosen = { 0 };
	socklen_t len = sizeof(chosen);
	int first = -1, err;

	err = bound_socket(&first, addr);
	if (err < 0)
		return err;
	if (addr_port(addr) != 0) {
		*out = first;
		return 0;
	}
	if (getsockname(first, &chosen.sa, &len) < 0)
		err = -errno;
	else
		err = bound_socket(out, &chosen);
	close(first);
	if (err == 0)
		*addr = chosen;
	return err;
}

static bool
is_exhausted(int err)
{
	return err == EMFILE || err == ENFILE || err == ENOBUFS ||
	    err == ENOMEM;
}

/*
 * Accept up to `n`. Return 0 if there may be more, else a negative errno that
 * says why not.
 */
static int
accept_some(struct listener *listener, int n)
{
	while (n-- > 0 && !listener->resting) {
		struct addr peer = { 0 };
		socklen_t len = sizeof(peer);
		int fd;

		fd = accept4(listener->fd, &peer.sa, &len,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);
		/* A service manager's socket may be for both families. */
		addr_unmap(&peer);
		if (fd < 0 && (errno == EAGAIN || is_exhausted(errno)))
			return -errno;
		queueage_took(&listener->age);
		if (fd >= 0)
			listener->accepted(fd, &peer, listener->arg);
		/*
		 * Otherwise it lost a race and was gone before it was accepted.
		 * That does not count as an error.
		 */
	}
	return 0;
}

static void
tell_rest(struct listener *listener, int number)
{
	uint64_t now_ms = clock_ms();

	if (listener->told_ms != 0 && now_ms < listener->told_ms + TELL_MS)
		return;
	listener->told_ms = now_ms;
	log_warn("accept_paused", "errno=%d ms=%d", number, PAUSE_MS);
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval pause = { 0, PAUSE_MS * 1000 };
	struct listener *listener = arg;
	int err = accept_some(listener, listener->is_old ? BATCH_OLD : BATCH);

	(void)fd;
	(void)what;
	queueage_stopped(&listener->age, listener->fd, err == -EAGAIN);
	if (!is_exhausted(-err) || !listener->open)
		return;
	tell_rest(listener, -err);
	event_del(listener->readable);
	evtimer_add(listener->pause, &pause);
	if (listener->exhausted != NULL)
		listener->exhausted(listener->exhausted_arg);
}

static void
on_pause_over(evutil_socket_t fd, short what, void *arg)
{
	struct listener *listener = arg;

	(void)fd;
	(void)what;
	listener_resume(listener);
}

/* Make a listener. Takes over `fd`, also on failure. */
static int
make_listener(struct listener **out, struct event_base *loop, int fd,
    const struct addr *addr, listener_handler *accepted, void *arg)
{
	struct listener *listener = calloc(1, sizeof(*listener));

	if (listener == NULL) {
		close(fd);
		return -ENOMEM;
	}
	listener->fd = fd;
	listener->addr = *addr;
	listener->accepted = accepted;
	listener->arg = arg;
	listener->readable = event_new(loop, fd, EV_READ | EV_PERSIST,
	    on_readable, listener);
	listener->pause = evtimer_new(loop, on_pause_over, listener);
	if (listener->readable == NULL || listener->pause == NULL) {
		listener_free(listener);
		return -ENOMEM;
	}
	*out = listener;
	return 0;
}

int
listener_new(struct listener **out, struct event_base *loop,
    const struct addr *addr, listener_handler *accepted, void *arg)
{
	struct addr bound = *addr;
	int fd = -1, err;

	err = bound_for_good(&fd, &bound);
	return err < 0 ? err : make_listener(out, loop, fd, &bound, accepted,
	    arg);
}

int
listener_adopt(struct listener **out, struct event_base *loop, int fd,
    listener_handler *accepted, void *arg)
{
	struct addr bound = { 0 };
	socklen_t len = sizeof(bound);

	if (getsockname(fd, &bound.sa, &len) < 0) {
		close(fd);
		return -EBADF;
	}
	return make_listener(out, loop, fd, &bound, accepted, arg);
}

void
listener_free(struct listener *listener)
{
	if (listener == NULL)
		return;
	if (listener->readable != NULL)
		event_free(listener->readable);
	if (listener->pause != NULL)
		event_free(listener->pause);
	if (listener->fd >= 0)
		close(listener->fd);
	free(listener);
}

void
listener_on_exhausted(struct listener *listener,
    void (*exhausted)(void *arg), void *arg)
{
	listener->exhausted = exhausted;
	listener->exhausted_arg = arg;
}

const struct addr *
listener_addr(const struct listener *listener)
{
	return &listener->addr;
}

int
listener_open(struct listener *listener)
{
	if (listener->open)
		return 0;
	if (listen(listener->fd, BACKLOG) < 0)
		return -errno;
	listener->open = true;
	listener_resume(listener);
	return 0;
}

void
listener_rest(struct listener *listener, unsigned ms)
{
	struct timeval pause = { ms / 1000, ms % 1000 * 1000 };

	if (!listener->open)
		return;
	listener->resting = true;
	event_del(listener->readable);
	evtimer_add(listener->pause, &pause);
}

void
listener_resume(struct listener *listener)
{
	listener->resting = false;
	evtimer_del(listener->pause);
	if (listener->open)
		event_add(listener->readable, NULL);
}

void
listener_close(struct listener *listener)
{
	if (!listener->open)
		return;
	listener->open = listener->resting = false;
	event_del(listener->readable);
	evtimer_del(listener->pause);
	/* Bounded, because a flood of the queue must not keep us here. */
	accept_some(listener, BACKLOG);
	listener->age = (struct queueage){ 0 };
	/*
	 * On Linux this leaves a bound socket that does not listen. Closing
	 * would not suffice, because service managers hold the same socket
	 * open.
	 */
	shutdown(listener->fd, SHUT_RD);
}

uint64_t
listener_age_ms(struct listener *listener)
{
	uint64_t age_ms = queueage_ms(&listener->age);

	listener->is_old = age_ms > OLD_MS;
	return age_ms;
}

bool
listener_is_open(const struct listener *listener)
{
	return listener->open;
}
