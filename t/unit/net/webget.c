/*
 * webget: what a client may send, and what it may use up. Each is answered or
 * closed, and nobody is kept out by those who only connect.
 */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/buffer.h"
#include "net/loop.h"
#include "net/webget.h"
#include "unit.h"
#include "wire/addr.h"

struct world {
	struct event_base *loop;
	struct webget *web;
	struct addr addr;
	size_t body;
};

static void
on_get(const char *path, struct webget_answer *answer, void *arg)
{
	const struct world *w = arg;
	size_t i;

	if (strcmp(path, "/big") == 0) {
		answer->status = 200;
		for (i = 0; i < w->body; i++)
			buffer_add(answer->body, "x", 1);
	} else if (strcmp(path, "/") == 0) {
		answer->status = 200;
		buffer_printf(answer->body, "root\n");
	}
}

static void
open_world(struct world *w)
{
	memset(w, 0, sizeof(*w));
	w->loop = loop_new();
	ck_assert_int_eq(addr_parse(&w->addr, "127.0.0.1:0", 0), 0);
	ck_assert_int_eq(webget_new(&w->web, w->loop, &w->addr, on_get, w), 0);
}

static void
close_world(struct world *w)
{
	webget_free(w->web);
	loop_free(w->loop);
}

static int
connect_to(const struct world *w)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(connect(fd, &w->addr.sa, addr_len(&w->addr)), 0);
	return fd;
}

/* One turn of the loop, which waits for nothing. */
static void
turn(struct world *w)
{
	loop_stop_in(w->loop, 0);
	loop_run_idle(w->loop);
}

/* Return the bytes until the server closes; `text` gets the first of them. */
static size_t
read_all(struct world *w, int fd, char *text, size_t size)
{
	char some[4096];
	size_t len = 0;
	ssize_t n;

	text[0] = '\0';
	for (;;) {
		turn(w);
		n = recv(fd, some, sizeof(some), MSG_DONTWAIT);
		if (n == 0)
			break;
		if (n < 0)
			continue;
		if (len + (size_t)n < size) {
			memcpy(text + len, some, (size_t)n);
			text[len + (size_t)n] = '\0';
		}
		len += (size_t)n;
	}
	close(fd);
	return len;
}

START_TEST(answers_each_kind)
{
	static const struct {
		const char *request, *status;
	} cases[] = {
		{ "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "200 OK" },
		{ "GET / HTTP/1.0\n\n", "200 OK" },
		{ "GET / HTTP/1.1\nHost: a\n\r\n", "200 OK" },
		{ "GET / HTTP/1.1\r\n\n", "200 OK" },
		{ "GET /?a=b#c HTTP/1.1\r\n\r\n", "200 OK" },
		{ "GET http://a.example HTTP/1.1\r\n\r\n", "200 OK" },
		{ "GET HTTP://a.example/ HTTP/1.1\r\n\r\n", "200 OK" },
		{ "GET / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello",
		    "200 OK" },
		{ "GET /none HTTP/1.1\r\n\r\n", "404 Not Found" },
		{ "GET /../etc/passwd HTTP/1.1\r\n\r\n", "404 Not Found" },
		{ "POST / HTTP/1.1\r\n\r\n", "405 Method Not Allowed" },
		{ "get / HTTP/1.1\r\n\r\n", "405 Method Not Allowed" },
		{ "OPTIONS * HTTP/1.1\r\n\r\n", "405 Method Not Allowed" },
		{ "GET * HTTP/1.1\r\n\r\n", "400 Bad Request" },
		{ "GET  / HTTP/1.1\r\n\r\n", "400 Bad Request" },
		{ "GET /\r\n\r\n", "400 Bad Request" },
		{ "\r\n\r\n", "400 Bad Request" },
		{ "\x16\x03\x01 hello\n\n", "400 Bad Request" },
		{ "GET / HTTP/2.0\r\n\r\n", "505 HTTP Version Not Supported" },
		{ "PRI * HTTP/2.0\r\n\r\n", "505 HTTP Version Not Supported" },
	};
	char text[512], wanted[64];
	struct world w;
	size_t i;
	int fd;

	open_world(&w);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fd = connect_to(&w);
		ck_assert_int_gt(write(fd, cases[i].request,
		    strlen(cases[i].request)), 0);
		read_all(&w, fd, text, sizeof(text));
		snprintf(wanted, sizeof(wanted), "HTTP/1.1 %s\r\n",
		    cases[i].status);
		ck_assert_msg(strncmp(text, wanted, strlen(wanted)) == 0,
		    "%s: %s", cases[i].request, text);
	}
	/* A NUL in the head. */
	fd = connect_to(&w);
	ck_assert_int_eq(write(fd, "GET /\0 HTTP/1.1\r\n\r\n", 19), 19);
	read_all(&w, fd, text, sizeof(text));
	ck_assert_ptr_nonnull(strstr(text, " 400 "));
	/* A NUL in a body, which nobody reads. */
	fd = connect_to(&w);
	ck_assert_int_eq(write(fd, "POST / HTTP/1.1\r\n\r\n\0", 20), 20);
	read_all(&w, fd, text, sizeof(text));
	ck_assert_ptr_nonnull(strstr(text, " 405 "));
	close_world(&w);
}
END_TEST

