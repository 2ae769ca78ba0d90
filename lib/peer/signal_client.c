#include "peer/signal_client.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <event2/buffer.h>
#include <event2/event.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "net/netwatch.h"
#include "net/tls.h"
#include "net/tlsrace.h"

/*
 * The winner of the race has shown life by its ServerHello; then come the rest
 * of TLS and the first answer, for which a working switch needs one round trip
 * each and nothing but its directory.
 */
#define STEP_LEAST_MS 1500
#define STEP_CONNECTS 4

/* A later request unanswered for so long: the connection is dead. */
#define ANSWER_MS 10000
#define MOVED_MS 2000		/* the same, after the network changed */
#define USER_TIMEOUT_MS 10000

#define OUT_MAX 32		/* requests sent and not answered */
#define TEXT_MAX (SIGMSG_HEAD_MAX + SIGMSG_BODY_MAX)

enum phase {
	RACING,
	HANDSHAKE,		/* the ServerHello is there */
	ASKED,			/* first is sent */
	OPEN,
	CLOSED
};

struct out {
	signal_client_answer *answer;	/* NULL: a ping */
	void *arg;
};

struct signal_client {
	struct event_base *loop;
	char *server_name, *number, *token;
	uint32_t keepalive_ms;
	struct signal_client_handlers handlers;
	void *arg;

	enum phase phase;
	struct tlsrace *race;
	size_t entry;			/* of the race, connected */
	uint32_t connect_ms;
	struct tls *tls;
	struct addr addr;
	char *first;
	size_t first_len;
	struct out out[OUT_MAX];	/* a ring of requests to be answered */
	size_t out_head, out_n;
	struct event *deadline;		/* of the phase, or of the oldest out */
	struct event *keepalive;
	struct signal_client_times times;

	bool *freed;			/* set by free during a callback */
};

static int
write_request(struct signal_client *c, const struct sigmsg *msg, char *text,
    size_t *len)
{
	struct sigmsg full = *msg;
	ssize_t n;

	if (c->number != NULL) {
		strncpy(full.user, c->number, sizeof(full.user) - 1);
		strncpy(full.token, c->token, sizeof(full.token) - 1);
	}
	strncpy(full.host, c->server_name, sizeof(full.host) - 1);
	n = sigmsg_write(&full, text, TEXT_MAX);
	crypto_wipe(full.token, sizeof(full.token));
	if (n < 0)
		return (int)n;
	*len = (size_t)n;
	return 0;
}

static void
set_deadline(struct signal_client *c, uint32_t ms)
{
	struct timeval wait = { ms / 1000, ms % 1000 * 1000 };

	evtimer_add(c->deadline, &wait);
}

/* A step of the set-up: its own patience, within what is left of it all. */
static void
set_step_deadline(struct signal_client *c, uint32_t least_ms,
    uint32_t connects)
{
	uint32_t ms = connects * c->connect_ms;
	uint32_t left = tlsrace_left_ms(c->race);

	if (ms < least_ms)
		ms = least_ms;
	set_deadline(c, ms < left ? ms : left);
}

static void
drop_connection(struct signal_client *c)
{
	evtimer_del(c->deadline);
	evtimer_del(c->keepalive);
	tls_free(c->tls);
	c->tls = NULL;
	c->out_n = 0;
}

static void
close_for(struct signal_client *c, int err, const char *why)
{
	drop_connection(c);
	c->phase = CLOSED;
	c->handlers.closed(err, why, c->arg);
}

/* The connection failed: strike its switch and race on, or report the end. */
static void
fail(struct signal_client *c, int err, const char *why)
{
	char copy[TLS_WHY];

	strncpy(copy, why, sizeof(copy) - 1);
	copy[sizeof(copy) - 1] = '\0';
	if (c->phase >= OPEN) {
		close_for(c, err != 0 ? err : -ECONNRESET, copy);
		return;
	}
	drop_connection(c);
	c->phase = RACING;
	tlsrace_strike(c->race, c->entry, err != 0 ? err : -ECONNRESET,
	    err == -EACCES ? "certificate not trusted" :
	    err == -EBUSY ? "full or draining" :
	    err == -ETIMEDOUT ? "does not answer" : "failed after connect",
	    copy);
}

static void
on_deadline(evutil_socket_t fd, short what, void *arg)
{
	struct signal_client *c = arg;

	(void)fd;
	(void)what;
	fail(c, -ETIMEDOUT, c->phase == HANDSHAKE ?
	    "TLS was not finished in time" : "no answer in time");
}

static void
ask_first(struct signal_client *c)
{
	int err;

	c->times.tls = clock_ns();
	c->phase = ASKED;
	set_step_deadline(c, STEP_LEAST_MS, STEP_CONNECTS);
	err = tls_write(c->tls, c->first, c->first_len);
	if (err < 0)
		fail(c, err, strerror(-err));
}

static void
on_ready(void *arg)
{
	ask_first(arg);
}

