/*
 * A client's connection to a switch, against servers in the same loop that
 * work, hang after TCP, hang after TLS, are full, or belong to somebody else. A
 * bad server is struck and the next one is taken, within one deadline. Requests
 * then go both ways and are answered in order, and the end is reported once.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "dev/dev_tls.h"
#include "net/buffer.h"
#include "net/listener.h"
#include "net/tls.h"
#include "signal_client/signal_client.h"
#include "unit.h"

enum manner {
	WORKS,
	HANGS_AFTER_TCP,
	HANGS_AFTER_TLS,
	IS_FULL,
	BREAKS_OFF,		/* after TLS */
	TALKS_RUBBISH,
	NEVER_ANSWERS_TWICE,	/* the first request only */
	IS_SLOW			/* its directory is */
};

#define SLOW_MS 1700		/* longer than others would wait with it */

struct world;

struct server {
	struct world *world;
	enum manner manner;
	struct tls_config *config;
	struct listener *listener;
	struct tls *tls;
	int accepted, fd;
	int requests, pings;
	int responses;
	char last[512];		/* the last request's head */
};

#define SERVERS 4

struct world {
	struct event_base *loop;
	struct tls_config *trusted, *stranger, *client;
	struct server servers[SERVERS];
	size_t n;
	struct addr addrs[SERVERS];

	struct signal_client *c;
	int answers, status, order[8], n_order;
	int requests, closed, err;
	enum sigmsg_method method;
	char body[64], why[WHY_TEXT];
	bool free_on_answer, free_on_request;
};

/*
 * The servers.
 */

static void
say(struct server *s, const char *text)
{
	ck_assert_int_eq(tls_write(s->tls, text, strlen(text)), 0);
}

