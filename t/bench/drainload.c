/*
 * drainload: the load for t/bench/drain. It opens idle signalling connections
 * and calls that are answered. On command it drains the switch and measures how
 * long until the call port refuses.
 *
 *	drainload -a CALL -b ANSWER -C CA-FILE -s CONTROL -i IDLE -c CALLS
 *
 * Subscribers are u0 ... (callers, token t0 ...) and d (token td, who can be
 * woken). Prints "ready" when all is up. A line on standard input starts the
 * drain, and a line "refused_us=N answered_us=N" follows. Ends with its input.
 */
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/tool.h"
#include "net/buffer.h"
#include "net/tls.h"
#include "wire/addr.h"
#include "wire/sigmsg.h"

#define PARALLEL 32		/* handshakes at once */

struct load;

struct peer {
	struct load *load;
	struct tls *tls;
	char user[SIGMSG_NUMBER], token[SIGMSG_TOKEN];
	int status;		/* of the last response; 0: none yet */
	bool up;
	char session[SIGMSG_SESSION];
};

struct load {
	struct event_base *loop;
	struct tls_config *config;
	struct addr call, answer;
	const char *control;
	size_t n_idle, n_calls, opened, up;
	struct peer *idle, *callers, callee;
};

static void
on_closed(int err, const char *why, void *arg)
{
	struct peer *p = arg;

	tool_fail(1, p->user, "connection lost: %d %s", err, why);
}

static void
write_msg(struct peer *p, const struct sigmsg *msg)
{
	char text[SIGMSG_HEAD_MAX];
	ssize_t n = sigmsg_write(msg, text, sizeof(text));

	if (n < 0 || tls_write(p->tls, text, (size_t)n) < 0)
		tool_fail(1, p->user, "cannot send");
}

static void
note_session(struct peer *p, const struct sigmsg *msg)
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
	struct peer *p = arg;
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
			write_msg(p, &ok);
		}
		buffer_drain(in, used);
	}
}

static void
on_ready(void *arg)
{
	struct peer *p = arg;

	p->up = true;
	p->load->up++;
}

static void
peer_open(struct load *load, struct peer *p, const struct addr *to)
{
	static const struct tls_handlers handlers = {
		.ready = on_ready, .data = on_data, .closed = on_closed
	};
	struct tls_options options = { .server_name = "127.0.0.1",
		.handshake_ms = 60000 };
	int fd = socket(to->sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	p->load = load;
	if (fd < 0 || connect(fd, &to->sa, addr_len(to)) < 0)
		tool_fail(1, "connect", "%s", strerror(errno));
	evutil_make_socket_nonblocking(fd);
	if (tls_new(&p->tls, load->loop, fd, load->config, &options, &handlers,
	    p) < 0)
		tool_fail(1, "tls", "out of memory");
	load->opened++;
}

static void
turn_loop(struct load *load)
{
	event_base_loop(load->loop, EVLOOP_ONCE);
}

/* Send a request and wait for its answer. */
static int
ask(struct peer *p, enum sigmsg_method method, const char *target,
    const char *body)
{
	struct sigmsg msg = { .method = method, .body = body,
		.body_len = body != NULL ? strlen(body) : 0 };

	snprintf(msg.target, sizeof(msg.target), "%s", target);
	strcpy(msg.user, p->user);
	strcpy(msg.token, p->token);
	p->status = 0;
	write_msg(p, &msg);
	while (p->status == 0)
		turn_loop(p->load);
	return p->status;
}

static void
must(struct peer *p, enum sigmsg_method method, const char *target,
    const char *body)
{
	int status = ask(p, method, target, body);

	if (status / 100 != 2)
		tool_fail(1, target, "%s: %d", sigmsg_method_name(method),
		    status);
}

static void
open_all(struct load *load, struct peer *peers, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		snprintf(peers[i].user, sizeof(peers[i].user), "u%zu",
		    i % load->n_calls);
		snprintf(peers[i].token, sizeof(peers[i].token), "t%zu",
		    i % load->n_calls);
		peer_open(load, &peers[i], &load->call);
		while (load->opened - load->up >= PARALLEL)
			turn_loop(load);
	}
	while (load->up < load->opened)
		turn_loop(load);
}

