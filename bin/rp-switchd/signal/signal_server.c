/*
 * signal_server: the two ports and their connections, and how each begins and
 * ends. See signal_server.h.
 */
#include "signal/signal_server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/service.h"
#include "calls/calls.h"
#include "calls/outbox.h"
#include "conf/settings.h"
#include "net/listener.h"
#include "net/tls.h"
#include "net/workers.h"
#include "ops/descriptors.h"
#include "ops/handshakes.h"
#include "ops/metrics.h"
#include "signal/client.h"
#include "signal/conn.h"
#include "signal/lastuse.h"
#include "signal/places.h"
#include "signal/routes.h"
#include "signal/standing.h"
#include "signal/joins.h"
#include "signal/writes.h"
#include "wire/why.h"

/*
 * Strangers that give way at a time: for each newcomer, and for each look under
 * pressure. More would keep others waiting.
 */
#define CUT_FOR_ONE 16
#define CUT_AT_ONCE 256

struct ports {
	struct listener **item;
	size_t n;
	struct workers_lane *lane;	/* of its handshakes */
};

struct signal_server {
	struct event_base *loop;
	struct signal_server_options options;
	struct ports call, answer;
	struct calls *calls;
	struct routes *routes;
	struct standing *standing;
	struct lastuse *lastuse;
	struct writes *writes;
	struct joins *joins;
	struct tls_config *tls;
	LIST_HEAD(, client) clients;
	struct places *places;
	uint64_t *resumed, *early;
	uint64_t *accepted;
	uint64_t *bad_400, *bad_408, *bad_413, *bad_431, *bad_501;
};

static void
client_free(struct client *client)
{
	struct signal_server *server = client->server;

	LIST_REMOVE(client, of_server);
	places_leave(server->places, client);
	request_drop(&client->request);
	standing_leave(server->standing, client);
	outbox_link_free(client->who.link);
	conn_free(client->conn);
	free(client);
}

static void
on_request(const struct sigmsg *msg, void *arg)
{
	routes_request(arg, msg);
}

/* Log why the connection ends. The number is that of a client we know. */
static void
log_refused(const struct client *client, int status, const char *why)
{
	char kind[8], text[LOG_TEXT], number[LOG_TEXT], from[ADDR_TEXT];

	if (!log_is_debug())
		return;
	snprintf(kind, sizeof(kind), "%d", status);
	log_failure("connection_refused", kind,
	    "status=%d why=%s number=%s websocket=%d peer=%s", status,
	    log_text(text, why), log_text(number, client->known ?
	    client->who.number : ""), conn_is_upgraded(client->conn),
	    addr_format(&client->who.peer, from));
}

static void
on_response(const struct sigmsg *msg, void *arg)
{
	struct client *client = arg;

	if (msg->status < 200)
		return;		/* the final one will follow */
	if (outbox_link_answered(client->who.link) < 0) {
		++*client->server->bad_400;
		log_refused(client, 400, "an answer to no request");
		conn_finish(client->conn);
	}
}

static void
on_no_tls(enum tls_failure failure, const char *why, void *arg)
{
	struct client *client = arg;

	handshakes_failed(client->server->options.handshakes,
	    client->at_call_port ? HANDSHAKES_CALL : HANDSHAKES_ANSWER,
	    failure, why, &client->who.peer);
}

static void
on_refused(int status, const char *why, void *arg)
{
	struct client *client = arg;
	struct signal_server *server = client->server;

	log_refused(client, status, why);
	if (status == 0)
		return;
	if (status == 408 && !client->known)
		places_late(server->places);
	++*(status == 408 ? server->bad_408 : status == 413 ? server->bad_413 :
	    status == 431 ? server->bad_431 : status == 501 ? server->bad_501 :
	    server->bad_400);
}

static void
on_closed(void *arg)
{
	struct client *client = arg;

	if (!conn_is_ready(client->conn))
		calls_withdraw(client->server->calls, &client->who);
	client_free(client);
}

