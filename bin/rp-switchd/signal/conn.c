/*
 * conn: one signalling connection: TLS or frames in, messages out, one request
 * at a time. See conn.h.
 */
#include "signal/conn.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "net/buffer.h"
#include "net/certset.h"
#include "net/loop.h"
#include "net/tls.h"
#include "wire/websock.h"

#define MESSAGE_MAX (SIGMSG_HEAD_MAX + SIGMSG_BODY_MAX)
#define OUT_MAX (16 * MESSAGE_MAX)
#define FEED_MAX 256		/* bytes of frames taken at once */
/*
 * The number of messages, pieces of FEED_MAX and answered pings per turn of the
 * loop. A client that waits for its answers does not notice the limit. One that
 * does not takes 0.1 ms.
 */
#define TURN_MAX 16

/* A late request waits for the directory, which answers within seconds. */
#define AGAIN_MS 1000

/* A message that came in a frame and waits for its turn. */
struct framed {
	STAILQ_ENTRY(framed) next;
	size_t len;
	char text[];
};

struct conn {
	struct tls *tls;
	struct loop_event *timer;
	struct websock *websock;	/* NULL: a stream */
	STAILQ_HEAD(, framed) framed;
	unsigned pongs;		/* pongs sent for the frames being fed */
	struct conn_options options;
	struct conn_handlers handlers;
	void *arg;
	struct sigmsg request;	/* its body points into `text` */
	char *text;		/* the current request's bytes, or NULL */
	uint64_t due_ms;	/* when it ends without conn_trust */
	uint64_t wake_ms;	/* what the timer is set to */
	bool trusted;		/* the peer has authenticated */
	char host[256];		/* of the upgrade */
	bool ready;		/* the handshake is done */
	bool spoke;		/* a whole message has come */
	bool half;		/* part of one has; the timer runs */
	bool continued;		/* "100 Continue" was sent for this one */
	bool taking;		/* on_data is running */
	bool finishing;
	bool broken;		/* to be closed from the loop */
};

/* Has the peer not authenticated in time? */
static bool
is_late(const struct conn *conn)
{
	return !conn->trusted && clock_ms() >= conn->due_ms;
}

/* Nothing that a stranger does sets the timer beyond its end. */
static void
set_timer(struct conn *conn, uint32_t ms)
{
	uint64_t now_ms = clock_ms(), left_ms = ms;

	if (!conn->trusted && now_ms + ms > conn->due_ms)
		left_ms = is_late(conn) ? 0 : conn->due_ms - now_ms;
	conn->wake_ms = now_ms + left_ms;
	loop_timer_set_ms(conn->timer, left_ms);
}

/*
 * End the connection from the loop, because the caller is still working on it.
 */
static void
break_off(struct conn *conn)
{
	conn->broken = true;
	loop_timer_set_ms(conn->timer, 0);
}

static int
write_msg(struct conn *conn, const struct sigmsg *msg)
{
	char text[MESSAGE_MAX + 1];
	ssize_t len = sigmsg_write(msg, text, sizeof(text));
	int err;

	if (conn->finishing || conn->broken)
		return -EPIPE;
	if (len < 0) {
		log_failure("not_written", sigmsg_method_name(msg->method),
		    "status=%d bytes=%zu error=\"%s\"", msg->status,
		    msg->body_len, strerror((int)-len));
		return (int)len;
	}
	err = conn->websock != NULL ?
	    websock_send(conn->websock, text, (size_t)len) :
	    tls_write(conn->tls, text, (size_t)len);
	if (err < 0)
		break_off(conn);
	return err;
}

void
conn_finish(struct conn *conn)
{
	if (conn->finishing)
		return;
	if (conn->websock != NULL)
		websock_close(conn->websock, WEBSOCK_NORMAL);
	conn->finishing = true;
	loop_event_stop(conn->timer);
	tls_finish(conn->tls);
}

