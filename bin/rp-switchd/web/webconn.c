/*
 * webconn: parse, answer, send in pieces, wait. See webconn.h.
 */
#include "web/webconn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "conf/settings.h"
#include "net/buffer.h"
#include "net/loop.h"
#include "web/webanswer.h"
#include "web/webbridge.h"
#include "web/webroot.h"
#include "web/webstream.h"
#include "wire/sigmsg.h"

#define MESSAGE_MAX (SIGMSG_HEAD_MAX + SIGMSG_BODY_MAX)
/* Of an answer so much waits in memory; the rest stays in the root's. */
#define PIECE 32768
#define OUT_MAX (2 * PIECE + WEBANSWER_HEAD)
/* Bytes of a WebSocket that its client has not read, before it is given up. */
#define BRIDGE_MAX (1024 * 1024)
#define TURN_MAX 16		/* requests in a turn of the loop */

struct webconn {
	struct lobby_member member;
	struct addr peer;
	uint64_t since_ms;
	const struct webconn_env *env;
	struct webstream *stream;
	struct webbridge *bridge;	/* NULL: it is no WebSocket */
	struct loop_event *timer;
	struct webroot *root;		/* of what is sent */
	const uint8_t *body;
	size_t left;			/* of it, to be queued */
	long requests;
	bool sending;
	bool half;			/* part of a request is there */
	bool close;			/* after this answer */
	bool finishing;
};

static void
end(struct webconn *conn)
{
	conn->env->ended(conn, TLS_FAILURE_NONE, "", conn->env->arg);
}

static void
finish(struct webconn *conn)
{
	conn->finishing = true;
	loop_event_stop(conn->timer);
	webstream_finish(conn->stream);
}

/* Queue what there is room for. Return false if the connection is gone. */
static bool
pump(struct webconn *conn)
{
	size_t len;

	while (conn->left > 0 && webstream_unsent(conn->stream) < PIECE) {
		len = conn->left < PIECE ? conn->left : PIECE;
		if (webstream_write(conn->stream, conn->body, len) < 0)
			return false;
		conn->body += len;
		conn->left -= len;
	}
	return true;
}

/* Go on once an answer is sent, or queued and short. */
static void
settle(struct webconn *conn)
{
	if (conn->left > 0 || webstream_unsent(conn->stream) >= PIECE)
		return;
	webroot_free(conn->root);
	conn->root = NULL;
	if (conn->close) {
		finish(conn);
		return;
	}
	if (webstream_unsent(conn->stream) > 0)
		return;			/* on_sent comes */
	conn->sending = false;
	loop_timer_set_ms(conn->timer, (uint64_t)conn->env->settings->web_idle_ms);
}

/* Send an answer. Return false if the connection is gone. */
static bool
send_answer(struct webconn *conn, const struct webanswer *answer)
{
	char head[WEBANSWER_HEAD];
	size_t len = webanswer_head(head, answer, conn->env->policy,
	    clock_wall_s());

	conn->sending = true;
	conn->close = answer->close;
	conn->body = answer->body;
	conn->left = answer->body != NULL ? answer->len : 0;
	conn->env->answered(answer->status, conn->left, conn->env->arg);
	loop_timer_set_ms(conn->timer, (uint64_t)conn->env->settings->web_send_ms);
	return webstream_write(conn->stream, head, len) == 0 && pump(conn);
}

static bool
answer_status(struct webconn *conn, int status)
{
	struct webanswer answer;

	webanswer_refuse(&answer, status);
	return send_answer(conn, &answer);
}

/* Answer with rp.json, which is short and queued as a whole. */
static bool
send_config(struct webconn *conn, const struct sigmsg *msg)
{
	char *text = conn->env->describe(msg->host,
	    conn->env->describe_arg);
	struct webfile file = {
		.path = WEBANSWER_CONFIG,
		.type = "application/json; charset=utf-8",
		.body = (uint8_t *)text
	};
	struct webanswer answer;
	bool ok;

	if (text == NULL)
		return answer_status(conn, 503);
	file.len = strlen(text);
	webroot_tag(file.tag, text, file.len);
	webanswer_find(&answer, msg, conn->env->root, &file);
	answer.close |= conn->requests >= conn->env->settings->web_requests;
	ok = send_answer(conn, &answer) && conn->left == 0;
	free(text);
	return ok;
}

static bool
serve(struct webconn *conn, const struct sigmsg *msg)
{
	struct webanswer answer;

	conn->requests++;
	conn->env->active(conn, conn->env->arg);
	if (webanswer_wants_config(msg))
		return send_config(conn, msg);
	webanswer_find(&answer, msg, conn->env->root, NULL);
	answer.close |= conn->requests >= conn->env->settings->web_requests;
	conn->root = webroot_hold(conn->env->root);
	return send_answer(conn, &answer);
}

static void
from_switch(struct buffer *in, void *arg)
{
	struct webconn *conn = arg;
	size_t len = buffer_len(in);
	const void *data = buffer_front(in, -1);

	conn->env->active(conn, conn->env->arg);
	if (data == NULL || webstream_write(conn->stream, data, len) < 0)
		end(conn);
	else
		buffer_drain(in, len);
}

static void
bridge_ended(void *arg)
{
	struct webconn *conn = arg;

	webbridge_free(conn->bridge);
	conn->bridge = NULL;
	finish(conn);
}

static bool
wants_bridge(const struct webconn *conn, const struct sigmsg *msg)
{
	return conn->env->bridge != NULL && msg->method == SIGMSG_GET &&
	    strcmp(msg->target, "/signal") == 0;
}

