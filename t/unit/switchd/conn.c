/*
 * Signalling connections. Early data may be a replay, so INITIATE and RING in
 * it are handed over before the handshake is done, and all else after it. Other
 * handlers have their turn while a peer keeps sending, in a stream or in
 * frames, and no message is lost.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <event2/event.h>

#include "base/clock.h"
#include "cert.h"
#include "net/buffer.h"
#include "net/tls.h"
#include "signal/conn.h"
#include "unit.h"

#define HEAD "HTTP/1.1\r\nHost: switch.test\r\n"
#define INITIATE "INITIATE /session/bob " HEAD "Content-Length: 5\r\n\r\noffer"
#define RING "RING /session/1 " HEAD "Content-Length: 0\r\n\r\n"
#define ANSWERED "RING /session/1 " HEAD "Content-Length: 4\r\n\r\nv=0\n"	\
    "ANSWER /session/1 " HEAD "Content-Length: 0\r\n\r\n"
#define GET "GET /keepalive " HEAD "\r\n"
#define PUT "PUT /push " HEAD "Content-Length: 2\r\n\r\n{}"

struct world {
	struct event_base *loop;
	struct tls_config *server_config, *client_config;
	struct conn *conn;
	struct tls *client;
	uint64_t resumed, early;
	unsigned answers;		/* that the client has got */
	char order[64];			/* of requests; small: before ready */
	unsigned requests, refused, turns, at_once, most;
	bool later;			/* answer in another turn */
	uint64_t answer_ms;		/* and not before */
	unsigned slow_ms;		/* that the first request takes */
	uint32_t auth_ms;		/* 0: long */
	int status;			/* of the last refusal */
	struct event *turn, *answer;
	void *session;
	size_t session_bytes;
};

/* Be busy, as a loop is that has much to do. */
static void
spin(unsigned ms)
{
	uint64_t until_ms = clock_ms() + ms;

	while (clock_ms() < until_ms)
		continue;
}

static void
on_request(const struct sigmsg *msg, void *arg)
{
	static const struct sigmsg ok = { .status = 200 };
	static const struct sigmsg switching = { .status = 101 };
	struct world *w = arg;
	size_t n = strlen(w->order);
	char letter = 
	    "IRGPA?"[msg->method == SIGMSG_INITIATE ? 0 :
	    msg->method == SIGMSG_RING ? 1 : msg->method == SIGMSG_GET ? 2 :
	    msg->method == SIGMSG_PUT ? 3 :
	    msg->method == SIGMSG_ANSWER ? 4 : 5];

	if (w->resumed == 0)
		letter |= 0x20;
	if (n < sizeof(w->order) - 1)
		w->order[n] = letter;
	w->requests++;
	if (++w->at_once > w->most)
		w->most = w->at_once;
	if (msg->websocket_version != 0)
		conn_upgrade(w->conn, &switching);
	else if (w->later)
		event_active(w->answer, EV_TIMEOUT, 0);
	else {
		spin(w->slow_ms);
		w->slow_ms = 0;
		conn_reply(w->conn, &ok);
	}
}

static void
on_answer(evutil_socket_t fd, short what, void *arg)
{
	static const struct sigmsg ok = { .status = 200 };
	struct world *w = arg;

	(void)fd;
	(void)what;
	while (clock_ms() < w->answer_ms)
		continue;
	conn_reply(w->conn, &ok);
}

static void
on_turn(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval now = { 0, 0 };
	struct world *w = arg;

	(void)fd;
	(void)what;
	w->turns++;
	w->at_once = 0;
	evtimer_add(w->turn, &now);
}

static void
on_response(const struct sigmsg *msg, void *arg)
{
	(void)msg;
	(void)arg;
	ck_abort();
}

static void
on_refused(int status, const char *why, void *arg)
{
	struct world *w = arg;

	(void)why;
	w->status = status;
	w->refused++;
}

static void
on_closed(void *arg)
{
	ck_assert_uint_ne(((struct world *)arg)->refused, 0);
}

static void
on_no_tls(enum tls_failure failure, const char *why, void *arg)
{
	(void)arg;
	ck_assert_msg(failure == TLS_FAILURE_NONE, "%s", why);
}