/* Answer a protocol violation with `status`, and close. */
static void
refuse_conn(struct conn *conn, int status, const char *why)
{
	struct sigmsg msg = { .status = status, .close = true };

	conn->handlers.refused(status, why, conn->arg);
	write_msg(conn, &msg);
	if (conn->websock != NULL)
		websock_close(conn->websock, WEBSOCK_POLICY);
	conn_finish(conn);
}

static void
refuse_late(struct conn *conn)
{
	refuse_conn(conn, 408, conn->half ? "half a message" :
	    conn->spoke ? "no credential" : "no message");
}

static int
status_of(int err)
{
	switch (err) {
	case -EMSGSIZE:
		return 431;
	case -EFBIG:
		return 413;
	case -EOPNOTSUPP:
		return 501;
	default:
		return 400;
	}
}

/* Wait for the rest of a message, for at most auth_ms. */
static void
await_rest(struct conn *conn, const struct sigmsg *msg, bool head_done,
    size_t len)
{
	static const struct sigmsg go_on = { .status = 100 };

	if (len > 0 && conn->spoke && !conn->half) {
		conn->half = true;
		set_timer(conn, conn->options.auth_ms);
	}
	if (head_done && msg->expects_continue && !conn->continued) {
		conn->continued = true;
		write_msg(conn, &go_on);
	}
}

static void
hand_over(struct conn *conn, const struct sigmsg *msg, const char *data,
    size_t used)
{
	conn->text = malloc(used);
	if (conn->text == NULL) {
		refuse_conn(conn, 503, "out of memory");
		return;
	}
	memcpy(conn->text, data, used);
	conn->request = *msg;
	if (msg->body_len > 0)
		conn->request.body = conn->text + (msg->body - data);
}

/* May a message be taken now? */
static bool
is_free(const struct conn *conn)
{
	return conn->text == NULL && !conn->finishing && !conn->broken;
}

/* Serve a whole message, whose bytes are `data`. */
static void
serve_message(struct conn *conn, const struct sigmsg *msg, const char *data,
    size_t used)
{
	conn->spoke = true;
	conn->half = conn->continued = false;
	set_timer(conn, conn->options.idle_ms);
	if (msg->method == SIGMSG_RESPONSE) {
		conn->handlers.response(msg, conn->arg);
		return;
	}
	hand_over(conn, msg, data, used);
	if (conn->text != NULL)
		conn->handlers.request(&conn->request, conn->arg);
}

/*
 * May the message be taken from early data? Until the handshake is done, it may
 * be a replay. INITIATE and RING are taken; all else waits.
 */
static bool
may_be_early(const struct sigmsg *msg)
{
	return msg->method == SIGMSG_INITIATE || msg->method == SIGMSG_RING;
}

/* Take one message off the stream. Return false if there is none at present. */
static bool
take_bytes(struct conn *conn, struct buffer *in)
{
	size_t len = buffer_len(in), used = 0;
	struct sigmsg msg;
	const char *data;
	bool head_done;
	int err;

	if (len > MESSAGE_MAX)
		len = MESSAGE_MAX;
	data = (const char *)buffer_front(in, (ssize_t)len);
	if (data == NULL)
		return false;
	err = sigmsg_parse(&msg, data, len, &used, &head_done);
	if (err == -EAGAIN)
		await_rest(conn, &msg, head_done, len);
	else if (err < 0)
		refuse_conn(conn, status_of(err), "invalid message");
	if (err < 0 || (!conn->ready && !may_be_early(&msg)))
		return false;
	serve_message(conn, &msg, data, used);
	buffer_drain(in, used);
	return true;
}

/* Take the next framed message. A frame holds one message and nothing else. */
static void
take_framed(struct conn *conn)
{
	struct framed *framed = STAILQ_FIRST(&conn->framed);
	struct sigmsg msg;
	bool head_done;
	size_t used;
	int err;

	STAILQ_REMOVE_HEAD(&conn->framed, next);
	err = sigmsg_parse(&msg, framed->text, framed->len, &used,
	    &head_done);
	if (err == 0 && used == framed->len)
		serve_message(conn, &msg, framed->text, used);
	else
		refuse_conn(conn, status_of(err), "invalid message in a frame");
	free(framed);
}