static void
on_closed(int err, const char *why, void *arg)
{
	fail(arg, err, err == 0 ? "the switch closed the connection" : why);
}

static void
answer_request(struct signal_client *c, int status)
{
	struct sigmsg response = {
		.method = SIGMSG_RESPONSE,
		.status = status
	};
	char text[256];
	ssize_t n = sigmsg_write(&response, text, sizeof(text));

	/* A full buffer means a dead peer; the keepalive will say so. */
	if (n > 0)
		(void)tls_write(c->tls, text, (size_t)n);
}

static void
take_request(struct signal_client *c, const struct sigmsg *msg)
{
	if (msg->method == SIGMSG_GET) {
		answer_request(c, strcmp(msg->target, "/keepalive") == 0 ?
		    200 : 404);
		return;
	}
	if (msg->method == SIGMSG_OTHER || msg->method > SIGMSG_RESUME) {
		answer_request(c, 405);
		return;
	}
	answer_request(c, 200);
	c->handlers.request(msg, c->arg);
}

static void
schedule_keepalive(struct signal_client *c)
{
	struct timeval wait = {
		c->keepalive_ms / 1000, c->keepalive_ms % 1000 * 1000
	};

	if (c->keepalive_ms != 0)
		evtimer_add(c->keepalive, &wait);
}

static void
take_response(struct signal_client *c, const struct sigmsg *msg)
{
	struct out out;

	if (msg->status < 200)
		return;
	if (c->out_n == 0) {
		fail(c, -EPROTO, "the switch answered what was not asked");
		return;
	}
	if (c->phase == ASKED && msg->status == 503) {
		fail(c, -EBUSY, "the switch is full or draining (503)");
		return;
	}
	out = c->out[c->out_head];
	c->out_head = (c->out_head + 1) % OUT_MAX;
	c->out_n--;
	if (c->phase == ASKED) {
		c->phase = OPEN;
		c->times.answered = clock_ns();
		schedule_keepalive(c);
	}
	evtimer_del(c->deadline);
	if (c->out_n > 0)
		set_deadline(c, ANSWER_MS);
	if (out.answer != NULL)
		out.answer(msg, out.arg);
}

/* One message from the front of in. False: no whole one, or it is all over. */
static bool
take_message(struct signal_client *c, struct evbuffer *in)
{
	struct sigmsg msg;
	size_t len = evbuffer_get_length(in), used;
	bool head_done, freed = false;
	struct evbuffer *whole;
	int err;

	if (len > TEXT_MAX)
		len = TEXT_MAX;
	if (len == 0)
		return false;
	err = sigmsg_parse(&msg, (const char *)evbuffer_pullup(in,
	    (ev_ssize_t)len), len, &used, &head_done);
	if (err == -EAGAIN && len < TEXT_MAX)
		return false;
	if (err < 0) {
		fail(c, -EPROTO, "the switch sent what is no message");
		return false;
	}
	/* msg points into the bytes: they must outlive a handler that frees. */
	whole = evbuffer_new();
	if (whole == NULL) {
		fail(c, -ENOMEM, "out of memory");
		return false;
	}
	evbuffer_remove_buffer(in, whole, used);
	(void)sigmsg_parse(&msg, (const char *)evbuffer_pullup(whole, -1), used,
	    &used, &head_done);
	c->freed = &freed;
	if (msg.method == SIGMSG_RESPONSE)
		take_response(c, &msg);
	else
		take_request(c, &msg);
	evbuffer_free(whole);
	if (freed)
		return false;
	c->freed = NULL;
	return c->tls != NULL;
}

static void
on_data(struct evbuffer *in, void *arg)
{
	while (take_message(arg, in))
		;
}

static void
on_race(int err, const char *why, struct tls *stream, size_t entry, void *arg)
{
	static const struct tls_handlers handlers = {
		.ready = on_ready,
		.data = on_data,
		.closed = on_closed
	};
	static const unsigned user_timeout_ms = USER_TIMEOUT_MS;
	struct signal_client *c = arg;
	const struct multiconnect_entry *won;
	size_t n;

	if (err < 0) {
		close_for(c, err, why);
		return;
	}
	won = &tlsrace_entries(c->race, &n)[entry];
	c->entry = entry;
	c->addr = won->addr;
	c->connect_ms = (uint32_t)won->connect_ms + 1;
	c->times.connected = tlsrace_connected_ns(c->race);
	(void)setsockopt(tls_fd(stream), IPPROTO_TCP, TCP_USER_TIMEOUT,
	    &user_timeout_ms, sizeof(user_timeout_ms));
	c->phase = HANDSHAKE;
	c->out_n = 1;
	c->tls = stream;
	tls_hand_over(stream, &handlers, c);
	set_step_deadline(c, STEP_LEAST_MS, STEP_CONNECTS);
}

