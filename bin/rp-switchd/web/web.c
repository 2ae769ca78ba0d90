/* web: listeners, a lobby of connections, counters. See web.h. */
#include "web/web.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/lobby.h"
#include "base/service.h"
#include "conf/settings.h"
#include "net/listener.h"
#include "net/tls.h"
#include "net/workers.h"
#include "ops/descriptors.h"
#include "ops/handshakes.h"
#include "ops/metrics.h"
#include "web/webconn.h"
#include "web/webroot.h"

/* A flood of connections waits, so that each is held long enough to ask. */
#define HOLD_MS 100

/* The statuses that are answered. Each has a counter from the start. */
static const int codes[] = {
	200, 304, 400, 404, 405, 408, 413, 431, 501, 503
};
#define CODES (sizeof(codes) / sizeof(codes[0]))

struct web {
	struct web_options options;
	struct webconn_env env;
	char *policy;
	struct listener **listener;
	size_t n;
	struct lobby *lobby;
	uint64_t *accepted, *bytes;
	uint64_t *responses[CODES];
	uint64_t *cut_max, *cut_per_address;
};

static void
on_ended(struct webconn *conn, enum tls_failure failure, const char *why,
    void *arg)
{
	struct web *web = arg;

	handshakes_failed(web->options.handshakes, HANDSHAKES_WEB, failure,
	    why, webconn_peer(conn));
	lobby_leave(web->lobby, webconn_member(conn));
	webconn_free(conn);
}

static void
on_answered(int status, size_t bytes, void *arg)
{
	struct web *web = arg;
	size_t i;

	*web->bytes += bytes;
	for (i = 0; i < CODES; i++)
		if (codes[i] == status)
			++*web->responses[i];
}

static void
on_active(struct webconn *conn, void *arg)
{
	struct web *web = arg;

	lobby_renew(web->lobby, webconn_member(conn));
}

static struct lobby_limits
limits_now(const struct web *web)
{
	size_t most = descriptors_now(web->options.descriptors)->pages;
	size_t of_one = (size_t)web->options.settings->web_per_address;

	return (struct lobby_limits){
		.per = { of_one < most ? of_one : most, most, most },
		.most = most
	};
}

/* All places are taken: accept the next when the oldest has had its time. */
static void
hold_places(struct web *web)
{
	uint64_t until_ms = webconn_since_ms(webconn_of(lobby_first(
	    web->lobby))) + HOLD_MS, now_ms = clock_ms();
	size_t i;

	for (i = 0; until_ms > now_ms && i < web->n; i++)
		listener_rest(web->listener[i], (unsigned)(until_ms - now_ms));
}

/* Have the oldest give way if there are too many. */
static void
make_room(struct web *web, struct webconn *newest)
{
	struct lobby_limits limits = limits_now(web);
	enum lobby_level level = LOBBY_LEVELS;
	struct lobby_member *first = lobby_over(web->lobby,
	    webconn_member(newest), &limits, &level);

	if (first != NULL && first != webconn_member(newest)) {
		++*(level == LOBBY_ADDRESS ? web->cut_per_address :
		    web->cut_max);
		lobby_leave(web->lobby, first);
		webconn_cut(webconn_of(first));
	}
	if (lobby_count(web->lobby) >= limits.most)
		hold_places(web);
}

static void
on_accept(int fd, const struct addr *peer, void *arg)
{
	struct web *web = arg;
	struct webconn *conn;

	++*web->accepted;
	if (webconn_new(&conn, &web->env, fd, peer) < 0)
		return;
	if (lobby_enter(web->lobby, webconn_member(conn), peer) < 0)
		webconn_free(conn);
	else
		make_room(web, conn);
}

static void
collect(struct metrics *metrics, struct buffer *out, void *arg)
{
	const struct web *web = arg;

	(void)metrics;
	metrics_emit(out, "gauge", "rp_web_connections", "",
	    "Connections of the page's port.", lobby_count(web->lobby));
	metrics_emit(out, "gauge", "rp_web_connections_max", "",
	    "Limit of these connections, as the descriptors allow.",
	    limits_now(web).most);
	metrics_emit(out, "gauge", "rp_web_files", "",
	    "Files that are served.", webroot_count(web->env.root));
	metrics_emit(out, "gauge", "rp_web_files_bytes", "",
	    "Bytes of these files.", webroot_bytes(web->env.root));
}