/* Carry all that comes to the switch. Return false if that fails. */
static bool
carry(struct webconn *conn, struct buffer *in)
{
	size_t len = buffer_len(in);
	const void *data = len > 0 ? buffer_front(in, -1) : NULL;

	if (len == 0)
		return true;
	if (data == NULL || webbridge_write(conn->bridge, data, len) < 0)
		return false;
	buffer_drain(in, len);
	return true;
}

static bool
open_bridge(struct webconn *conn, struct buffer *in)
{
	static const struct webbridge_handlers handlers = {
		from_switch, bridge_ended
	};

	if (webbridge_new(&conn->bridge, conn->env->loop, conn->env->bridge,
	    &handlers, conn) < 0)
		return answer_status(conn, 503);
	loop_event_stop(conn->timer);	/* the switch has its own */
	return carry(conn, in);
}

static int
status_of(int err)
{
	return err == -EMSGSIZE ? 431 : err == -EFBIG ? 413 :
	    err == -EOPNOTSUPP ? 501 : 400;
}

/*
 * Take one request. Return 1, 0 if there is none, or a negative errno if the
 * connection is gone.
 */
static int
take(struct webconn *conn, struct buffer *in)
{
	size_t len = buffer_len(in), used;
	struct sigmsg msg;
	const char *data;
	bool head_done;
	int err;

	if (len > MESSAGE_MAX)
		len = MESSAGE_MAX;
	data = len > 0 ? (const char *)buffer_front(in, (ssize_t)len) : NULL;
	conn->half = len > 0;
	if (data == NULL)
		return 0;
	err = sigmsg_parse(&msg, data, len, &used, &head_done);
	if (err == -EAGAIN)
		return 0;
	conn->half = false;
	if (err == 0 && msg.method == SIGMSG_RESPONSE)
		err = -EBADMSG;
	if (err < 0)
		return answer_status(conn, status_of(err)) ? 1 : -EPIPE;
	if (wants_bridge(conn, &msg))
		return open_bridge(conn, in) ? 1 : -EPIPE;
	if (!serve(conn, &msg))
		return -EPIPE;
	buffer_drain(in, used);
	return 1;
}

static void
on_data(struct buffer *in, void *arg)
{
	struct webconn *conn = arg;
	int left = TURN_MAX, took = 1;

	if (conn->bridge != NULL) {
		conn->env->active(conn, conn->env->arg);
		if (!carry(conn, in))
			end(conn);
		return;
	}
	while (left-- > 0 && took > 0 && !conn->sending && !conn->finishing &&
	    conn->bridge == NULL) {
		took = take(conn, in);
		if (took > 0 && conn->sending)
			settle(conn);
	}
	if (took < 0)
		end(conn);
	else if (took > 0 && !conn->sending && !conn->finishing &&
	    conn->bridge == NULL)
		webstream_again(conn->stream);
}

static void
on_sent(void *arg)
{
	struct webconn *conn = arg;

	if (!conn->sending || conn->finishing)
		return;
	conn->env->active(conn, conn->env->arg);
	if (!pump(conn)) {
		end(conn);
		return;
	}
	settle(conn);
	if (!conn->sending && !conn->finishing)
		webstream_again(conn->stream);
}

static void
on_ended(enum tls_failure failure, const char *why, void *arg)
{
	struct webconn *conn = arg;

	conn->env->ended(conn, failure, why, conn->env->arg);
}

static void
on_timer(void *arg)
{
	struct webconn *conn = arg;

	if (conn->sending)
		end(conn);
	else if (!conn->half)
		finish(conn);
	else if (answer_status(conn, 408))
		settle(conn);
	else
		end(conn);
}

int
webconn_new(struct webconn **out, const struct webconn_env *env, int fd,
    const struct addr *peer)
{
	static const struct webstream_handlers handlers = {
		on_data, on_sent, on_ended
	};
	struct webstream_options options = {
		.tls = env->tls,
		.lane = env->lane,
		/* It ends first, because it knows why. */
		.handshake_ms = (uint32_t)env->settings->web_idle_ms - 1,
		.in_max = MESSAGE_MAX,
		.out_max = env->bridge != NULL ? BRIDGE_MAX : OUT_MAX
	};
	struct webconn *conn = calloc(1, sizeof(*conn));
	int err;

	if (conn != NULL)
		conn->timer = loop_timer_new(env->loop, on_timer, conn);
	if (conn == NULL || conn->timer == NULL ||
	    loop_timer_set_ms(conn->timer,
	    (uint64_t)env->settings->web_idle_ms) < 0) {
		close(fd);
		webconn_free(conn);
		return -ENOMEM;
	}
	conn->env = env;
	conn->peer = *peer;
	conn->since_ms = clock_ms();
	err = webstream_new(&conn->stream, env->loop, fd, &options, &handlers,
	    conn);
	if (err < 0) {
		webconn_free(conn);
		return err;
	}
	*out = conn;
	return 0;
}

void
webconn_free(struct webconn *conn)
{
	if (conn == NULL)
		return;
	webbridge_free(conn->bridge);
	webstream_free(conn->stream);
	loop_event_free(conn->timer);
	webroot_free(conn->root);
	free(conn);
}

void
webconn_cut(struct webconn *conn)
{
	/* The client gets as much as the socket takes at once. */
	if (conn->half && !conn->sending && !conn->finishing)
		answer_status(conn, 503);
	webconn_free(conn);
}

const struct addr *
webconn_peer(const struct webconn *conn)
{
	return &conn->peer;
}

uint64_t
webconn_since_ms(const struct webconn *conn)
{
	return conn->since_ms;
}

struct lobby_member *
webconn_member(struct webconn *conn)
{
	return &conn->member;
}

struct webconn *
webconn_of(struct lobby_member *member)
{
	return LOBBY_ENTRY(member, struct webconn, member);
}