static void
client_data(struct buffer *in, void *arg)
{
	struct world *w = arg;
	ssize_t at;

	while ((at = buffer_find(in, "\r\n\r\n", 4)) >= 0) {
		buffer_drain(in, (size_t)at + 4);
		w->answers++;
	}
	if (w->session == NULL)
		tls_session(w->client, &w->session, &w->session_bytes);
}

static void
client_ready(void *arg)
{
	(void)arg;
}

static void
client_closed(int err, const char *why, void *arg)
{
	struct world *w = arg;

	(void)err;
	if (w->refused == 0)
		ck_abort_msg("%s", why);
}

/* Connect, say that early if there is a session. */
static void
connect_client(struct world *w, const char *text)
{
	static const struct conn_handlers server = {
		on_request, on_response, on_refused, on_no_tls, on_closed
	};
	static const struct tls_handlers client = {
		.ready = client_ready, .data = client_data,
		.closed = client_closed
	};
	struct conn_options options = {
		.tls = w->server_config, .idle_ms = 10000,
		.auth_ms = w->auth_ms != 0 ? w->auth_ms : 10000,
		.resumed = &w->resumed, .early = &w->early
	};
	struct tls_options stream = {
		.server_name = "switch.test", .session = w->session,
		.session_bytes = w->session_bytes, .early = text,
		.early_bytes = w->session != NULL ? strlen(text) : 0
	};
	int fd[2];

	w->answers = 0;
	ck_assert_int_eq(socketpair(AF_UNIX,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fd), 0);
	ck_assert_int_eq(conn_new(&w->conn, w->loop, fd[0], &options, &server,
	    w), 0);
	ck_assert_int_eq(tls_new(&w->client, w->loop, fd[1], w->client_config,
	    &stream, &client, w), 0);
	if (w->session == NULL)
		ck_assert_int_eq(tls_write(w->client, text, strlen(text)), 0);
}

static void
disconnect(struct world *w)
{
	conn_free(w->conn);
	tls_free(w->client);
}

/* The same, and get n answers. */
static void
talk(struct world *w, const char *text, unsigned n)
{
	connect_client(w, text);
	while (w->answers < n)
		event_base_loop(w->loop, EVLOOP_ONCE);
	disconnect(w);
}

static void
begin(struct world *w)
{
	char cert_file[CERT_PATH], key_file[CERT_PATH], why[WHY_TEXT];

	memset(w, 0, sizeof(*w));
	w->loop = event_base_new();
	w->turn = evtimer_new(w->loop, on_turn, w);
	w->answer = evtimer_new(w->loop, on_answer, w);
	cert_make(cert_file, key_file);
	ck_assert_int_eq(tls_config_server(&w->server_config, cert_file,
	    key_file, why), 0);
	ck_assert_int_eq(tls_config_client(&w->client_config, cert_file, why),
	    0);
	unlink(cert_file);
	unlink(key_file);
	ck_assert_int_eq(tls_config_take_early(w->server_config), 0);
	talk(w, GET, 1);
	ck_assert_str_eq(w->order, "g");
	ck_assert_ptr_nonnull(w->session);
	w->order[0] = '\0';
}

static void
end(struct world *w)
{
	free(w->session);
	event_free(w->turn);
	event_free(w->answer);
	tls_config_free(w->server_config);
	tls_config_free(w->client_config);
	event_base_free(w->loop);
}

static void
is_ordered(const char *early, unsigned n, const char *order)
{
	struct world w;

	begin(&w);
	talk(&w, early, n);
	ck_assert_str_eq(w.order, order);
	ck_assert_uint_eq(w.resumed, 1);
	ck_assert_uint_eq(w.early, 1);
	end(&w);
}

START_TEST(takes_early_what_rings)
{
	is_ordered(INITIATE, 1, "i");
	is_ordered(RING, 1, "r");
}
END_TEST

START_TEST(keeps_the_rest_for_later)
{
	is_ordered(GET, 1, "G");
	is_ordered(PUT, 1, "P");
}
END_TEST

/* One behind the other: in order, each as early as it may be. */
START_TEST(keeps_the_order)
{
	is_ordered(INITIATE PUT RING, 3, "iPR");
	is_ordered(PUT INITIATE, 2, "PI");
	is_ordered(ANSWERED, 2, "rA");
}
END_TEST