static void
on_framed(const char *text, size_t len, void *arg)
{
	struct conn *conn = arg;
	struct framed *framed = malloc(sizeof(*framed) + len);

	if (framed == NULL) {
		break_off(conn);
		return;
	}
	framed->len = len;
	if (len > 0)
		memcpy(framed->text, text, len);
	STAILQ_INSERT_TAIL(&conn->framed, framed, next);
}

static int
on_frame_out(const void *data, size_t len, void *arg)
{
	struct conn *conn = arg;

	conn->pongs++;
	return tls_write(conn->tls, data, len);
}

/*
 * Feed a few bytes of frames, and return their cost; 0 if there are none, or no
 * more are wanted.
 */
static unsigned
feed(struct conn *conn, struct buffer *in)
{
	size_t len = buffer_len(in);
	const void *data;
	int err;

	if (len == 0)
		return 0;
	if (len > FEED_MAX)
		len = FEED_MAX;
	data = buffer_front(in, (ssize_t)len);
	if (data == NULL)
		return 0;
	conn->pongs = 0;
	err = websock_feed(conn->websock, data, len);
	buffer_drain(in, len);
	if (err < 0) {
		if (websock_refusal(conn->websock) != 0)
			conn->handlers.refused(0, "invalid frame", conn->arg);
		conn_finish(conn);
	}
	return err == 0 ? 1 + conn->pongs : 0;
}

/*
 * Take one message, or some bytes of one, and return the cost; 0 if that was
 * all.
 */
static unsigned
advance(struct conn *conn, struct buffer *in)
{
	if (conn->websock == NULL)
		return take_bytes(conn, in);
	if (STAILQ_EMPTY(&conn->framed))
		return feed(conn, in);
	take_framed(conn);
	return 1;
}

static void
on_data(struct buffer *in, void *arg)
{
	struct conn *conn = arg;
	unsigned left = TURN_MAX, cost = 1;

	conn->taking = true;
	while (left > 0 && cost > 0 && is_free(conn)) {
		cost = advance(conn, in);
		left -= cost < left ? cost : left;
	}
	conn->taking = false;
	if (left == 0 && is_free(conn))
		tls_again(conn->tls);
}

static void
on_ready(void *arg)
{
	struct conn *conn = arg;

	/*
	 * The timer for the first request runs on; early data is handled next.
	 */
	conn->ready = true;
	*conn->options.resumed += tls_resumed(conn->tls);
	*conn->options.early += tls_early(conn->tls);
}

static void
on_closed(int err, const char *why, void *arg)
{
	struct conn *conn = arg;

	/* A race has losers, so no end of a connection is an error. */
	(void)err;
	loop_event_stop(conn->timer);
	conn->handlers.no_tls(tls_failure(conn->tls), why, conn->arg);
	conn->handlers.closed(conn->arg);
}

static void
on_timer(void *arg)
{
	struct conn *conn = arg;
	uint64_t now_ms = clock_ms();

	if (conn->broken)
		conn->handlers.closed(conn->arg);
	else if (now_ms < conn->wake_ms)	/* a busy loop's time is old */
		loop_timer_set_ms(conn->timer, conn->wake_ms - now_ms);
	else if (!conn->ready && !conn->half)
		loop_timer_set_ms(conn->timer, AGAIN_MS);	/* TLS ends it */
	else if (conn->text != NULL)
		loop_timer_set_ms(conn->timer, AGAIN_MS);	/* for us */
	else if (conn->half || !conn->spoke || is_late(conn))
		refuse_late(conn);
	else
		conn_finish(conn);
}

