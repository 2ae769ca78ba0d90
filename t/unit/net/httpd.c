/*
 * The HTTP server for pushes: bodies by length and in chunks, cut anywhere;
 * bounds on bytes and connections; and a loop that rests without descriptors.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "net/buffer.h"
#include "net/httpd.h"
#include "unit.h"

#define IDLE 80			/* more than there are places */

struct world {
	struct event_base *loop;
	struct httpd *httpd;
	struct addr addr;
	unsigned requests;
	char body[65], path[64], coding[64];
	bool post, refuse;
};

static void
on_request(struct httpd_request *request, void *arg)
{
	struct world *w = arg;
	const char *coding = httpd_header(request, "content-ENCODING");
	const char *path = httpd_path(request);
	size_t n = buffer_peek(httpd_body(request), w->body, 64);

	w->requests++;
	w->body[n] = '\0';
	snprintf(w->path, sizeof(w->path), "%s", path != NULL ? path : "-");
	snprintf(w->coding, sizeof(w->coding), "%s",
	    coding != NULL ? coding : "-");
	w->post = httpd_is_post(request);
	httpd_set_header(request, "TTL", "0");
	if (w->refuse)
		httpd_refuse(request, 403, NULL);
	else
		httpd_answer(request, 201, "Created", NULL);
}

static void
open_world(struct world *w)
{
	static const struct httpd_options options = { 256, 64, 10, 10 };

	memset(w, 0, sizeof(*w));
	w->loop = event_base_new();
	ck_assert_int_eq(addr_parse(&w->addr, "127.0.0.1:0", 0), 0);
	ck_assert_int_eq(httpd_new(&w->httpd, w->loop, &w->addr, &options,
	    on_request, w), 0);
	ck_assert_uint_ne(addr_port(&w->addr), 0);
}

static void
close_world(struct world *w)
{
	httpd_free(w->httpd);
	httpd_free(NULL);
	event_base_free(w->loop);
}

