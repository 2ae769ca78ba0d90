#include "signal/signal_server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/map.h"
#include "base/service.h"
#include "calls/calls.h"
#include "calls/outbox.h"
#include "conf/settings.h"
#include "net/listener.h"
#include "net/tls.h"
#include "ops/metrics.h"
#include "signal/client.h"
#include "signal/conn.h"
#include "signal/routes.h"

/* How many connections one source has: an IPv4 address or an IPv6 /64. */
struct source {
	struct map_node node;
	uint8_t key[8];
	size_t n;
};

struct ports {
	struct listener **item;
	size_t n;
};

struct signal_server {
	struct event_base *loop;
	struct signal_server_options options;
	struct ports call, answer;
	struct calls *calls;
	struct routes *routes;
	struct tls_config *tls;
	LIST_HEAD(, client) clients;
	size_t n_clients;
	struct map *sources;
	uint64_t *resumed, *early;
	uint64_t *accepted, *too_many, *too_many_of_one;
	uint64_t *bad_400, *bad_408, *bad_413, *bad_431, *bad_501;
};

/* -1 or +1; a source with no connection is forgotten. False: out of memory. */
static bool
count_source(struct signal_server *front, const struct addr *peer, int change,
    size_t *n)
{
	uint8_t key[8] = { 0 };
	struct map_node *node;
	struct source *source;
	size_t ip_bytes;
	const uint8_t *ip = addr_ip(peer, &ip_bytes);

	memcpy(key, ip, ip_bytes < sizeof(key) ? ip_bytes : sizeof(key));
	node = map_find(front->sources, key, sizeof(key));
	if (node != NULL) {
		source = MAP_ENTRY(node, struct source, node);
	} else {
		source = calloc(1, sizeof(*source));
		if (source == NULL)
			return false;
		memcpy(source->key, key, sizeof(key));
		map_add(front->sources, &source->node, source->key,
		    sizeof(source->key));
	}
	source->n += (size_t)change;
	*n = source->n;
	if (source->n == 0) {
		map_remove(front->sources, &source->node);
		free(source);
	}
	return true;
}

static void
client_free(struct client *client)
{
	struct signal_server *front = client->front;
	size_t left;

	LIST_REMOVE(client, of_front);
	front->n_clients--;
	count_source(front, &client->peer, -1, &left);
	routes_leave(client);
	outbox_link_free(client->who.line);
	conn_free(client->conn);
	free(client);
}

static void
on_request(const struct sigmsg *msg, void *arg)
{
	routes_request(arg, msg);
}

static void
on_response(const struct sigmsg *msg, void *arg)
{
	struct client *client = arg;

	if (msg->status < 200)
		return;		/* the final one is to come */
	if (outbox_link_answered(client->who.line) < 0) {
		++*client->front->bad_400;
		conn_finish(client->conn);
	}
}

static void
on_refused(int status, void *arg)
{
	struct client *client = arg;
	struct signal_server *front = client->front;

	++*(status == 408 ? front->bad_408 : status == 413 ? front->bad_413 :
	    status == 431 ? front->bad_431 : status == 501 ? front->bad_501 :
	    front->bad_400);
}

static void
on_closed(void *arg)
{
	struct client *client = arg;

	if (!conn_is_ready(client->conn))
		calls_withdraw(client->front->calls, &client->who);
	client_free(client);
}

static int
send_request(const struct sigmsg *msg, void *arg)
{
	struct client *client = arg;

	return conn_send(client->conn, msg);
}

/* No more than fit; the connection just counted is among n. */
static bool
is_over(struct signal_server *front, bool is_call_port, size_t n_of_source)
{
	const struct settings *settings = front->options.settings;
	size_t max = (size_t)settings->max_connections;

	/* The last tenth is for who belongs to a call that runs. */
	if (is_call_port)
		max -= max / 10;
	if (front->n_clients >= max) {
		++*front->too_many;
		return true;
	}
	if (n_of_source > (size_t)settings->max_connections_per_address) {
		++*front->too_many_of_one;
		return true;
	}
	return false;
}

