/*
 * control: serve the control socket: requests of rp-drain, and events for
 * subscribers. See control.h and rp-ctl(7).
 */
#include "config.h"
#include "ops/control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/build.h"
#include "base/clock.h"
#include "base/log.h"
#include "net/lines.h"
#include "ops/control_socket.h"
#include "ops/drain.h"
#include "ops/gate.h"
#include "ops/metrics.h"
#include "net/listener.h"
#include "net/loop.h"
#include "wire/why.h"

#define CLIENTS_MAX 32
#define TURN_MAX 1		/* an answer may list all calls */
#define OUT_MAX (CTLMSG_ANSWER_MAX + 65536)	/* one answer and some events */
#define LOOK_MS 1000		/* whether the socket's file is still there */
#define CALLS_EVENT_MS 10	/* changes within this time make one event */

enum refusal { BAD_MESSAGE, BAD_VERSION, BAD_COMMAND, TOO_LONG, N_REFUSALS };

static const char *const refusals[N_REFUSALS] = {
	CTLMSG_MALFORMED, "version", "command", "too-long"
};

struct client {
	struct control *control;
	struct client *next;
	struct lines *lines;
	int fd;
	bool subscribed;
	bool broken;		/* to be freed from the loop */
};

struct control {
	struct event_base *loop;
	struct control_options options;
	struct control_socket socket;
	struct listener *listener;
	struct loop_event *calls_timer;
	struct loop_event *sweep;
	struct loop_event *look;
	struct client *clients;
	size_t n_clients;
	uint64_t started_ms;
	bool lost;			/* the file; logged */
	uint64_t *requests, *refused[N_REFUSALS], *turned_away;
};

static void
client_free(struct client *client)
{
	struct client **at = &client->control->clients;

	while (*at != client)
		at = &(*at)->next;
	*at = client->next;
	client->control->n_clients--;
	lines_free(client->lines);
	close(client->fd);
	free(client);
}

/* Free clients that are gone, or that read too slowly. */
static void
on_sweep(void *arg)
{
	struct control *c = arg;
	struct client *client = c->clients, *next;

	for (; client != NULL; client = next) {
		next = client->next;
		if (client->broken)
			client_free(client);
	}
}

static void
client_break(struct client *client)
{
	client->broken = true;
	client->subscribed = false;
	loop_event_soon(client->control->sweep);
}

static void
send_answer(struct client *client, const struct ctlmsg_answer *answer)
{
	char *line;

	if (client->broken)
		return;
	line = ctlmsg_answer_line(answer);
	if (line == NULL ||
	    lines_write(client->lines, line, strlen(line)) < 0)
		client_break(client);
	free(line);
}

static void
fill_status(struct control *c, struct ctlmsg_status *s)
{
	unsigned reasons = gate_reasons(c->options.gate), bit;

	memset(s, 0, sizeof(*s));
	snprintf(s->name, sizeof(s->name), "%s", c->options.name);
	snprintf(s->version, sizeof(s->version), "%s", PACKAGE_VERSION);
	build_id(s->build);
	s->pid = getpid();
	s->uptime_ms = (int64_t)(clock_ms() - c->started_ms);
	s->open = reasons == 0;
	for (bit = 1; bit <= reasons && s->n_reasons < CTLMSG_REASONS;
	    bit <<= 1)
		if (reasons & bit)
			snprintf(s->reasons[s->n_reasons++], CTLMSG_WORD, "%s",
			    gate_reason_text(bit));
	s->draining_ms = drain_ms(c->options.drain);
	snprintf(s->push, sizeof(s->push), "%s",
	    c->options.source->push(c->options.arg));
	c->options.source->counts(&s->calls, &s->oldest_ms, &s->connections,
	    c->options.arg);
	c->options.source->directory(s->directory, c->options.arg);
	c->options.source->kernel(s->relay_kernel, c->options.arg);
}

static void
send_event(struct control *c, const char *event)
{
	struct ctlmsg_answer answer = { .has_status = true };
	struct client *client;
	bool filled = false;

	for (client = c->clients; client != NULL; client = client->next) {
		if (!client->subscribed)
			continue;
		if (!filled) {
			strcpy(answer.event, event);
			fill_status(c, &answer.status);
			filled = true;
		}
		send_answer(client, &answer);
	}
}

static void
refuse_command(struct client *client, long id, enum refusal refusal,
    const char *why)
{
	struct ctlmsg_answer answer = { .id = id };

	++*client->control->refused[refusal];
	snprintf(answer.error, sizeof(answer.error), "%s", refusals[refusal]);
	snprintf(answer.why, sizeof(answer.why), "%s", why);
	send_answer(client, &answer);
}

