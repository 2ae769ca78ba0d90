/* sigpeer: see its header. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <event2/event.h>

#include "base/tool.h"
#include "net/buffer.h"
#include "net/tls.h"
#include "sigpeer.h"

static void
on_closed(int err, const char *why, void *arg)
{
	struct sigpeer *p = arg;

	tool_fail(1, p->user, "connection lost: %d %s", err, why);
}

static void
write_msg(struct sigpeer *p, const struct sigmsg *msg)
{
	char text[SIGMSG_HEAD_MAX];
	ssize_t n = sigmsg_write(msg, text, sizeof(text));

	if (n < 0 || tls_write(p->tls, text, (size_t)n) < 0)
		tool_fail(1, p->user, "cannot send");
}

static void
note_session(struct sigpeer *p, const struct sigmsg *msg)
{
	static const char key[] = "\"sessionId\":\"";
	const char *at = memmem(msg->body, msg->body_len, key, strlen(key));

	if (at == NULL)
		return;
	at += strlen(key);
	memcpy(p->session, at, SIGMSG_SESSION - 1);
}

static void
on_data(struct buffer *in, void *arg)
{
	struct sigpeer *p = arg;
	struct sigmsg msg, ok = { .status = 200 };
	size_t used;
	bool head;

	for (;;) {
		size_t len = buffer_len(in);
		const char *data = (const char *)buffer_front(in, -1);

		if (len == 0 || sigmsg_parse(&msg, data, len, &used, &head) < 0)
			return;
		if (msg.method == SIGMSG_RESPONSE) {
			p->status = msg.status;
			note_session(p, &msg);
		} else {
			p->requests++;
			write_msg(p, &ok);
		}
		buffer_drain(in, used);
	}
}

static void
on_ready(void *arg)
{
	struct sigpeer *p = arg;

	p->up = true;
}

void
sigpeer_open(struct sigpeer *p, struct event_base *loop,
    struct tls_config *config, const struct addr *to)
{
	static const struct tls_handlers handlers = {
		.ready = on_ready, .data = on_data, .closed = on_closed
	};
	struct tls_options options = { .server_name = "127.0.0.1",
		.handshake_ms = 60000 };
	int fd = socket(to->sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	p->loop = loop;
	p->up = false;
	if (fd < 0 || connect(fd, &to->sa, addr_len(to)) < 0)
		tool_fail(1, "connect", "%s", strerror(errno));
	evutil_make_socket_nonblocking(fd);
	if (tls_new(&p->tls, loop, fd, config, &options, &handlers,
	    p) < 0)
		tool_fail(1, "tls", "out of memory");
}

void
sigpeer_close(struct sigpeer *p)
{
	tls_free(p->tls);
	p->tls = NULL;
}

void
sigpeer_turn(const struct sigpeer *p)
{
	event_base_loop(p->loop, EVLOOP_ONCE);
}

int
sigpeer_ask(struct sigpeer *p, enum sigmsg_method method,
    const char *target, const char *body)
{
	struct sigmsg msg = { .method = method, .body = body,
		.body_len = body != NULL ? strlen(body) : 0 };

	snprintf(msg.target, sizeof(msg.target), "%s", target);
	strcpy(msg.user, p->user);
	strcpy(msg.token, p->token);
	p->status = 0;
	write_msg(p, &msg);
	while (p->status == 0)
		sigpeer_turn(p);
	return p->status;
}

void
sigpeer_must(struct sigpeer *p, enum sigmsg_method method,
    const char *target, const char *body)
{
	int status = sigpeer_ask(p, method, target, body);

	if (status / 100 != 2)
		tool_fail(1, target, "%s: %d", sigmsg_method_name(method),
		    status);
}
