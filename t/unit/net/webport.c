/*
 * The HTTP server's port. With no descriptor left the loop rests and no
 * connection is lost, and in a rush of connections other handlers have their
 * turn.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>

#include "net/webport.h"
#include "unit.h"

#define MANY 100

struct world {
	struct event_base *loop;
	struct evhttp *http;
	struct webport *port;
	struct event *timer;
	struct addr addr;
	unsigned requests, turns, at_once, most;
	bool over;
};

static void
on_request(struct evhttp_request *request, void *arg)
{
	struct world *w = arg;

	w->requests++;
	evhttp_send_reply(request, 200, "OK", NULL);
}

static void
open_world(struct world *w, const char *text)
{
	memset(w, 0, sizeof(*w));
	w->loop = event_base_new();
	w->http = evhttp_new(w->loop);
	evhttp_set_gencb(w->http, on_request, w);
	ck_assert_int_eq(addr_parse(&w->addr, text, 0), 0);
	ck_assert_int_eq(webport_new(&w->port, w->loop, w->http, &w->addr),
	    0);
	ck_assert_uint_ne(addr_port(&w->addr), 0);
}

static void
close_world(struct world *w)
{
	webport_free(w->port);
	evhttp_free(w->http);
	if (w->timer != NULL)
		event_free(w->timer);
	event_base_free(w->loop);
}

/* A client; it may block, because the kernel's queue takes it. */
static int
ask(const struct world *w)
{
	static const char text[] = "GET / HTTP/1.1\r\nConnection: close\r\n\r\n";
	int fd = socket(w->addr.sa.sa_family, SOCK_STREAM, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(connect(fd, &w->addr.sa, addr_len(&w->addr)), 0);
	ck_assert_int_eq(write(fd, text, sizeof(text) - 1),
	    (ssize_t)sizeof(text) - 1);
	return fd;
}

static void
is_answered(int fd)
{
	char text[13] = "";

	ck_assert_int_eq(recv(fd, text, sizeof(text) - 1, MSG_WAITALL), 12);
	ck_assert_str_eq(text, "HTTP/1.1 200");
	close(fd);
}

static void
on_over(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	((struct world *)arg)->over = true;
}

/* For so long, or until somebody has asked; how many turns that took. */
static unsigned
run(struct world *w, int ms)
{
	struct timeval after = { ms / 1000, ms % 1000 * 1000 };
	unsigned before = w->requests, turns = 0;

	w->over = false;
	w->timer = evtimer_new(w->loop, on_over, w);
	evtimer_add(w->timer, &after);
	while (!w->over && w->requests == before) {
		event_base_loop(w->loop, EVLOOP_ONCE);
		turns++;
	}
	event_free(w->timer);
	w->timer = NULL;
	return turns;
}

START_TEST(rests_without_descriptors)
{
	struct rlimit few;
	struct world w;
	int fd, spare;

	open_world(&w, "127.0.0.1:0");
	fd = ask(&w);
	spare = dup(fd);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &few), 0);
	few.rlim_cur = (rlim_t)spare + 1;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	ck_assert_int_lt(dup(fd), 0);
	ck_assert_int_eq(errno, EMFILE);
	/* Some twenty turns a second do, of a hundred thousand. */
	ck_assert_uint_lt(run(&w, 500), 50);
	ck_assert_uint_eq(w.requests, 0);
	close(spare);
	run(&w, 10000);
	ck_assert_uint_eq(w.requests, 1);
	event_base_loop(w.loop, EVLOOP_NONBLOCK);
	is_answered(fd);
	close_world(&w);
}
END_TEST

static void
on_turn(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval now = { 0, 0 };
	struct world *w = arg;

	(void)fd;
	(void)what;
	w->turns++;
	evtimer_add(w->timer, &now);
}

START_TEST(takes_turns)
{
	struct world w;
	int fd[MANY], i;

	open_world(&w, "127.0.0.1:0");
	for (i = 0; i < MANY; i++)
		fd[i] = ask(&w);
	w.timer = evtimer_new(w.loop, on_turn, &w);
	on_turn(-1, 0, &w);
	while (w.requests < MANY)
		event_base_loop(w.loop, EVLOOP_ONCE);
	/* Sixteen in a turn, and then one of rest. */
	ck_assert_uint_ge(w.turns, 2 * MANY / 16);
	event_base_loop(w.loop, EVLOOP_ONCE);
	for (i = 0; i < MANY; i++)
		is_answered(fd[i]);
	close_world(&w);
}
END_TEST

START_TEST(refuses_a_port_in_use)
{
	struct world w, other;

	open_world(&w, "127.0.0.1:0");
	memset(&other, 0, sizeof(other));
	other.loop = event_base_new();
	other.http = evhttp_new(other.loop);
	other.addr = w.addr;
	ck_assert_int_eq(webport_new(&other.port, other.loop, other.http,
	    &other.addr), -EADDRINUSE);
	ck_assert_ptr_null(other.port);
	close_world(&other);
	close_world(&w);
}
END_TEST

UNIT_SUITE(webport, rests_without_descriptors, takes_turns,
    refuses_a_port_in_use)
