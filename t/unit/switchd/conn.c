/*
 * Signalling connections: what comes as early data, which may be a repetition,
 * is handed over before the handshake is done if it is INITIATE or RING, and
 * behind it if it is anything else. Nothing is lost by that.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <event2/buffer.h>
#include <event2/event.h>

#include "cert.h"
#include "net/tls.h"
#include "signal/conn.h"
#include "unit.h"

#define HEAD "HTTP/1.1\r\nHost: switch.test\r\n"
#define INITIATE "INITIATE /session/bob " HEAD "Content-Length: 5\r\n\r\noffer"
#define RING "RING /session/1 " HEAD "Content-Length: 0\r\n\r\n"
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
	void *session;
	size_t session_bytes;
};

static void
on_request(const struct sigmsg *msg, void *arg)
{
	static const struct sigmsg ok = { .status = 200 };
	struct world *w = arg;
	char letter[2] = { "IRGP?"[msg->method == SIGMSG_INITIATE ? 0 :
	    msg->method == SIGMSG_RING ? 1 : msg->method == SIGMSG_GET ? 2 :
	    msg->method == SIGMSG_PUT ? 3 : 4] };

	if (w->resumed == 0)
		letter[0] |= 0x20;
	strcat(w->order, letter);
	conn_reply(w->conn, &ok);
}

static void
on_response(const struct sigmsg *msg, void *arg)
{
	(void)msg;
	(void)arg;
	ck_abort();
}

static void
on_refused(int status, void *arg)
{
	(void)arg;
	ck_abort_msg("%d", status);
}

static void
on_closed(void *arg)
{
	(void)arg;
	ck_abort();
}

static void
client_data(struct evbuffer *in, void *arg)
{
	struct world *w = arg;
	struct evbuffer_ptr at;

	while ((at = evbuffer_search(in, "\r\n\r\n", 4, NULL)).pos >= 0) {
		evbuffer_drain(in, (size_t)at.pos + 4);
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
	(void)err;
	(void)arg;
	ck_abort_msg("%s", why);
}

/* Connect, say that early if there is a session, and get n answers. */
static void
talk(struct world *w, const char *text, unsigned n)
{
	static const struct conn_handlers server = {
		on_request, on_response, on_refused, on_closed
	};
	static const struct tls_handlers client = {
		.ready = client_ready, .data = client_data,
		.closed = client_closed
	};
	struct conn_options options = {
		.tls = w->server_config, .auth_ms = 10000, .idle_ms = 10000,
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
	while (w->answers < n)
		event_base_loop(w->loop, EVLOOP_ONCE);
	conn_free(w->conn);
	tls_free(w->client);
}

static void
begin(struct world *w)
{
	char cert_file[CERT_PATH], key_file[CERT_PATH], why[TLS_WHY];

	memset(w, 0, sizeof(*w));
	w->loop = event_base_new();
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
}
END_TEST

UNIT_SUITE(conn, takes_early_what_rings, keeps_the_rest_for_later,
    keeps_the_order)