static void
say_late(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	say(arg, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate");
}

static void
take(struct server *s, const struct sigmsg *msg)
{
	static const struct timeval slow = {
		SLOW_MS / 1000, SLOW_MS % 1000 * 1000
	};

	if (msg->method == SIGMSG_RESPONSE) {
		s->responses++;
		return;
	}
	if (strcmp(msg->target, "/keepalive") == 0)
		s->pings++;
	s->requests++;
	snprintf(s->last, sizeof(s->last), "%s %s %s:%s %.*s",
	    sigmsg_method_name(msg->method), msg->target, msg->user,
	    msg->token, (int)msg->body_len, msg->body);
	if (s->manner == IS_FULL)
		say(s, "HTTP/1.1 503 Service Unavailable\r\n"
		    "Content-Length: 0\r\n\r\n");
	if (s->manner == IS_SLOW)
		event_base_once(s->world->loop, -1, EV_TIMEOUT, say_late, s,
		    &slow);
	if (s->manner == TALKS_RUBBISH)
		say(s, "SMTP ready\r\n\r\n");
	if (s->manner == WORKS ||
	    (s->manner == NEVER_ANSWERS_TWICE && s->requests == 1))
		say(s, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
}

static void
server_data(struct buffer *in, void *arg)
{
	struct server *s = arg;
	struct sigmsg msg;
	size_t used;
	bool head;

	while (buffer_len(in) > 0 && sigmsg_parse(&msg,
	    (char *)buffer_front(in, -1), buffer_len(in), &used,
	    &head) == 0) {
		take(s, &msg);
		buffer_drain(in, used);
	}
}

static void
server_ready(void *arg)
{
	struct server *s = arg;

	if (s->manner == BREAKS_OFF)
		tls_finish(s->tls);
}

static void
server_closed(int err, const char *why, void *arg)
{
	struct server *s = arg;

	(void)err;
	(void)why;
	tls_free(s->tls);
	s->tls = NULL;
}

static void
accepted(int fd, const struct addr *peer, void *arg)
{
	static const struct tls_handlers handlers = {
		.ready = server_ready,
		.data = server_data,
		.closed = server_closed
	};
	struct tls_options options = { .in_max = 65536, .out_max = 65536 };
	struct server *s = arg;

	(void)peer;
	s->accepted++;
	tls_free(s->tls);
	s->tls = NULL;
	if (s->manner == HANGS_AFTER_TCP) {
		s->fd = fd;
		return;
	}
	ck_assert_int_eq(tls_new(&s->tls, s->world->loop, fd, s->config,
	    &options, &handlers, s), 0);
}

static struct server *
serve(struct world *w, enum manner manner)
{
	struct server *s = &w->servers[w->n];
	struct addr any;

	s->world = w;
	s->manner = manner;
	s->config = w->trusted;
	s->fd = -1;
	ck_assert_int_eq(addr_parse(&any, "127.0.0.1:0", 0), 0);
	ck_assert_int_eq(listener_new(&s->listener, w->loop, &any, accepted,
	    s), 0);
	ck_assert_int_eq(listener_open(s->listener), 0);
	w->addrs[w->n++] = *listener_addr(s->listener);
	return s;
}

static struct tls_config *
make_config(struct world *w, bool is_trusted)
{
	static const char *const files[] = {
		"ca.pem", "ca.key", "cert.pem", "key.pem"
	};
	char dir[] = "/tmp/rp-unit-XXXXXX", cert[64], key[64], why[WHY_TEXT];
	struct tls_config *config;
	struct addr addr;
	size_t i;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(addr_parse(&addr, "127.0.0.1", 0), 0);
	ck_assert_int_eq(dev_tls_make(dir, &addr), 0);
	snprintf(cert, sizeof(cert), "%s/cert.pem", dir);
	snprintf(key, sizeof(key), "%s/key.pem", dir);
	ck_assert_int_eq(tls_config_server(&config, cert, key, why), 0);
	snprintf(cert, sizeof(cert), "%s/ca.pem", dir);
	if (is_trusted)
		ck_assert_int_eq(tls_config_client(&w->client, cert, why), 0);
	for (i = 0; i < 4; i++) {
		snprintf(cert, sizeof(cert), "%s/%s", dir, files[i]);
		unlink(cert);
	}
	ck_assert_int_eq(rmdir(dir), 0);
	return config;
}

static void
open_world(struct world *w)
{
	memset(w, 0, sizeof(*w));
	w->loop = event_base_new();
	w->trusted = make_config(w, true);
	w->stranger = make_config(w, false);
}

static void
close_world(struct world *w)
{
	size_t i;

	signal_client_free(w->c);
	for (i = 0; i < w->n; i++) {
		tls_free(w->servers[i].tls);
		listener_free(w->servers[i].listener);
		if (w->servers[i].fd >= 0)
			close(w->servers[i].fd);
	}
	tls_config_free(w->trusted);
	tls_config_free(w->stranger);
	tls_config_free(w->client);
	event_base_free(w->loop);
}

/*
 * The client.
 */

static void
on_answer(const struct sigmsg *msg, void *arg)
{
	struct world *w = arg;

	w->answers++;
	w->status = msg->status;
	if (w->free_on_answer) {
		signal_client_free(w->c);
		w->c = NULL;
	}
	/* The message outlives the client that brought it. */
	snprintf(w->body, sizeof(w->body), "%.*s", (int)msg->body_len,
	    msg->body);
	event_base_loopbreak(w->loop);
}

static void
on_request(const struct sigmsg *msg, void *arg)
{
	struct world *w = arg;

	w->requests++;
	w->method = msg->method;
	if (w->free_on_request) {
		signal_client_free(w->c);
		w->c = NULL;
	}
	snprintf(w->body, sizeof(w->body), "%.*s", (int)msg->body_len,
	    msg->body);
}

static void
on_closed(int err, const char *why, void *arg)
{
	struct world *w = arg;

	w->closed++;
	w->err = err;
	why_set(w->why, "%s", why);
	event_base_loopbreak(w->loop);
}

static void
dial(struct world *w, uint32_t deadline_ms, uint32_t keepalive_ms)
{
	static const struct signal_client_handlers handlers = {
		.request = on_request,
		.closed = on_closed
	};
	struct signal_client_options options = {
		.tls = w->client, .server_name = "localhost",
		.number = "alice", .token = "secret",
		.deadline_ms = deadline_ms, .keepalive_ms = keepalive_ms
	};
	struct sigmsg first = {
		.method = SIGMSG_INITIATE, .target = "/session/bob",
		.content_type = "application/sdp", .body = "v=0", .body_len = 3
	};

	ck_assert_int_eq(signal_client_new(&w->c, w->loop, w->addrs, w->n,
	    &options, &handlers, w, &first, on_answer), 0);
	ck_assert_int_eq(w->answers, 0);
	event_base_dispatch(w->loop);
}

/* Run until *count reaches n, or for 5 s. */
static void
run_until(struct world *w, const int *count, int n)
{
	uint64_t end = clock_ms() + 5000;
	struct timeval most = { 0, 20000 };

	while (*count < n && clock_ms() < end) {
		event_base_loopexit(w->loop, &most);
		event_base_dispatch(w->loop);
	}
	ck_assert_int_eq(*count, n);
}

static const struct multiconnect_entry *
entry(struct world *w, size_t i)
{
	size_t n;
	const struct multiconnect_entry *entries =
	    signal_client_race(w->c, &n);

	ck_assert_uint_eq(n, w->n);
	return &entries[i];
}

START_TEST(asks_and_is_answered)
{
	const struct signal_client_times *times;
	struct world w;
	struct server *s;

	open_world(&w);
	s = serve(&w, WORKS);
	dial(&w, 5000, 0);
	ck_assert_int_eq(w.status, 200);
	ck_assert_str_eq(w.body, "ok");
	ck_assert_str_eq(s->last, "INITIATE /session/bob alice:secret v=0");
	ck_assert(addr_equal(signal_client_addr(w.c), &w.addrs[0]));
	times = signal_client_times(w.c);
	ck_assert(times->start <= times->connected);
	ck_assert(times->connected < times->tls);
	ck_assert(times->tls < times->answered);
	ck_assert_int_eq(w.closed, 0);
	close_world(&w);
}
END_TEST

static void
struck_then_works(enum manner manner, const char *why, uint64_t within_ms)
{
	char text[MULTICONNECT_TEXT];
	uint64_t start = 0;
	struct world w;
	int i;

	open_world(&w);
	serve(&w, WORKS);
	serve(&w, manner);
	/* Both are as near: dial until the one that does not work has won. */
	for (i = 0; i < 100 && (w.c == NULL ||
	    entry(&w, 1)->outcome != MULTICONNECT_STRUCK); i++) {
		signal_client_free(w.c);
		w.c = NULL;
		w.answers = 0;
		start = clock_ms();
		dial(&w, 8000, 0);
	}
	ck_assert_int_eq(w.closed, 0);
	ck_assert_int_eq(w.status, 200);
	ck_assert_int_eq(entry(&w, 0)->outcome, MULTICONNECT_WON);
	ck_assert_int_eq(entry(&w, 1)->outcome, MULTICONNECT_STRUCK);
	multiconnect_outcome_text(entry(&w, 1), text);
	ck_assert_msg(strstr(text, why) != NULL, "%s", text);
	ck_assert_uint_lt(clock_ms() - start, within_ms);
	close_world(&w);
}

START_TEST(strikes_who_hangs_after_tcp)
{
	struck_then_works(HANGS_AFTER_TCP, "no ServerHello", 1200);
}
END_TEST

START_TEST(strikes_who_hangs_after_tls)
{
	struck_then_works(HANGS_AFTER_TLS, "does not answer", 3000);
}
END_TEST

START_TEST(strikes_who_is_full)
{
	struck_then_works(IS_FULL, "full or draining", 1200);
}
END_TEST

START_TEST(strikes_who_breaks_off)
{
	struck_then_works(BREAKS_OFF, "failed", 1200);
}
END_TEST

START_TEST(strikes_who_talks_rubbish)
{
	struck_then_works(TALKS_RUBBISH, "failed", 1200);
}
END_TEST

/* One that would be struck beside others is waited for where there is none. */
START_TEST(waits_for_the_only_one)
{
	struct world w;

	open_world(&w);
	serve(&w, IS_SLOW);
	serve(&w, WORKS);
	listener_close(w.servers[1].listener);
	dial(&w, 8000, 0);
	ck_assert_int_eq(w.closed, 0);
	ck_assert_int_eq(w.status, 200);
	ck_assert_str_eq(w.body, "late");
	ck_assert_int_eq(w.servers[0].requests, 1);
	ck_assert_int_eq(entry(&w, 0)->outcome, MULTICONNECT_WON);
	close_world(&w);
}
END_TEST

static void
join(evutil_socket_t fd, short what, void *arg)
{
	struct world *w = arg;

	(void)fd;
	(void)what;
	ck_assert_int_eq(w->servers[0].requests, 1);
	ck_assert_int_eq(w->servers[1].accepted, 0);
	ck_assert_int_eq(signal_client_add(w->c, &w->addrs[1], 1, false,
	    NULL), 0);
}

/* Until another is found. */
START_TEST(strikes_the_only_one_for_a_latecomer)
{
	static const struct timeval later = {
		SLOW_MS / 1000, SLOW_MS % 1000 * 1000
	};
	struct world w;

	open_world(&w);
	serve(&w, HANGS_AFTER_TLS);
	serve(&w, WORKS);
	event_base_once(w.loop, -1, EV_TIMEOUT, join, &w, &later);
	w.n = 1;
	dial(&w, 8000, 0);
	w.n = 2;
	ck_assert_int_eq(w.status, 200);
	ck_assert_int_eq(entry(&w, 0)->outcome, MULTICONNECT_STRUCK);
	ck_assert_int_eq(entry(&w, 1)->outcome, MULTICONNECT_WON);
	close_world(&w);
}
END_TEST

START_TEST(says_why_nobody_works)
{
	struct world w;

	open_world(&w);
	serve(&w, WORKS)->config = w.stranger;
	dial(&w, 5000, 0);
	ck_assert_int_eq(w.closed, 1);
	ck_assert_int_eq(w.err, -EACCES);
	ck_assert_int_eq(w.answers, 0);
	ck_assert_int_eq(w.servers[0].requests, 0);
	ck_assert_ptr_null(signal_client_addr(w.c));
	close_world(&w);

	open_world(&w);
	serve(&w, IS_FULL);
	dial(&w, 5000, 0);
	ck_assert_int_eq(w.err, -EBUSY);
	ck_assert_ptr_nonnull(strstr(w.why, "503"));
	close_world(&w);

	open_world(&w);
	serve(&w, HANGS_AFTER_TCP);
	dial(&w, 200, 0);
	ck_assert_int_eq(w.err, -ETIMEDOUT);
	close_world(&w);

	open_world(&w);
	serve(&w, WORKS);
	listener_close(w.servers[0].listener);
	dial(&w, 5000, 0);
	ck_assert_int_eq(w.err, -ECONNREFUSED);
	close_world(&w);
}
END_TEST

static void
in_order(const struct sigmsg *msg, void *arg)
{
	int *slot = arg;

	ck_assert_int_eq(msg->status, 200);
	*slot = 1;
}

START_TEST(answers_come_in_order)
{
	struct sigmsg msg = {
		.method = SIGMSG_INFO, .target = "/session/x",
		.body = "hello", .body_len = 5
	};
	int done[3] = { 0 };
	struct world w;

	open_world(&w);
	serve(&w, WORKS);
	dial(&w, 5000, 0);
	ck_assert_int_eq(signal_client_request(w.c, &msg, in_order, &done[0]),
	    0);
	ck_assert_int_eq(signal_client_request(w.c, &msg, in_order, &done[1]),
	    0);
	msg.method = SIGMSG_HANGUP;
	ck_assert_int_eq(signal_client_request(w.c, &msg, in_order, &done[2]),
	    0);
	run_until(&w, &done[2], 1);
	ck_assert_int_eq(done[0] + done[1], 2);
	ck_assert_str_eq(w.servers[0].last,
	    "HANGUP /session/x alice:secret hello");
	close_world(&w);
}
END_TEST

START_TEST(is_asked_too)
{
	struct world w;
	struct server *s;

	open_world(&w);
	s = serve(&w, WORKS);
	dial(&w, 5000, 0);
	say(s, "RING /session/x HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi"
	    "GET /keepalive HTTP/1.1\r\n\r\n");
	run_until(&w, &w.requests, 1);
	run_until(&w, &s->responses, 2);
	ck_assert_int_eq(w.method, SIGMSG_RING);
	ck_assert_str_eq(w.body, "hi");
	say(s, "BREW /pot HTTP/1.1\r\n\r\n");
	run_until(&w, &s->responses, 3);
	ck_assert_int_eq(w.requests, 1);
	close_world(&w);
}
END_TEST

START_TEST(may_be_freed_by_handlers)
{
	struct world w;

	open_world(&w);
	w.free_on_answer = true;
	serve(&w, WORKS);
	dial(&w, 5000, 0);
	ck_assert_str_eq(w.body, "ok");
	close_world(&w);

	open_world(&w);
	serve(&w, WORKS);
	dial(&w, 5000, 0);
	w.free_on_request = true;
	say(&w.servers[0], "RING /session/x HTTP/1.1\r\nContent-Length: 2\r\n"
	    "\r\nhiRING /session/x HTTP/1.1\r\n\r\n");
	run_until(&w, &w.requests, 1);
	ck_assert_str_eq(w.body, "hi");
	close_world(&w);
}
END_TEST

START_TEST(is_told_of_the_end_once)
{
	struct sigmsg msg = { .method = SIGMSG_INFO, .target = "/session/x" };
	struct world w;

	open_world(&w);
	serve(&w, WORKS);
	dial(&w, 5000, 0);
	tls_free(w.servers[0].tls);
	w.servers[0].tls = NULL;
	run_until(&w, &w.closed, 1);
	ck_assert_int_lt(w.err, 0);
	ck_assert_int_eq(signal_client_request(w.c, &msg, NULL, NULL),
	    -ENOTCONN);
	close_world(&w);

	open_world(&w);
	serve(&w, WORKS);
	dial(&w, 5000, 0);
	say(&w.servers[0], "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	run_until(&w, &w.closed, 1);
	ck_assert_int_eq(w.err, -EPROTO);
	close_world(&w);
}
END_TEST

START_TEST(pings)
{
	struct world w;

	open_world(&w);
	serve(&w, WORKS);
	dial(&w, 5000, 30);
	run_until(&w, &w.servers[0].pings, 3);
	ck_assert_int_eq(w.closed, 0);
	close_world(&w);
}
END_TEST

START_TEST(bounds_what_is_out)
{
	struct sigmsg msg = { .method = SIGMSG_INFO, .target = "/session/x" };
	struct world w;
	int i, err = 0;

	open_world(&w);
	serve(&w, NEVER_ANSWERS_TWICE);
	dial(&w, 5000, 0);
	for (i = 0; i < 100 && err == 0; i++)
		err = signal_client_request(w.c, &msg, NULL, NULL);
	ck_assert_int_eq(err, -ENOBUFS);
	ck_assert_int_eq(i, 33);
	close_world(&w);
}
END_TEST

UNIT_SUITE(signal_client, asks_and_is_answered, strikes_who_hangs_after_tcp,
    strikes_who_hangs_after_tls, strikes_who_is_full, strikes_who_breaks_off,
    strikes_who_talks_rubbish, waits_for_the_only_one,
    strikes_the_only_one_for_a_latecomer, says_why_nobody_works,
    answers_come_in_order, is_asked_too, may_be_freed_by_handlers,
    is_told_of_the_end_once, pings, bounds_what_is_out)