/* In a session of its own, one request after the other at once; n answers. */
static void
flood(struct world *w, const char *text, size_t len, unsigned n)
{
	unsigned i;

	w->requests = w->most = w->turns = 0;
	for (i = 0; i < n; i++)
		ck_assert_int_eq(tls_write(w->client, text, len), 0);
	on_turn(-1, 0, w);
	while (w->answers < n)
		event_base_loop(w->loop, EVLOOP_ONCE);
	evtimer_del(w->turn);
	ck_assert_uint_eq(w->requests, n);
	ck_assert_uint_eq(w->answers, n);
}

#define MANY 500

START_TEST(leaves_the_loop_to_others)
{
	struct world w;

	begin(&w);
	connect_client(&w, GET);
	while (w.answers < 1)
		event_base_loop(w.loop, EVLOOP_ONCE);
	w.answers = 0;
	flood(&w, GET, strlen(GET), MANY);
	ck_assert_uint_le(w.most, MANY / 10);
	ck_assert_uint_ge(w.turns, 10);
	w.later = true;
	w.answers = 0;
	flood(&w, GET, strlen(GET), MANY);
	ck_assert_uint_le(w.most, 2);
	disconnect(&w);
	end(&w);
}
END_TEST

/* An answer that comes too late for a stranger is its last but for a 408. */
START_TEST(tells_who_is_late)
{
	struct world w;

	begin(&w);
	w.later = true;
	w.auth_ms = 1000;
	w.answer_ms = clock_ms() + w.auth_ms + 1;
	connect_client(&w, GET GET);
	while (w.answers < 2)
		event_base_loop(w.loop, EVLOOP_ONCE);
	ck_assert_uint_eq(w.requests, 1 + 1);
	ck_assert_uint_eq(w.refused, 1);
	ck_assert_int_eq(w.status, 408);
	disconnect(&w);
	end(&w);
}
END_TEST

/* A busy loop's idea of the time is old: a stranger's end comes no earlier. */
START_TEST(tells_who_is_late_in_a_busy_loop)
{
	struct world w;

	begin(&w);
	w.slow_ms = 300;
	w.auth_ms = 1000;
	connect_client(&w, GET GET);
	while (w.refused == 0)
		event_base_loop(w.loop, EVLOOP_ONCE);
	ck_assert_int_eq(w.status, 408);
	disconnect(&w);
	end(&w);
}
END_TEST

#define UPGRADE "GET /signal " HEAD "Connection: Upgrade\r\n"		\
	"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"		\
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
#define TEXT_FRAME(len) 0x81, 0x80 | (len), 0, 0, 0, 0

static void
upgrade(struct world *w)
{
	begin(w);
	connect_client(w, UPGRADE);
	while (w->answers < 1)
		event_base_loop(w->loop, EVLOOP_ONCE);
	ck_assert(conn_is_upgraded(w->conn));
	w->answers = 0;
}

START_TEST(does_so_in_frames)
{
	char frame[6 + sizeof(GET) - 1] = { TEXT_FRAME(sizeof(GET) - 1) };
	struct world w;

	memcpy(frame + 6, GET, sizeof(GET) - 1);
	upgrade(&w);
	flood(&w, frame, sizeof(frame), MANY);
	ck_assert_uint_le(w.most, MANY / 10);
	w.later = true;
	w.answers = 0;
	flood(&w, frame, sizeof(frame), MANY);
	ck_assert_uint_le(w.most, 2);
	disconnect(&w);
	end(&w);
}
END_TEST

START_TEST(refuses_an_empty_frame)
{
	static const char frame[] = { TEXT_FRAME(0) };
	struct world w;

	upgrade(&w);
	ck_assert_int_eq(tls_write(w.client, frame, sizeof(frame)), 0);
	while (w.refused == 0)
		event_base_loop(w.loop, EVLOOP_ONCE);
	ck_assert_uint_eq(w.refused, 1);
	ck_assert_int_eq(w.status, 400);
	disconnect(&w);
	end(&w);
}
END_TEST

UNIT_SUITE(conn, takes_early_what_rings, keeps_the_rest_for_later,
    keeps_the_order, leaves_the_loop_to_others, does_so_in_frames,
    tells_who_is_late, tells_who_is_late_in_a_busy_loop,
    refuses_an_empty_frame)