/* Log who requested it, because it changes what the switch does. */
static void
log_request(const struct client *client, const char *what)
{
	struct ucred peer = { 0 };
	socklen_t len = sizeof(peer);

	if (getsockopt(client->fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		peer.pid = -1;
	log_info("control", "do=%s pid=%d uid=%u", what, (int)peer.pid,
	    (unsigned)peer.uid);
}

static void
do_reload(struct control *c, struct client *client,
    struct ctlmsg_answer *answer)
{
	char note[WHY_TEXT];

	log_request(client, "reload");
	if (c->options.source->reload(answer->why, note,
	    c->options.arg) < 0) {
		strcpy(answer->error, "failed");
		return;
	}
	strcpy(answer->restart, answer->why);
	strcpy(answer->why, note);
}

static void
no_memory(struct ctlmsg_answer *answer)
{
	strcpy(answer->error, "failed");
	strcpy(answer->why, "out of memory");
}

static void
do_calls(struct control *c, struct ctlmsg_answer *answer)
{
	answer->calls = c->options.source->calls(c->options.arg);
	if (answer->calls == NULL)
		no_memory(answer);
}

static void
do_sessions(struct control *c, int64_t after, struct ctlmsg_answer *answer)
{
	answer->sessions = c->options.source->sessions(after, &answer->next,
	    c->options.arg);
	if (answer->sessions == NULL)
		no_memory(answer);
}

static void
do_drain(struct client *client, const struct ctlmsg_request *request)
{
	const struct drain_request wanted = {
		.force_after_ms = request->force_after_ms,
		.stop = request->stop,
		.final = request->final
	};

	log_request(client, request->final ? "final-drain" : "drain");
	drain_begin(client->control->options.drain, &wanted);
}

static void
do_undrain(struct client *client, struct ctlmsg_answer *answer)
{
	log_request(client, "undrain");
	if (drain_end(client->control->options.drain) == 0)
		return;
	strcpy(answer->error, CTLMSG_STOPPING);
	strcpy(answer->why, "the switch is being stopped: it takes no new "
	    "calls until it is started again");
}

static void
run_command(struct client *client, const struct ctlmsg_request *request)
{
	struct control *c = client->control;
	struct ctlmsg_answer answer = { .id = request->id };

	switch (request->command) {
	case CTLMSG_STATUS:
		break;
	case CTLMSG_CALLS:
		do_calls(c, &answer);
		break;
	case CTLMSG_SESSIONS:
		do_sessions(c, request->after, &answer);
		break;
	case CTLMSG_DRAIN:
		do_drain(client, request);
		break;
	case CTLMSG_UNDRAIN:
		do_undrain(client, &answer);
		break;
	case CTLMSG_SUBSCRIBE:
		client->subscribed = true;
		break;
	case CTLMSG_RELOAD:
		do_reload(c, client, &answer);
		break;
	}
	answer.has_status = true;
	fill_status(c, &answer.status);
	send_answer(client, &answer);
	ctlmsg_answer_clear(&answer);
}

static void
on_line(const char *line, size_t len, void *arg)
{
	struct client *client = arg;
	struct ctlmsg_request request;
	char why[WHY_TEXT];

	if (client->broken)
		return;		/* nobody reads the answer */
	++*client->control->requests;
	if (line == NULL) {
		refuse_command(client, 0, TOO_LONG, "the line is too long");
		return;
	}
	switch (ctlmsg_request_parse(&request, line, len, why)) {
	case 0:
		run_command(client, &request);
		return;
	case -EPROTONOSUPPORT:
		refuse_command(client, request.id, BAD_VERSION, why);
		return;
	case -EOPNOTSUPP:
		refuse_command(client, request.id, BAD_COMMAND, why);
		return;
	default:
		refuse_command(client, request.id, BAD_MESSAGE, why);
	}
}

static void
on_in_ended(void *arg)
{
	client_break(arg);
}

static void
on_out_ended(int err, void *arg)
{
	(void)err;
	client_break(arg);
}

static const struct lines_handlers line_handlers = {
	.line = on_line, .in_ended = on_in_ended, .out_ended = on_out_ended,
};

/*
 * The oldest that waits for nothing gives way, so that monitors that hang do
 * not keep a service manager from draining. A drain waits by subscription.
 */
static void
make_room(struct control *c)
{
	struct client *client, *oldest = NULL;

	for (client = c->clients; client != NULL; client = client->next)
		if (!client->subscribed)
			oldest = client;
	if (oldest == NULL)
		return;
	++*c->turned_away;
	client_free(oldest);
}

static void
client_new(struct control *c, int fd)
{
	struct lines_options options = {
		.in = fd, .out = fd, .line_max = CTLMSG_REQUEST_MAX - 1,
		.out_max = OUT_MAX, .turn_max = TURN_MAX
	};
	struct client *client = NULL;

	if (c->n_clients == CLIENTS_MAX)
		make_room(c);
	if (c->n_clients < CLIENTS_MAX)
		client = calloc(1, sizeof(*client));
	if (client == NULL || lines_new(&client->lines, c->loop, &options,
	    &line_handlers, client) < 0) {
		++*c->turned_away;
		free(client);
		close(fd);
		return;
	}
	client->control = c;
	client->fd = fd;
	client->next = c->clients;
	c->clients = client;
	c->n_clients++;
}

static void
on_accept(int fd, const struct addr *peer, void *arg)
{
	(void)peer;		/* the peer's Unix socket has no name */
	client_new(arg, fd);
}

static void
on_calls_timer(void *arg)
{
	send_event(arg, "calls");
}

static void
make_metrics(struct control *c, struct metrics *metrics)
{
	char labels[64];
	size_t i;

	c->requests = metrics_counter(metrics, "rp_control_requests_total",
	    "", "Requests on the control socket.");
	for (i = 0; i < N_REFUSALS; i++) {
		snprintf(labels, sizeof(labels), "reason=\"%s\"",
		    refusals[i]);
		c->refused[i] = metrics_counter(metrics,
		    "rp_control_refused_total", labels,
		    "Invalid requests on the control socket, by reason.");
	}
	c->turned_away = metrics_counter(metrics,
	    "rp_control_turned_away_total", "",
	    "Connections to the control socket over the limit.");
}

/* Serve a socket, instead of the last one if there was one. */
static int
serve_socket(struct control *c, struct control_socket *socket)
{
	struct listener *listener;
	int err = listener_adopt(&listener, c->loop, socket->fd, on_accept, c);

	socket->fd = -1;	/* the listener's, or closed */
	if (err == 0) {
		listener_free(c->listener);
		c->listener = listener;
		err = listener_open(listener);
	}
	return err;
}

static int
bind_socket(const struct control *c, struct control_socket *socket,
    const char *path)
{
	int err = control_socket_open(socket, path);

	return err == 0 && c->options.group != NULL ?
	    control_socket_share(socket, c->options.group) : err;
}

/*
 * Bind the socket again if its file was removed. Otherwise a service manager
 * could not drain, and its stop would cut the calls.
 */
static void
on_look(void *arg)
{
	struct control *c = arg;
	struct control_socket anew;
	int err;

	if (!control_socket_is_gone(&c->socket))
		return;
	err = bind_socket(c, &anew, c->socket.path);
	if (err == 0)
		err = serve_socket(c, &anew);
	if (err < 0) {
		if (!c->lost)
			log_warn("control_lost", "path=%s why=\"%s\"",
			    c->socket.path, strerror(-err));
		c->lost = true;
		control_socket_close(&anew);
		return;
	}
	free(c->socket.path);
	c->socket = anew;
	c->lost = false;
	log_warn("control_bound", "path=%s why=\"its file was removed\"",
	    anew.path);
}

static int
start_control(struct control *c)
{
	c->calls_timer = loop_timer_new(c->loop, on_calls_timer, c);
	c->sweep = loop_timer_new(c->loop, on_sweep, c);
	c->look = loop_ticker_new(c->loop, on_look, c);
	if (c->calls_timer == NULL || c->sweep == NULL || c->look == NULL ||
	    loop_timer_set_ms(c->look, LOOK_MS) < 0)
		return -ENOMEM;
	return serve_socket(c, &c->socket);
}

int
control_new(struct control **out, struct event_base *loop,
    const struct control_options *options)
{
	struct control *c = calloc(1, sizeof(*c));
	int err = 0;

	if (c == NULL)
		return -ENOMEM;
	c->loop = loop;
	c->options = *options;
	c->started_ms = clock_ms();
	make_metrics(c, options->metrics);
	c->socket.fd = options->fd;
	if (options->path != NULL)
		err = bind_socket(c, &c->socket, options->path);
	if (err == 0)
		err = start_control(c);
	if (err < 0) {
		control_free(c);
		return err;
	}
	*out = c;
	return 0;
}

void
control_free(struct control *control)
{
	struct control *c = control;

	if (c == NULL)
		return;
	while (c->clients != NULL)
		client_free(c->clients);
	loop_event_free(c->calls_timer);
	loop_event_free(c->sweep);
	loop_event_free(c->look);
	control_socket_close(&c->socket);
	listener_free(c->listener);
	free(c);
}

void
control_gate_changed(struct control *control)
{
	send_event(control, "gate");
}

void
control_calls_changed(struct control *control)
{
	if (!loop_event_is_set(control->calls_timer))
		loop_timer_set_ms(control->calls_timer, CALLS_EVENT_MS);
}

void
control_drained(struct control *control)
{
	send_event(control, "drained");
}