static void
count_by(struct web *web, struct metrics *metrics)
{
	static const char cut[] = "rp_web_cut_total";
	static const char cut_help[] = "Connections of the page's port closed "
	    "for newer ones, by the limit that was reached.";
	char labels[32];
	size_t i;

	web->accepted = metrics_counter(metrics, "rp_web_accepted_total", "",
	    "Connections that the page's port accepted.");
	web->bytes = metrics_counter(metrics, "rp_web_sent_bytes_total", "",
	    "Bytes of the contents that were answered, as they are sent.");
	web->cut_max = metrics_counter(metrics, cut, "limit=\"max\"",
	    cut_help);
	web->cut_per_address = metrics_counter(metrics, cut,
	    "limit=\"max_per_address\"", cut_help);
	for (i = 0; i < CODES; i++) {
		snprintf(labels, sizeof(labels), "status=\"%d\"", codes[i]);
		web->responses[i] = metrics_counter(metrics,
		    "rp_web_responses_total", labels,
		    "Answers of the page's port, by status.");
	}
	metrics_collector(metrics, collect, web);
}

/* Bind an address, or take it from the service manager: it may be port 443. */
static int
bind_one(struct web *web, struct listener **out, struct event_base *loop,
    const char *text)
{
	struct addr addr;
	int err = addr_parse(&addr, text, 0), fd;

	if (err < 0)
		return err;
	fd = service_take(SOCK_STREAM, &addr);
	if (fd >= 0)
		return listener_adopt(out, loop, fd, on_accept, web);
	return listener_new(out, loop, &addr, on_accept, web);
}

static int
bind_all(struct web *web, struct event_base *loop, char why[static WHY_TEXT])
{
	const struct settings *s = web->options.settings;
	int err = 0;

	web->listener = calloc(s->web_listen.n + 1, sizeof(*web->listener));
	if (web->listener == NULL)
		return -ENOMEM;
	for (; err == 0 && web->n < s->web_listen.n; web->n++) {
		err = bind_one(web, &web->listener[web->n], loop,
		    s->web_listen.item[web->n]);
		if (err < 0) {
			settings_complain(s, why, "web.listen",
			    "%.100s: %s", s->web_listen.item[web->n],
			    strerror(-err));
			break;
		}
	}
	return err;
}

int
web_new(struct web **out, struct event_base *loop,
    const struct web_options *options, char why[static WHY_TEXT])
{
	struct web *web = calloc(1, sizeof(*web));
	int err = -ENOMEM;

	strcpy(why, "out of memory");
	if (web == NULL)
		return -ENOMEM;
	web->options = *options;
	web->env = (struct webconn_env){
		.loop = loop, .settings = options->settings,
		.describe = options->describe, .describe_arg = options->arg,
		.answered = on_answered, .ended = on_ended,
		.active = on_active, .arg = web
	};
	web->env.root = webroot_empty();
	web->lobby = lobby_new();
	if (web->env.root != NULL && web->lobby != NULL)
		err = workers_lane_new(&web->env.lane, options->workers, loop);
	if (err == 0)
		err = bind_all(web, loop, why);
	if (err < 0) {
		web_free(web);
		return err;
	}
	handshakes_watch(options->handshakes, HANDSHAKES_WEB, web->env.lane);
	count_by(web, options->metrics);
	*out = web;
	return 0;
}

void
web_free(struct web *web)
{
	struct lobby_member *first;
	size_t i;

	if (web == NULL)
		return;
	while (web->lobby != NULL &&
	    (first = lobby_first(web->lobby)) != NULL) {
		lobby_leave(web->lobby, first);
		webconn_free(webconn_of(first));
	}
	workers_lane_free(web->env.lane);
	for (i = 0; i < web->n; i++)
		listener_free(web->listener[i]);
	free(web->listener);
	lobby_free(web->lobby);
	tls_config_free(web->env.tls);
	webroot_free(web->env.root);
	free(web->policy);
	free(web);
}

const struct addr *
web_addr(const struct web *web, size_t i)
{
	return listener_addr(web->listener[i]);
}

void
web_set(struct web *web, struct webroot *root, struct tls_config *tls,
    char *policy)
{
	webroot_free(web->env.root);
	tls_config_free(web->env.tls);
	free(web->policy);
	web->env.root = root;
	web->env.tls = tls;
	web->env.policy = web->policy = policy;
}

void
web_set_bridge(struct web *web, const struct webbridge_ports *ports)
{
	web->env.bridge = ports;
}

int
web_start(struct web *web, char why[static WHY_TEXT])
{
	char text[ADDR_TEXT];
	size_t i;
	int err;

	for (i = 0; i < web->n; i++) {
		err = listener_open(web->listener[i]);
		if (err < 0) {
			why_set(why, "%s: %s", addr_format(web_addr(web, i),
			    text), strerror(-err));
			return err;
		}
	}
	return 0;
}
