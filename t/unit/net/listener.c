/* Accepting connections, and a client's view of the port while it is closed. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "net/listener.h"
#include "net/queueage.h"
#include "unit.h"

struct world {
	struct event_base *loop;
	struct listener *listener;
	int fds[8];
	int n;
};

static void
accepted(int fd, const struct addr *peer, void *arg)
{
	struct world *w = arg;

	ck_assert(addr_is_loopback(peer));
	ck_assert_int_lt(w->n, 8);
	w->fds[w->n++] = fd;
}

static void
set_up(struct world *w, const char *text)
{
	struct addr addr;

	memset(w, 0, sizeof(*w));
	w->loop = event_base_new();
	ck_assert_int_eq(addr_parse(&addr, text, 0), 0);
	ck_assert_int_eq(listener_new(&w->listener, w->loop, &addr, accepted,
	    w), 0);
	ck_assert_uint_ne(addr_port(listener_addr(w->listener)), 0);
}

static void
tear_down(struct world *w)
{
	int i;

	listener_free(w->listener);
	for (i = 0; i < w->n; i++)
		close(w->fds[i]);
	event_base_free(w->loop);
}

/* A connected socket, or the negative errno. */
static int
dial(const struct world *w)
{
	const struct addr *addr = listener_addr(w->listener);
	int fd = socket(addr->sa.sa_family, SOCK_STREAM, 0), err;

	if (connect(fd, &addr->sa, addr_len(addr)) == 0)
		return fd;
	err = -errno;
	close(fd);
	return err;
}

START_TEST(opens_and_closes)
{
	struct world w;
	uint16_t port;
	int fd, i;

	set_up(&w, "127.0.0.1");
	port = addr_port(listener_addr(w.listener));
	ck_assert_int_eq(dial(&w), -ECONNREFUSED);
	for (i = 1; i <= 3; i++) {
		ck_assert_int_eq(listener_open(w.listener), 0);
		ck_assert_int_eq(listener_open(w.listener), 0);
		ck_assert(listener_is_open(w.listener));
		fd = dial(&w);
		ck_assert_int_ge(fd, 0);
		event_base_loop(w.loop, EVLOOP_ONCE);
		ck_assert_int_eq(w.n, i);
		close(fd);
		listener_close(w.listener);
		ck_assert(!listener_is_open(w.listener));
		ck_assert_int_eq(dial(&w), -ECONNREFUSED);
	}
	ck_assert_uint_eq(addr_port(listener_addr(w.listener)), port);
	tear_down(&w);
}
END_TEST

/* Connections that wait to be accepted when the port closes are not reset. */
START_TEST(takes_the_queue)
{
	struct world w;
	char byte;
	int a, b;

	set_up(&w, "127.0.0.1");
	ck_assert_int_eq(listener_open(w.listener), 0);
	a = dial(&w);
	b = dial(&w);
	ck_assert(a >= 0 && b >= 0);
	listener_close(w.listener);
	ck_assert_int_eq(w.n, 2);
	ck_assert_int_eq(write(w.fds[0], "x", 1), 1);
	ck_assert_int_eq(read(a, &byte, 1), 1);
	close(a);
	close(b);
	tear_down(&w);
}
END_TEST

/* Nobody else gets the port while it is closed. */
START_TEST(keeps_its_port)
{
	struct addr addr;
	struct world w;
	int fd;

	set_up(&w, "127.0.0.1");
	ck_assert_int_eq(listener_open(w.listener), 0);
	listener_close(w.listener);
	addr = *listener_addr(w.listener);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(bind(fd, &addr.sa, addr_len(&addr)), -1);
	ck_assert_int_eq(errno, EADDRINUSE);
	close(fd);
	tear_down(&w);
}
END_TEST

START_TEST(speaks_ipv6)
{
	struct world w;
	int fd;

	fd = socket(AF_INET6, SOCK_STREAM, 0);
	if (fd < 0)
		return;
	close(fd);
	set_up(&w, "[::1]");
	ck_assert_int_eq(listener_open(w.listener), 0);
	fd = dial(&w);
	ck_assert_int_ge(fd, 0);
	event_base_loop(w.loop, EVLOOP_ONCE);
	ck_assert_int_eq(w.n, 1);
	close(fd);
	tear_down(&w);
}
END_TEST

/* A mark is reached when those before it have been accepted. */
START_TEST(knows_who_waits)
{
	struct queueage age = { 0 };
	struct addr addr;
	socklen_t len = sizeof(addr);
	int fd = socket(AF_INET, SOCK_STREAM, 0), clients[3], i;

	ck_assert_int_eq(addr_parse(&addr, "127.0.0.1:0", 0), 0);
	ck_assert_int_eq(bind(fd, &addr.sa, addr_len(&addr)), 0);
	ck_assert_int_eq(getsockname(fd, &addr.sa, &len), 0);
	ck_assert_int_eq(listen(fd, 8), 0);
	for (i = 0; i < 3; i++) {
		clients[i] = socket(AF_INET, SOCK_STREAM, 0);
		ck_assert_int_eq(connect(clients[i], &addr.sa,
		    addr_len(&addr)), 0);
	}
	ck_assert_uint_eq(queueage_ms(&age), 0);
	queueage_stopped(&age, fd, false);
	ck_assert_uint_eq(age.ahead, 3);
	usleep(30000);
	ck_assert_uint_ge(queueage_ms(&age), 29);
	for (i = 0; i < 3; i++) {
		ck_assert_uint_ge(queueage_ms(&age), 29);
		close(accept(fd, NULL, NULL));
		queueage_took(&age);
		queueage_stopped(&age, fd, i == 2);
	}
	ck_assert_uint_ge(queueage_ms(&age), 29);
	ck_assert_uint_eq(queueage_ms(&age), 0);
	for (i = 0; i < 3; i++)
		close(clients[i]);
	close(fd);
}
END_TEST

UNIT_SUITE(listener, knows_who_waits, opens_and_closes, takes_the_queue, keeps_its_port,
    speaks_ipv6)