static void
ping(struct signal_client *c)
{
	struct sigmsg msg = { .method = SIGMSG_GET };

	strcpy(msg.target, "/keepalive");
	/* With too many out already, their deadline does what a ping would. */
	(void)signal_client_request(c, &msg, NULL, NULL);
}

static void
on_keepalive(evutil_socket_t fd, short what, void *arg)
{
	struct signal_client *c = arg;

	(void)fd;
	(void)what;
	schedule_keepalive(c);
	ping(c);
}

bool
signal_client_moved(struct signal_client *c)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);
	struct addr own;
	bool gone;

	if (c->phase != OPEN)
		return false;
	gone = getsockname(tls_fd(c->tls), (struct sockaddr *)&sa, &len) == 0 &&
	    addr_from_sockaddr(&own, (struct sockaddr *)&sa, len) == 0 &&
	    !netwatch_has(&own);
	ping(c);
	set_deadline(c, gone ? 0 : MOVED_MS);
	return !gone;
}

int
signal_client_request(struct signal_client *c, const struct sigmsg *msg,
    signal_client_answer *answer, void *arg)
{
	char text[TEXT_MAX];
	size_t len;
	int err;

	if (c->phase != OPEN)
		return -ENOTCONN;
	if (c->out_n == OUT_MAX)
		return -ENOBUFS;
	err = write_request(c, msg, text, &len);
	if (err == 0)
		err = tls_write(c->tls, text, len);
	if (err < 0)
		return err;
	c->out[(c->out_head + c->out_n) % OUT_MAX] =
	    (struct out){ answer, arg };
	if (c->out_n++ == 0)
		set_deadline(c, ANSWER_MS);
	return 0;
}

static int
copy_options(struct signal_client *c,
    const struct signal_client_options *options)
{
	c->keepalive_ms = options->keepalive_ms;
	c->server_name = strdup(options->server_name);
	if (c->server_name == NULL)
		return -ENOMEM;
	if (options->number == NULL)
		return 0;
	c->number = strdup(options->number);
	c->token = strdup(options->token);
	return c->number != NULL && c->token != NULL ? 0 : -ENOMEM;
}

static int
keep_first(struct signal_client *c, const struct sigmsg *first,
    signal_client_answer *answer)
{
	int err;

	c->first = malloc(TEXT_MAX);
	if (c->first == NULL)
		return -ENOMEM;
	err = write_request(c, first, c->first, &c->first_len);
	c->out[0] = (struct out){ answer, c->arg };
	return err;
}

int
signal_client_new(struct signal_client **out, struct event_base *loop,
    const struct addr addrs[], size_t n,
    const struct signal_client_options *options,
    const struct signal_client_handlers *handlers, void *arg,
    const struct sigmsg *first, signal_client_answer *answer)
{
	struct tlsrace_options race = {
		.config = options->tls,
		.stream = { .in_max = TEXT_MAX, .out_max = 4 * TEXT_MAX },
		.deadline_ms = options->deadline_ms,
		.by = options->race,
		.smelt = options->smelt
	};
	struct signal_client *c = calloc(1, sizeof(*c));
	int err = -ENOMEM;

	if (c == NULL)
		return -ENOMEM;
	c->loop = loop;
	c->handlers = *handlers;
	c->arg = arg;
	c->times.start = clock_ns();
	c->deadline = evtimer_new(loop, on_deadline, c);
	c->keepalive = evtimer_new(loop, on_keepalive, c);
	if (c->deadline != NULL && c->keepalive != NULL)
		err = copy_options(c, options);
	if (err == 0)
		err = keep_first(c, first, answer);
	race.stream.server_name = c->server_name;
	if (err == 0)
		err = tlsrace_start(&c->race, loop, addrs, n, &race, on_race,
		    c);
	if (err < 0) {
		signal_client_free(c);
		return err;
	}
	*out = c;
	return 0;
}

const struct multiconnect_entry *
signal_client_race(const struct signal_client *c, size_t *n)
{
	return tlsrace_entries(c->race, n);
}

const struct signal_client_times *
signal_client_times(const struct signal_client *c)
{
	return &c->times;
}

bool
signal_client_smells(const struct signal_client *c)
{
	return tlsrace_smells(c->race);
}

const struct addr *
signal_client_addr(const struct signal_client *c)
{
	return c->times.answered != 0 ? &c->addr : NULL;
}

void
signal_client_free(struct signal_client *c)
{
	if (c == NULL)
		return;
	if (c->freed != NULL)
		*c->freed = true;
	tls_free(c->tls);
	tlsrace_free(c->race);
	if (c->deadline != NULL)
		event_free(c->deadline);
	if (c->keepalive != NULL)
		event_free(c->keepalive);
	if (c->first != NULL)
		crypto_wipe(c->first, TEXT_MAX);
	free(c->first);
	if (c->token != NULL)
		crypto_wipe(c->token, strlen(c->token));
	free(c->token);
	free(c->number);
	free(c->server_name);
	free(c);
}