/* RST: the cheapest way to say no, and a racing client takes another switch. */
static void
reset(int fd)
{
	static const struct linger now = { 1, 0 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(fd);
}

static int
serve(struct signal_server *front, struct client *client, int fd)
{
	static const struct conn_handlers handlers = {
		on_request, on_response, on_refused, on_closed
	};
	const struct settings *settings = front->options.settings;
	struct conn_options options = {
		.tls = front->tls,
		.auth_ms = (uint32_t)settings->auth_ms,
		.idle_ms = (uint32_t)settings->idle_ms,
		.resumed = front->resumed,
		.early = front->early
	};
	int err;

	client->front = front;
	client->routes = front->routes;
	client->who.line = calls_line(front->calls, send_request, client);
	if (client->who.line == NULL) {
		close(fd);
		return -ENOMEM;
	}
	err = conn_new(&client->conn, front->loop, fd, &options, &handlers,
	    client);
	if (err < 0)
		outbox_link_free(client->who.line);
	return err;
}

static void
take_in(struct signal_server *front, int fd, const struct addr *peer,
    bool is_call_port)
{
	struct client *client = calloc(1, sizeof(*client));
	size_t n = 0;

	++*front->accepted;
	if (client == NULL || !count_source(front, peer, 1, &n)) {
		reset(fd);
		free(client);
		return;
	}
	if (is_over(front, is_call_port, n)) {
		reset(fd);
	} else if (serve(front, client, fd) == 0) {
		client->peer = *peer;
		LIST_INSERT_HEAD(&front->clients, client, of_front);
		front->n_clients++;
		return;
	}
	count_source(front, peer, -1, &n);
	free(client);
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

/*
 * A port may have been bound for us. Not the call port: while we are down or
 * closed it must answer RST, and a service manager would hold it open.
 */
static int
bind_port(struct signal_server *front, struct listener **out, const struct addr *addr,
    bool may_be_ours)
{
	int fd = may_be_ours ? service_take_stream(&addr->sa, addr_len(addr)) :
	    -1;

	if (fd >= 0)
		return listener_adopt(out, front->loop, fd, on_answer_port,
		    front);
	return listener_new(out, front->loop, addr, may_be_ours ?
	    on_answer_port : on_call_port, front);
}

static int
bind_ports(struct signal_server *front, struct ports *ports,
    const struct conf_strings *texts, char why[static SIGNAL_SERVER_WHY])
{
	struct addr addr;
	size_t i;
	int err;

	ports->item = calloc(texts->n, sizeof(*ports->item));
	if (ports->item == NULL)
		return -ENOMEM;
	for (i = 0; i < texts->n; i++) {
		err = addr_parse(&addr, texts->item[i], 0);
		if (err == 0)
			err = bind_port(front, &ports->item[i], &addr,
			    ports == &front->answer);
		if (err < 0) {
			snprintf(why, SIGNAL_SERVER_WHY, "%.100s: %s", texts->item[i],
			    strerror(-err));
			return err;
		}
		ports->n++;
	}
	return 0;
}

static void
free_ports(struct ports *ports)
{
	size_t i;

	for (i = 0; i < ports->n; i++)
		listener_free(ports->item[i]);
	free(ports->item);
}

static void
collect(struct metrics *metrics, struct evbuffer *out, void *arg)
{
	const struct signal_server *front = arg;

	(void)metrics;
	metrics_emit(out, "gauge", "rp_connections", "",
	    "Signalling connections.", front->n_clients);
	metrics_emit(out, "counter", "rp_tls_early_refused_total", "",
	    "TLS early data not taken, as it had come before or too much had, "
	    "since the certificate was loaded.",
	    tls_config_early_refused(front->tls));
}

static void
count_by(struct signal_server *front, struct metrics *metrics)
{
	static const char refused[] = "rp_connections_refused_total";
	static const char refused_help[] =
	    "Connections reset at once, by the limit they are over.";
	static const char bad[] = "rp_malformed_total";
	static const char bad_help[] =
	    "Connections closed for what came on them, by the answer.";

	front->accepted = metrics_counter(metrics,
	    "rp_connections_accepted_total", "",
	    "Connections accepted, races' losers among them.");
	front->resumed = metrics_counter(metrics, "rp_tls_resumed_total", "",
	    "Signalling connections that resumed a TLS session.");
	front->early = metrics_counter(metrics, "rp_tls_early_total", "",
	    "Of these, those whose first request came as early data.");
	front->too_many = metrics_counter(metrics, refused,
	    "limit=\"max\"", refused_help);
	front->too_many_of_one = metrics_counter(metrics, refused,
	    "limit=\"max_per_address\"", refused_help);
	front->bad_400 = metrics_counter(metrics, bad, "status=\"400\"",
	    bad_help);
	front->bad_408 = metrics_counter(metrics, bad, "status=\"408\"",
	    bad_help);
	front->bad_413 = metrics_counter(metrics, bad, "status=\"413\"",
	    bad_help);
	front->bad_431 = metrics_counter(metrics, bad, "status=\"431\"",
	    bad_help);
	front->bad_501 = metrics_counter(metrics, bad, "status=\"501\"",
	    bad_help);
	metrics_collector(metrics, collect, front);
}

int
signal_server_new(struct signal_server **out, struct event_base *loop,
    const struct signal_server_options *options, char why[static SIGNAL_SERVER_WHY])
{
	struct signal_server *front = calloc(1, sizeof(*front));
	int err = -ENOMEM;

	strcpy(why, "out of memory");
	if (front == NULL)
		return -ENOMEM;
	front->loop = loop;
	front->options = *options;
	LIST_INIT(&front->clients);
	front->sources = map_new();
	if (front->sources != NULL)
		err = bind_ports(front, &front->call,
		    &options->settings->listen, why);
	if (err == 0)
		err = bind_ports(front, &front->answer,
		    &options->settings->answer_listen, why);
	if (err < 0) {
		signal_server_free(front);
		return err;
	}
	count_by(front, options->metrics);
	*out = front;
	return 0;
}

void
signal_server_free(struct signal_server *front)
{
	struct client *client;

	if (front == NULL)
		return;
	while ((client = LIST_FIRST(&front->clients)) != NULL)
		client_free(client);
	free_ports(&front->call);
	free_ports(&front->answer);
	routes_free(front->routes);
	tls_config_free(front->tls);
	map_free(front->sources);
	free(front);
}

const struct addr *
signal_server_call_addr(const struct signal_server *front, size_t i)
{
	return listener_addr(front->call.item[i]);
}

const struct addr *
signal_server_answer_addr(const struct signal_server *front, size_t i)
{
	return listener_addr(front->answer.item[i]);
}

void
signal_server_set_tls(struct signal_server *front, struct tls_config *tls)
{
	tls_config_free(front->tls);
	front->tls = tls;
}

void
signal_server_open(struct signal_server *front, bool open)
{
	size_t i;
	int err;

	for (i = 0; i < front->call.n; i++) {
		if (!open) {
			listener_close(front->call.item[i]);
			continue;
		}
		err = listener_open(front->call.item[i]);
		if (err < 0)
			log_error("call_port", "err=%d", -err);
	}
}

size_t
signal_server_connections(const struct signal_server *front)
{
	return front->n_clients;
}

int
signal_server_start(struct signal_server *front, const struct signal_server_service *service,
    char why[static SIGNAL_SERVER_WHY])
{
	struct routes_options options = {
		service->calls, front->options.gate, front->options.directory,
		front->options.metrics, service->answers, service->enrol,
		service->trials
	};
	char text[ADDR_TEXT];
	size_t i;
	int err;

	front->calls = service->calls;
	front->tls = service->tls;
	front->routes = routes_new(&options);
	if (front->routes == NULL) {
		strcpy(why, "out of memory");
		return -ENOMEM;
	}
	for (i = 0; i < front->answer.n; i++) {
		err = listener_open(front->answer.item[i]);
		if (err < 0) {
			snprintf(why, SIGNAL_SERVER_WHY, "%s: %s",
			    addr_format(signal_server_answer_addr(front, i), text),
			    strerror(-err));
			return err;
		}
	}
	return 0;
}
