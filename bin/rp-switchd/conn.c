#include "conn.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/event.h>

#include "net/tls.h"

#define MESSAGE_MAX (SIGMSG_HEAD_MAX + SIGMSG_BODY_MAX)
#define OUT_MAX (16 * MESSAGE_MAX)

struct conn {
	struct tls *tls;
	struct event *timer;
	struct conn_options options;
	struct conn_handlers handlers;
	void *arg;
	struct sigmsg request;	/* its body points into text */
	char *text;		/* the bytes of the request at hand, or NULL */
	bool spoke;		/* a whole message has come */
	bool half;		/* part of one has, and the clock runs */
	bool continued;		/* "100 Continue" was sent for this one */
	bool finishing;
	bool broken;		/* to be closed from the loop */
};

static void
set_timer(struct conn *conn, uint32_t ms)
{
	struct timeval after = { ms / 1000, ms % 1000 * 1000 };

	evtimer_add(conn->timer, &after);
}

/* End it from the loop: the caller is in the middle of something. */
static void
break_off(struct conn *conn)
{
	conn->broken = true;
	event_active(conn->timer, EV_TIMEOUT, 0);
}

static int
write_msg(struct conn *conn, const struct sigmsg *msg)
{
	char text[MESSAGE_MAX + 1];
	ssize_t len = sigmsg_write(msg, text, sizeof(text));
	int err;

	if (conn->finishing || conn->broken)
		return -EPIPE;
	if (len < 0)
		return (int)len;
	err = tls_write(conn->tls, text, (size_t)len);
	if (err < 0)
		break_off(conn);
	return err;
}

void
conn_finish(struct conn *conn)
{
	if (conn->finishing)
		return;
	conn->finishing = true;
	event_del(conn->timer);
	tls_finish(conn->tls);
}

/* The peer broke the rules: say which, and close. */
static void
refuse(struct conn *conn, int status)
{
	struct sigmsg msg = { .status = status, .close = true };

	conn->handlers.refused(status, conn->arg);
	write_msg(conn, &msg);
	conn_finish(conn);
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

/* The rest of a message is to come: within auth_ms. */
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
		refuse(conn, 503);
		return;
	}
	memcpy(conn->text, data, used);
	conn->request = *msg;
	if (msg->body_len > 0)
		conn->request.body = conn->text + (msg->body - data);
}

/* Take one message; false: there is no whole one, or no more is wanted. */
static bool
take(struct conn *conn, struct evbuffer *in)
{
	size_t len = evbuffer_get_length(in), used = 0;
	struct sigmsg msg;
	const char *data;
	bool head_done;
	int err;

	if (conn->text != NULL || conn->finishing || conn->broken)
		return false;
	if (len > MESSAGE_MAX)
		len = MESSAGE_MAX;
	data = (const char *)evbuffer_pullup(in, (ssize_t)len);
	if (data == NULL)
		return false;
	err = sigmsg_parse(&msg, data, len, &used, &head_done);
	if (err == -EAGAIN) {
		await_rest(conn, &msg, head_done, len);
		return false;
	}
	if (err < 0) {
		refuse(conn, status_of(err));
		return false;
	}
	conn->spoke = true;
	conn->half = conn->continued = false;
	set_timer(conn, conn->options.idle_ms);
	if (msg.method == SIGMSG_RESPONSE) {
		conn->handlers.response(&msg, conn->arg);
		evbuffer_drain(in, used);
		return true;
	}
	hand_over(conn, &msg, data, used);
	evbuffer_drain(in, used);
	if (conn->text != NULL)
		conn->handlers.request(&conn->request, conn->arg);
	return true;
}

static void
on_data(struct evbuffer *in, void *arg)
{
	struct conn *conn = arg;

	while (take(conn, in))
		continue;
}

static void
on_ready(void *arg)
{
	(void)arg;		/* the clock for the first request runs */
}

static void
on_closed(int err, const char *why, void *arg)
{
	struct conn *conn = arg;

	/* Every race has losers: no matter how it ends, it is no error. */
	(void)err;
	(void)why;
	event_del(conn->timer);
	conn->handlers.closed(conn->arg);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct conn *conn = arg;

	(void)fd;
	(void)what;
	if (conn->broken)
		conn->handlers.closed(conn->arg);
	else if (conn->text != NULL)
		set_timer(conn, conn->options.idle_ms);	/* ours to answer */
	else if (conn->half || !conn->spoke)
		refuse(conn, 408);
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
	conn->timer = evtimer_new(loop, on_timer, conn);
	if (conn->timer == NULL) {
		close(fd);
		free(conn);
		return -ENOMEM;
	}
	err = tls_new(&conn->tls, loop, fd, options->tls, &tls_options,
	    &tls_handlers, conn);
	if (err < 0) {
		conn_free(conn);
		return err;
	}
	set_timer(conn, options->auth_ms);
	*out = conn;
	return 0;
}

void
conn_free(struct conn *conn)
{
	if (conn == NULL)
		return;
	tls_free(conn->tls);
	event_free(conn->timer);
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
	else
		tls_again(conn->tls);
}

int
conn_send(struct conn *conn, const struct sigmsg *msg)
{
	return write_msg(conn, msg);
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