/* A head in pieces is answered; one without an end is refused. */
START_TEST(bounds_the_head)
{
	static const char request[] = "GET / HTTP/1.1\r\n\r\n";
	char text[512], line[1024];
	struct world w;
	size_t i;
	int fd;

	open_world(&w);
	fd = connect_to(&w);
	for (i = 0; i + 1 < sizeof(request); i++) {
		ck_assert_int_eq(write(fd, request + i, 1), 1);
		turn(&w);
	}
	read_all(&w, fd, text, sizeof(text));
	ck_assert_ptr_nonnull(strstr(text, "\r\n\r\nroot\n"));
	fd = connect_to(&w);
	memset(line, 'a', sizeof(line));
	for (i = 0; i < 9; i++) {
		send(fd, line, sizeof(line), MSG_NOSIGNAL);
		turn(&w);
	}
	read_all(&w, fd, text, sizeof(text));
	ck_assert_ptr_nonnull(strstr(text, " 431 "));
	close_world(&w);
}
END_TEST

/* More than a socket takes at once, and a reader that ends its side first. */
START_TEST(sends_much)
{
	static const char request[] = "GET /big HTTP/1.1\r\n\r\n";
	char text[512];
	struct world w;
	int fd;

	open_world(&w);
	w.body = 8 << 20;
	fd = connect_to(&w);
	ck_assert_int_gt(write(fd, request, sizeof(request) - 1), 0);
	ck_assert_int_eq(shutdown(fd, SHUT_WR), 0);
	turn(&w);
	ck_assert_uint_gt(read_all(&w, fd, text, sizeof(text)), w.body);
	close_world(&w);
}
END_TEST

/* Those who only connect give way to those who ask. */
static void
try_bound(size_t places)
{
	int idle[3 * WEBGET_CONNECTIONS], fd;
	char text[512];
	struct world w;
	size_t i, open = 0;

	open_world(&w);
	for (i = 0; i < 3 * WEBGET_CONNECTIONS; i++)
		idle[i] = connect_to(&w);
	fd = connect_to(&w);
	ck_assert_int_eq(write(fd, "GET / HTTP/1.1\r\n\r\n", 18), 18);
	read_all(&w, fd, text, sizeof(text));
	ck_assert_ptr_nonnull(strstr(text, "\r\n\r\nroot\n"));
	for (i = 0; i < 3 * WEBGET_CONNECTIONS; i++) {
		if (recv(idle[i], text, 1, MSG_DONTWAIT) < 0)
			open++;
		close(idle[i]);
	}
	ck_assert_uint_le(open, places);
	close_world(&w);
}

START_TEST(bounds_its_clients)
{
	struct rlimit files;

	try_bound(WEBGET_CONNECTIONS);
	/* Fewer where files are few. */
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &files), 0);
	files.rlim_cur = 8 * WEBGET_FILES;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &files), 0);
	try_bound(8);
}
END_TEST

/* Many who connect at the same time, and then ask, are all answered. */
START_TEST(answers_many_at_once)
{
	int fds[6 * WEBGET_CONNECTIONS];
	char text[512];
	struct world w;
	size_t i;

	open_world(&w);
	for (i = 0; i < 6 * WEBGET_CONNECTIONS; i++)
		fds[i] = connect_to(&w);
	turn(&w);
	for (i = 0; i < 6 * WEBGET_CONNECTIONS; i++)
		ck_assert_int_eq(write(fds[i], "GET / HTTP/1.1\r\n\r\n", 18),
		    18);
	for (i = 0; i < 6 * WEBGET_CONNECTIONS; i++) {
		read_all(&w, fds[i], text, sizeof(text));
		ck_assert_ptr_nonnull(strstr(text, "\r\n\r\nroot\n"));
	}
	close_world(&w);
}
END_TEST

UNIT_SUITE(webget, answers_each_kind, bounds_the_head, sends_much,
    bounds_its_clients, answers_many_at_once)