static void
start_calls(struct load *load)
{
	char target[SIGMSG_TARGET];
	size_t i;

	for (i = 0; i < load->n_calls; i++) {
		struct peer *caller = &load->callers[i];

		must(caller, SIGMSG_INITIATE, "/session/d", "offer");
		snprintf(target, sizeof(target), "/session/%s",
		    caller->session);
		must(&load->callee, SIGMSG_RING, target, "answer");
		must(&load->callee, SIGMSG_ANSWER, target, NULL);
	}
}

/* Ask for the drain, then connect again and again until that is refused. */
static void
drain(struct load *load)
{
	static const char request[] = "{\"v\":1,\"do\":\"drain\"}\n";
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int control = socket(AF_UNIX, SOCK_STREAM, 0), fd, refused = 0;
	uint64_t start_ns, refused_ns, answered_ns = 0;
	char answer[4096];

	snprintf(at.sun_path, sizeof(at.sun_path), "%s", load->control);
	if (connect(control, (struct sockaddr *)&at, sizeof(at)) < 0)
		tool_fail(1, load->control, "%s", strerror(errno));
	start_ns = clock_ns();
	if (write(control, request, strlen(request)) < 0)
		tool_fail(1, load->control, "%s", strerror(errno));
	while (!refused) {
		fd = socket(load->call.sa.sa_family, SOCK_STREAM, 0);
		refused = connect(fd, &load->call.sa,
		    addr_len(&load->call)) < 0 && errno == ECONNREFUSED;
		refused_ns = clock_ns();
		close(fd);
		if (answered_ns == 0 && recv(control, answer, sizeof(answer),
		    MSG_DONTWAIT) > 0)
			answered_ns = clock_ns();
		usleep(100);
	}
	if (answered_ns == 0 && read(control, answer, sizeof(answer)) > 0)
		answered_ns = clock_ns();
	printf("refused_us=%lu answered_us=%lu\n",
	    (unsigned long)((refused_ns - start_ns) / 1000),
	    (unsigned long)((answered_ns - start_ns) / 1000));
	fflush(stdout);
	close(control);
}

static void
parse(struct load *load, int argc, char *argv[])
{
	const char *ca = NULL;
	char why[WHY_TEXT];
	int c, bad = 0;

	while ((c = getopt(argc, argv, "a:b:C:s:i:c:")) != -1) {
		switch (c) {
		case 'a':
			bad |= addr_parse(&load->call, optarg, 0);
			break;
		case 'b':
			bad |= addr_parse(&load->answer, optarg, 0);
			break;
		case 'C':
			ca = optarg;
			break;
		case 's':
			load->control = optarg;
			break;
		case 'i':
			load->n_idle = strtoul(optarg, NULL, 10);
			break;
		case 'c':
			load->n_calls = strtoul(optarg, NULL, 10);
			break;
		default:
			exit(1);
		}
	}
	if (bad != 0 || ca == NULL || load->control == NULL ||
	    load->n_calls == 0)
		tool_fail(1, "usage", "see the top of drainload.c");
	if (tls_config_client(&load->config, ca, why) < 0)
		tool_fail(1, "tls", "%s", why);
}

int
main(int argc, char *argv[])
{
	struct load load = { 0 };
	struct rlimit files;
	char line[80];

	tool_name("drainload");
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	load.loop = event_base_new();
	parse(&load, argc, argv);
	load.idle = calloc(load.n_idle + 1, sizeof(*load.idle));
	load.callers = calloc(load.n_calls, sizeof(*load.callers));
	strcpy(load.callee.user, "d");
	strcpy(load.callee.token, "td");
	peer_open(&load, &load.callee, &load.answer);
	open_all(&load, load.idle, load.n_idle);
	for (size_t i = 0; i < load.n_idle; i++)
		must(&load.idle[i], SIGMSG_GET, "/keepalive", NULL);
	open_all(&load, load.callers, load.n_calls);
	must(&load.callee, SIGMSG_PUT, "/push",
	    "{\"type\":\"command\",\"to\":{}}");
	start_calls(&load);
	printf("ready\n");
	fflush(stdout);
	/* The switch sends nothing now; if it closes one, that is an error. */
	while (fgets(line, sizeof(line), stdin) != NULL) {
		event_base_loop(load.loop, EVLOOP_NONBLOCK);
		drain(&load);
		event_base_loop(load.loop, EVLOOP_NONBLOCK);
	}
	return 0;
}