static int
dial(const struct world *w)
{
	int fd = socket(w->addr.sa.sa_family, SOCK_STREAM, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(connect(fd, &w->addr.sa, addr_len(&w->addr)), 0);
	return fd;
}

static void
turn(struct world *w, int ms)
{
	struct timeval after = { ms / 1000, ms % 1000 * 1000 };

	event_base_loopexit(w->loop, &after);
	event_base_dispatch(w->loop);
}

/* Send a text, in pieces of so many bytes, and return the answer's status. */
static int
ask(struct world *w, const char *text, size_t piece)
{
	size_t len = strlen(text), at, n;
	char answer[256] = "";
	const char *last;
	int fd = dial(w), got = 0, i;
	ssize_t more;

	for (at = 0; at < len; at += n) {
		n = piece < len - at ? piece : len - at;
		if (send(fd, text + at, n, MSG_NOSIGNAL) != (ssize_t)n)
			break;
		turn(w, 1);
	}
	for (i = 0; i < 100; i++) {
		turn(w, 5);
		more = recv(fd, answer + got, sizeof(answer) - 1 - (size_t)got,
		    MSG_DONTWAIT);
		if (more == 0)
			break;
		if (more > 0)
			got += (int)more;
	}
	close(fd);
	turn(w, 5);
	last = strstr(answer + 1, "HTTP/1.1 ");	/* behind a 100 */
	return atoi((last != NULL ? last : answer) + 9);
}

#define POST "POST /push/x?y HTTP/1.1\r\nHost: a\r\nContent-Encoding: \taes\r\n"

static void
takes(struct world *w, const char *text, const char *body)
{
	size_t piece;

	for (piece = 1000; piece > 0; piece = piece == 1000 ? 7 : piece / 7) {
		w->requests = 0;
		ck_assert_int_eq(ask(w, text, piece), 201);
		ck_assert_uint_eq(w->requests, 1);
		ck_assert_str_eq(w->body, body);
		ck_assert_str_eq(w->path, "/push/x");
		ck_assert_str_eq(w->coding, "aes");
		ck_assert(w->post);
	}
}

START_TEST(takes_bodies)
{
	struct world w;

	open_world(&w);
	takes(&w, POST "Content-Length: 5\r\n\r\nhello", "hello");
	takes(&w, POST "Content-Length: 0\r\n\r\n", "");
	takes(&w, POST "\r\n", "");
	takes(&w, POST "Transfer-Encoding: chunked\r\n\r\n"
	    "3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n", "hello");
	takes(&w, POST "Transfer-Encoding: chunked\r\n\r\n0\r\nT: u\r\n\r\n",
	    "");
	takes(&w, POST "Expect: 100-continue\r\nContent-Length: 5\r\n\r\nhello",
	    "hello");
	w.post = true;
	ck_assert_int_eq(ask(&w, "GET http://a/b HTTP/1.1\n\n", 1000), 201);
	ck_assert_str_eq(w.path, "/b");
	ck_assert(!w.post);
	close_world(&w);
}
END_TEST

START_TEST(refuses_nonsense)
{
	static const struct {
		const char *text;
		int status;
	} bad[] = {
		{ "hello\r\n\r\n", 400 },
		{ "POST / HTTP/2.0\r\n\r\n", 400 },
		{ POST "Content-Length: -1\r\n\r\n", 400 },
		{ POST "Content-Length: 5x\r\n\r\nhello", 400 },
		{ POST "Content-Length: 65\r\n\r\n", 413 },
		{ POST "Content-Length: 99999999999999999999999\r\n\r\n", 413 },
		{ POST "Transfer-Encoding: gzip\r\n\r\n", 400 },
		{ POST "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n"
		    "\r\n", 400 },
		{ POST "Transfer-Encoding: chunked\r\n\r\nx\r\n", 400 },
		{ POST "Transfer-Encoding: chunked\r\n\r\n41\r\n", 413 },
		{ POST "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
		    413 },
		{ POST "Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n", 400 },
	};
	char big[400] = "POST / HTTP/1.1\r\nX: ";
	struct world w;
	size_t i;

	open_world(&w);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(ask(&w, bad[i].text, 1000) == bad[i].status,
		    "%s", bad[i].text);
	memset(big + strlen(big), 'a', sizeof(big) - 1 - strlen(big));
	ck_assert_int_eq(ask(&w, big, 1000), 431);
	ck_assert_uint_eq(w.requests, 0);
	close_world(&w);
}
END_TEST

/* Of many idle connections the oldest end, and a push comes through. */
START_TEST(bounds_connections)
{
	int fd[IDLE], i, ended = 0;
	struct world w;
	char byte;

	open_world(&w);
	for (i = 0; i < IDLE; i++) {
		fd[i] = dial(&w);
		turn(&w, 3);
	}
	ck_assert_int_eq(ask(&w, POST "\r\n", 1000), 201);
	for (i = 0; i < IDLE; i++) {
		if (recv(fd[i], &byte, 1, MSG_DONTWAIT) == 0)
			ended++;
		else
			ck_assert_int_ge(i, IDLE - 32);
		close(fd[i]);
	}
	ck_assert_int_ge(ended, IDLE - 32);
	close_world(&w);
}
END_TEST

START_TEST(rests_without_descriptors)
{
	struct rlimit few;
	unsigned turns = 0;
	struct world w;
	int fd, spare;

	open_world(&w);
	fd = dial(&w);
	spare = dup(fd);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &few), 0);
	few.rlim_cur = (rlim_t)spare + 1;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	ck_assert_int_eq(send(fd, POST "\r\n", strlen(POST "\r\n"), 0),
	    (ssize_t)strlen(POST "\r\n"));
	while (turns < 4) {
		event_base_loop(w.loop, EVLOOP_ONCE);
		turns++;
	}
	ck_assert_uint_eq(w.requests, 0);
	close(spare);
	while (w.requests == 0)
		event_base_loop(w.loop, EVLOOP_ONCE);
	close(fd);
	close_world(&w);
}
END_TEST