int
conn_new(struct conn **out, struct event_base *loop, int fd,
    const struct conn_options *options, const struct conn_handlers *handlers,
    void *arg)
{
	static const struct tls_handlers tls_handlers = {
		.ready = on_ready, .data = on_data, .closed = on_closed
	};
	struct tls_options tls_options = {
		.handshake_ms = options->auth_ms,
		.lane = options->lane,
		.in_max = 2 * MESSAGE_MAX,
		.out_max = OUT_MAX
	};
	struct conn *conn = calloc(1, sizeof(*conn));
	int err;

	if (conn == NULL) {
		close(fd);
		return -ENOMEM;
	}
	conn->options = *options;
	conn->handlers = *handlers;
	conn->arg = arg;
	STAILQ_INIT(&conn->framed);
	conn->timer = loop_timer_new(loop, on_timer, conn);
	if (conn->timer == NULL) {
		close(fd);
		conn_free(conn);
		return -ENOMEM;
	}
	err = tls_new(&conn->tls, loop, fd, options->tls, &tls_options,
	    &tls_handlers, conn);
	if (err < 0) {
		conn_free(conn);
		return err;
	}
	conn->due_ms = clock_ms() + options->auth_ms;
	set_timer(conn, options->auth_ms);
	*out = conn;
	return 0;
}

void
conn_free(struct conn *conn)
{
	struct framed *framed;

	if (conn == NULL)
		return;
	tls_free(conn->tls);
	websock_free(conn->websock);
	loop_event_free(conn->timer);
	while ((framed = STAILQ_FIRST(&conn->framed)) != NULL) {
		STAILQ_REMOVE_HEAD(&conn->framed, next);
		free(framed);
	}
	free(conn->text);
	free(conn);
}

void
conn_reply(struct conn *conn, const struct sigmsg *msg)
{
	struct sigmsg reply = *msg;

	if (conn->text == NULL)
		return;
	reply.close |= conn->request.close;
	free(conn->text);
	conn->text = NULL;
	if (write_msg(conn, &reply) < 0)
		break_off(conn);
	else if (reply.close)
		conn_finish(conn);
	else if (is_late(conn))
		refuse_late(conn);
	else if (!conn->taking)
		tls_again(conn->tls);
}

void
conn_upgrade(struct conn *conn, const struct sigmsg *msg)
{
	static const struct websock_handlers handlers = {
		on_framed, on_frame_out
	};

	if (conn->text == NULL)
		return;
	if (is_late(conn)) {
		refuse_late(conn);
		return;
	}
	conn->request.close = false;
	strcpy(conn->host, conn->request.host);
	conn_reply(conn, msg);
	if (conn->broken)
		return;
	if (websock_new(&conn->websock, MESSAGE_MAX, &handlers, conn) < 0) {
		break_off(conn);
		return;
	}
	/* A page authenticates by a message in a frame. */
	conn->spoke = false;
	set_timer(conn, conn->options.auth_ms);
}

void
conn_trust(struct conn *conn)
{
	if (conn->trusted)
		return;
	conn->trusted = true;
	if (!conn->broken && !conn->finishing)
		set_timer(conn, conn->options.idle_ms);
}

bool
conn_is_ready(const struct conn *conn)
{
	return conn->ready;
}

bool
conn_is_upgraded(const struct conn *conn)
{
	return conn->websock != NULL;
}

int
conn_send(struct conn *conn, const struct sigmsg *msg)
{
	return write_msg(conn, msg);
}

int
conn_exporter(const struct conn *conn, bool early, uint8_t out[static 32])
{
	return tls_exporter(conn->tls, early, out);
}

const char *
conn_host(const struct conn *conn)
{
	return conn->host;
}

bool
conn_is_named(const struct conn *conn, const char *name, const char *own)
{
	return strcasecmp(name, own) == 0 || certset_is_for(
	    tls_config_set(conn->options.tls), name);
}

int
conn_local_addr(const struct conn *conn, struct addr *out)
{
	struct addr local = { 0 };
	socklen_t len = sizeof(local);

	if (getsockname(tls_fd(conn->tls), &local.sa, &len) < 0)
		return -errno;
	addr_unmap(&local);
	*out = local;
	return 0;
}