/* Have strangers give way to a newcomer. */
static void
make_room(struct signal_server *server, const struct client *newest)
{
	struct client *client;
	int n;

	for (n = 0; n < CUT_FOR_ONE; n++) {
		client = places_over(server->places, newest);
		if (client == NULL)
			return;
		client_free(client);
	}
}

static int
send_request(const struct sigmsg *msg, void *arg)
{
	struct client *client = arg;

	return conn_send(client->conn, msg);
}

/*
 * Refuse a connection with RST, which is cheapest; a racing client takes
 * another switch.
 */
static void
reset(int fd)
{
	static const struct linger now = { 1, 0 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(fd);
}

static int
serve_client(struct signal_server *server, struct client *client, int fd)
{
	static const struct conn_handlers handlers = {
		on_request, on_response, on_refused, on_no_tls, on_closed
	};
	const struct settings *settings = server->options.settings;
	struct conn_options options = {
		.tls = server->tls,
		.lane = client->at_call_port ? server->call.lane :
		    server->answer.lane,
		.auth_ms = (uint32_t)settings->auth_ms,
		.idle_ms = (uint32_t)settings->idle_ms,
		.resumed = server->resumed,
		.early = server->early
	};
	int err;

	client->server = server;
	client->routes = server->routes;
	client->env = routes_env(server->routes);
	client->who.link = calls_link(server->calls, send_request, client);
	if (client->who.link == NULL) {
		close(fd);
		return -ENOMEM;
	}
	err = conn_new(&client->conn, server->loop, fd, &options, &handlers,
	    client);
	if (err < 0)
		outbox_link_free(client->who.link);
	return err;
}

static void
take_in(struct signal_server *server, int fd, const struct addr *peer,
    bool is_call_port)
{
	struct client *client = calloc(1, sizeof(*client));

	++*server->accepted;
	if (client == NULL) {
		reset(fd);
		return;
	}
	client->at_call_port = is_call_port;
	client->who.peer = *peer;
	if (places_enter(server->places, client) < 0) {
		reset(fd);
		free(client);
		return;
	}
	if (serve_client(server, client, fd) < 0) {
		places_leave(server->places, client);
		free(client);
		return;
	}
	LIST_INSERT_HEAD(&server->clients, client, of_server);
	make_room(server, client);
}

static void
on_call_port(int fd, const struct addr *peer, void *arg)
{
	take_in(arg, fd, peer, true);
}

static void
on_answer_port(int fd, const struct addr *peer, void *arg)
{
	take_in(arg, fd, peer, false);
}

static void
on_exhausted(void *arg)
{
	const struct signal_server *server = arg;

	descriptors_exhausted(server->options.descriptors);
}

/*
 * Bind the call port. It must answer RST while we are down or closed, and a
 * service manager would hold it open.
 */
static int
bind_call_port(struct signal_server *server, struct listener **out,
    const struct addr *addr, char why[static WHY_TEXT])
{
	if (service_has(SOCK_STREAM, addr)) {
		why_set(why, "the call port cannot be in a socket unit, which "
		    "would hold it open while the switch is down");
		return -EINVAL;
	}
	return listener_new(out, server->loop, addr, on_call_port, server);
}

/* Bind an answer port, or take one from the service manager. */
static int
bind_answer_port(struct signal_server *server, struct listener **out,
    const struct addr *addr)
{
	int fd = service_take(SOCK_STREAM, addr);

	if (fd >= 0)
		return listener_adopt(out, server->loop, fd, on_answer_port,
		    server);
	return listener_new(out, server->loop, addr, on_answer_port, server);
}

static int
bind_ports(struct signal_server *server, struct ports *ports,
    const struct conf_strings *texts, char why[static WHY_TEXT])
{
	const char *key = ports == &server->answer ? "answer.listen" :
	    "call.listen";
	char wrong[WHY_TEXT] = "";
	struct addr addr;
	size_t i;
	int err;

	ports->item = calloc(texts->n, sizeof(*ports->item));
	if (ports->item == NULL || workers_lane_new(&ports->lane,
	    server->options.workers, server->loop) < 0)
		return -ENOMEM;
	handshakes_watch(server->options.handshakes, ports == &server->call ?
	    HANDSHAKES_CALL : HANDSHAKES_ANSWER, ports->lane);
	for (i = 0; i < texts->n; i++) {
		err = addr_parse(&addr, texts->item[i], 0);
		if (err == 0)
			err = ports == &server->answer ?
			    bind_answer_port(server, &ports->item[i], &addr) :
			    bind_call_port(server, &ports->item[i], &addr,
			    wrong);
		if (err < 0) {
			settings_complain(server->options.settings, why, key,
			    "%.100s: %.200s", texts->item[i],
			    *wrong != '\0' ? wrong : strerror(-err));
			return err;
		}
		listener_on_exhausted(ports->item[i], on_exhausted, server);
		ports->n++;
	}
	return 0;
}

static void
free_ports(struct ports *ports)
{
	size_t i;

	workers_lane_free(ports->lane);
	for (i = 0; i < ports->n; i++)
		listener_free(ports->item[i]);
	free(ports->item);
}

static void
collect_signal(struct metrics *metrics, struct buffer *out, void *arg)
{
	const struct signal_server *server = arg;

	(void)metrics;
	metrics_emit(out, "counter", "rp_tls_early_refused_total", "",
	    "TLS early data refused as a replay or as too much, from the "
	    "latest load of the certificate on.",
	    tls_config_early_refused(server->tls));
}

static void
count_by(struct signal_server *server, struct metrics *metrics)
{
	static const char bad[] = "rp_malformed_total";
	static const char bad_help[] =
	    "Connections closed after an invalid request, by status.";

	server->accepted = metrics_counter(metrics,
	    "rp_connections_accepted_total", "",
	    "Connections accepted, including those that lost a race.");
	server->resumed = metrics_counter(metrics, "rp_tls_resumed_total", "",
	    "Signalling connections that resumed a TLS session.");
	server->early = metrics_counter(metrics, "rp_tls_early_total", "",
	    "Resumed connections whose first request came as early data.");
	server->bad_400 = metrics_counter(metrics, bad, "status=\"400\"",
	    bad_help);
	server->bad_408 = metrics_counter(metrics, bad, "status=\"408\"",
	    bad_help);
	server->bad_413 = metrics_counter(metrics, bad, "status=\"413\"",
	    bad_help);
	server->bad_431 = metrics_counter(metrics, bad, "status=\"431\"",
	    bad_help);
	server->bad_501 = metrics_counter(metrics, bad, "status=\"501\"",
	    bad_help);
	metrics_collector(metrics, collect_signal, server);
}

int
signal_server_new(struct signal_server **out, struct event_base *loop,
    const struct signal_server_options *options,
    char why[static WHY_TEXT])
{
	struct signal_server *server = calloc(1, sizeof(*server));
	int err = -ENOMEM;

	strcpy(why, "out of memory");
	if (server == NULL)
		return -ENOMEM;
	server->loop = loop;
	server->options = *options;
	LIST_INIT(&server->clients);
	server->places = places_new(options->settings, options->descriptors,
	    options->gate, options->metrics);
	if (server->places != NULL)
		err = bind_ports(server, &server->call,
		    &options->settings->listen, why);
	if (err == 0)
		err = bind_ports(server, &server->answer,
		    &options->settings->answer_listen, why);
	if (err < 0) {
		signal_server_free(server);
		return err;
	}
	server->standing = standing_new(loop, options->settings,
	    options->metrics);
	server->lastuse = lastuse_new();
	if (server->standing == NULL || server->lastuse == NULL) {
		strcpy(why, "out of memory");
		signal_server_free(server);
		return -ENOMEM;
	}
	count_by(server, options->metrics);
	*out = server;
	return 0;
}

void
signal_server_free(struct signal_server *server)
{
	struct client *client;

	if (server == NULL)
		return;
	while ((client = LIST_FIRST(&server->clients)) != NULL)
		client_free(client);
	free_ports(&server->call);
	free_ports(&server->answer);
	routes_free(server->routes);
	standing_free(server->standing);
	lastuse_free(server->lastuse);
	writes_free(server->writes);
	joins_free(server->joins);
	tls_config_free(server->tls);
	places_free(server->places);
	free(server);
}

const struct addr *
signal_server_call_addr(const struct signal_server *server, size_t i)
{
	return listener_addr(server->call.item[i]);
}

const struct addr *
signal_server_answer_addr(const struct signal_server *server, size_t i)
{
	return listener_addr(server->answer.item[i]);
}

void
signal_server_set_tls(struct signal_server *server, struct tls_config *tls)
{
	tls_config_free(server->tls);
	server->tls = tls;
}

void
signal_server_set_directory(struct signal_server *server,
    struct directory *directory)
{
	routes_set_directory(server->routes, directory);
}

void
signal_server_open(struct signal_server *server, bool open)
{
	size_t i;
	int err;

	for (i = 0; i < server->call.n; i++) {
		if (!open) {
			listener_close(server->call.item[i]);
			continue;
		}
		err = listener_open(server->call.item[i]);
		if (err < 0)
			log_error("call_port", "err=%d", -err);
	}
}

size_t
signal_server_connections(const struct signal_server *server)
{
	return places_count(server->places);
}

static uint64_t
oldest_of(const struct ports *ports)
{
	uint64_t oldest_ms = 0, age_ms;
	size_t i;

	for (i = 0; i < ports->n; i++) {
		age_ms = listener_age_ms(ports->item[i]);
		if (age_ms > oldest_ms)
			oldest_ms = age_ms;
	}
	return oldest_ms;
}

uint64_t
signal_server_queue_ms(const struct signal_server *server)
{
	uint64_t call_ms = oldest_of(&server->call);
	uint64_t answer_ms = oldest_of(&server->answer);

	return call_ms > answer_ms ? call_ms : answer_ms;
}

size_t
signal_server_known(const struct signal_server *server)
{
	return places_known(server->places);
}

void
signal_server_press(struct signal_server *server, bool pressed)
{
	struct client *client;
	int n;

	places_press(server->places, pressed);
	for (n = 0; pressed && n < CUT_AT_ONCE; n++) {
		client = places_over_pressed(server->places);
		if (client == NULL)
			return;
		client_free(client);
	}
}

int
signal_server_start(struct signal_server *server,
    const struct signal_server_service *service,
    char why[static WHY_TEXT])
{
	struct routes_options options = {
		service->calls, server->options.gate, server->options.directory,
		server->options.metrics, service->answers, service->enrol,
		service->trials, service->push, server->standing,
		server->lastuse, NULL, server->places, NULL, service->quotas
	};
	char text[ADDR_TEXT];
	size_t i;
	int err;

	server->calls = service->calls;
	server->tls = service->tls;
	server->writes = options.writes = writes_new(service->quotas);
	server->joins = options.joins = joins_new(service->quotas,
	    server->options.metrics);
	if (server->writes != NULL && server->joins != NULL)
		server->routes = routes_new(&options);
	if (server->routes == NULL) {
		strcpy(why, "out of memory");
		return -ENOMEM;
	}
	for (i = 0; i < server->answer.n; i++) {
		err = listener_open(server->answer.item[i]);
		if (err < 0) {
			why_set(why, "%s: %s",
			    addr_format(signal_server_answer_addr(server, i),
			    text), strerror(-err));
			return err;
		}
	}
	return 0;
}