START_TEST(refuses_a_port_in_use)
{
	static const struct httpd_options options = { 256, 64, 10, 10 };
	struct httpd *other = NULL;
	struct addr addr;
	struct world w;

	open_world(&w);
	addr = w.addr;
	ck_assert_int_eq(httpd_new(&other, w.loop, &addr, &options, on_request,
	    &w), -EADDRINUSE);
	ck_assert_ptr_null(other);
	close_world(&w);
}
END_TEST

/*
 * Send a request on a connection. Return whether it was answered, and the
 * connection is still there.
 */
static bool
stays(struct world *w, int fd, const char *text)
{
	unsigned before = w->requests;
	char answer[256];
	ssize_t n = -1;
	int i;

	ck_assert_int_eq(send(fd, text, strlen(text), MSG_NOSIGNAL),
	    (ssize_t)strlen(text));
	for (i = 0; i < 1000 && (n < 0 || w->requests == before); i++) {
		turn(w, 2);
		n = recv(fd, answer, sizeof(answer), MSG_DONTWAIT);
	}
	ck_assert_uint_eq(w->requests, before + 1);
	ck_assert_int_gt(n, 0);
	answer[n < 255 ? n : 255] = '\0';
	if (strstr(answer, "Connection: close") == NULL)
		return true;
	for (i = 0; i < 1000 && n != 0; i++) {
		turn(w, 2);
		n = recv(fd, answer, sizeof(answer), MSG_DONTWAIT);
	}
	ck_assert_int_eq(n, 0);
	return false;
}

/* A second push needs no connect, but only if the first was fine and clear. */
START_TEST(keeps_connections)
{
	static const char *const last[] = {
		POST "Content-Length: 2\r\nConnection: close\r\n\r\nab",
		POST "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
		POST "Content-Length: 2\r\n\r\nabPOST",
		"POST /x HTTP/1.0\r\nContent-Length: 2\r\n\r\nab"
	};
	struct world w;
	size_t i;
	int fd;

	open_world(&w);
	fd = dial(&w);
	ck_assert(stays(&w, fd, POST "Content-Length: 3\r\n\r\nabc"));
	ck_assert_str_eq(w.body, "abc");
	ck_assert(stays(&w, fd, "POST /y HTTP/1.1\r\n"
	    "Connection: Keep-Alive\r\nContent-Length: 1\r\n\r\nd"));
	ck_assert_str_eq(w.body, "d");
	ck_assert_str_eq(w.path, "/y");
	ck_assert_str_eq(w.coding, "-");
	w.refuse = true;
	ck_assert(!stays(&w, fd, POST "Content-Length: 1\r\n\r\ne"));
	close(fd);
	w.refuse = false;
	for (i = 0; i < sizeof(last) / sizeof(last[0]); i++) {
		fd = dial(&w);
		ck_assert(!stays(&w, fd, last[i]));
		close(fd);
	}
	close_world(&w);
}
END_TEST

/* One that waits for a request gives way, and ends in time. */
START_TEST(ends_what_it_keeps)
{
	static const struct httpd_options options = { 256, 64, 60, 1 };
	struct addr addr;
	struct world w;
	char byte;
	int fd, i;

	open_world(&w);
	httpd_free(w.httpd);
	ck_assert_int_eq(addr_parse(&addr, "127.0.0.1:0", 0), 0);
	ck_assert_int_eq(httpd_new(&w.httpd, w.loop, &addr, &options,
	    on_request, &w), 0);
	w.addr = addr;
	fd = dial(&w);
	ck_assert(stays(&w, fd, POST "Content-Length: 1\r\n\r\na"));
	for (i = 0; i < 1000 && recv(fd, &byte, 1, MSG_DONTWAIT) != 0; i++)
		turn(&w, 10);
	ck_assert_int_eq(recv(fd, &byte, 1, MSG_DONTWAIT), 0);
	close(fd);
	close_world(&w);
}
END_TEST

UNIT_SUITE(httpd, takes_bodies, keeps_connections, ends_what_it_keeps,
    refuses_nonsense, bounds_connections,
    rests_without_descriptors, refuses_a_port_in_use)
