/*
 * routes: find the handler of a method and target, and authenticate the client
 * before it runs. See routes.h.
 */
#include "signal/routes.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "directory/directory.h"
#include "ops/metrics.h"
#include "signal/client.h"
#include "signal/handle.h"
#include "signal/request.h"

struct routes {
	struct routes_options options;
	uint64_t *requests[SIGMSG_OTHER + 1];
	uint64_t *responses[6];		/* by class: 2 for 2xx */
	uint64_t *unauthorized, *unavailable;
};

static const struct route {
	enum sigmsg_method method;
	const char *target;
	bool tail;		/* target is followed by a number or an id */
	void (*handle)(struct request *request);
	bool open;		/* to clients without credentials, too */
} table[] = {
	{ SIGMSG_GET, "/signal", false, handle_upgrade, true },
	{ SIGMSG_POST, "/verification/", true, handle_verification, true },
	{ SIGMSG_PUT, "/subscriber/", true, handle_subscriber, true },
	{ SIGMSG_INITIATE, "/session/", true, handle_initiate, false },
	{ SIGMSG_RING, "/session/", true, handle_session, false },
	{ SIGMSG_ANSWER, "/session/", true, handle_session, false },
	{ SIGMSG_INFO, "/session/", true, handle_session, false },
	{ SIGMSG_BUSY, "/session/", true, handle_session, false },
	{ SIGMSG_HANGUP, "/session/", true, handle_session, false },
	{ SIGMSG_RESUME, "/session/", true, handle_session, false },
	{ SIGMSG_PUT, "/push", false, handle_put_push, false },
	{ SIGMSG_DELETE, "/push", false, handle_delete_push, false },
	{ SIGMSG_GET, "/push/key", false, handle_push_key, false },
	{ SIGMSG_GET, "/keepalive", false, handle_keepalive, false },
	{ SIGMSG_GET, "/switches", false, handle_switches, false },
	{ SIGMSG_GET, "/relay", false, handle_relay, false },
};

/*
 * Find the request's route, or the status and reason with which to refuse it.
 */
static void
find_route(struct request *request)
{
	const struct sigmsg *msg = request->msg;
	bool exists = false;
	size_t i;
	int err;

	request->route = NULL;
	request->reason = "";
	request->tail[0] = '\0';
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (table[i].tail)
			err = sigmsg_target_tail(msg->target, table[i].target,
			    request->tail, sizeof(request->tail));
		else
			err = strcmp(msg->target, table[i].target) == 0 ? 0 :
			    -ENOENT;
		if (err == -ENOENT)
			continue;
		exists = true;
		if (table[i].method != msg->method)
			continue;
		if (err == 0) {
			request->route = &table[i];
			return;
		}
		request->refusal = 404;
		request->reason = "no-such-name";
		return;
	}
	request->refusal = exists || msg->method == SIGMSG_OTHER ? 405 : 404;
	if (request->refusal == 404)
		request->reason = "no-such-target";
}

static void
serve_route(struct request *request)
{
	if (request->route != NULL)
		request->route->handle(request);
	else
		request_answer_status(request, request->refusal,
		    request->reason);
}

static void
answer_unauthorized(struct request *request)
{
	++*request->client->routes->unauthorized;
	request_answer_status(request, 401, "");
}

static void
on_caller(int err, const struct directory_subscriber *found, void *arg)
{
	struct request *request = arg;
	struct client *client = request->client;
	const struct sigmsg *msg = request->msg;

	request->lookup = NULL;
	if (err < 0 && err != -ENOENT) {
		request_answer_no_directory(request);
		return;
	}
	if (err == -ENOENT || directory_device_of(found, msg->token) < 0) {
		answer_unauthorized(request);
		return;
	}
	strcpy(client->who.number, found->number);
	directory_hash(client->who.token_hash, msg->token);
	client->known = true;
	serve_route(request);
}

/*
 * Has this connection sent the same credentials before? Then they need not be
 * checked again.
 */
static bool
is_same(const struct client *client, const struct sigmsg *msg)
{
	uint8_t hash[CRYPTO_SHA256];

	directory_hash(hash, msg->token);
	return client->known && strcmp(client->who.number, msg->user) == 0 &&
	    crypto_equal(client->who.token_hash, hash, sizeof(hash));
}

void
routes_request(struct client *client, const struct sigmsg *msg)
{
	struct request *request = &client->request;
	uint8_t hash[CRYPTO_SHA256];

	++*client->routes->requests[msg->method];
	request->client = client;
	request->msg = msg;
	find_route(request);
	if (request->route != NULL && request->route->open) {
		serve_route(request);
		return;
	}
	if (msg->user[0] == '\0' && !client->known) {
		answer_unauthorized(request);
		return;
	}
	if (msg->user[0] == '\0' || is_same(client, msg)) {
		serve_route(request);
		return;
	}
	directory_hash(hash, msg->token);
	request->lookup = directory_lookup(client->env->directory, msg->user,
	    hash, on_caller, request);
	if (request->lookup == NULL)
		request_answer_no_directory(request);
}

const struct routes_options *
routes_env(const struct routes *routes)
{
	return &routes->options;
}

void
routes_count(struct routes *routes, int status)
{
	++*routes->responses[status / 100];
}

void
routes_count_no_directory(struct routes *routes)
{
	++*routes->unavailable;
}

struct routes *
routes_new(const struct routes_options *options)
{
	struct routes *routes = calloc(1, sizeof(*routes));
	char labels[64];
	int i;

	if (routes == NULL)
		return NULL;
	routes->options = *options;
	for (i = SIGMSG_INITIATE; i <= SIGMSG_OTHER; i++) {
		snprintf(labels, sizeof(labels), "method=\"%s\"",
		    i == SIGMSG_OTHER ? "other" :
		    sigmsg_method_name((enum sigmsg_method)i));
		routes->requests[i] = metrics_counter(options->metrics,
		    "rp_requests_total", labels, "Requests, by method.");
	}
	for (i = 1; i <= 5; i++) {
		snprintf(labels, sizeof(labels), "class=\"%dxx\"", i);
		routes->responses[i] = metrics_counter(options->metrics,
		    "rp_responses_total", labels, "Responses, by class.");
	}
	routes->unauthorized = metrics_counter(options->metrics,
	    "rp_unauthorized_total", "", "Requests answered 401.");
	routes->unavailable = metrics_counter(options->metrics,
	    "rp_directory_unavailable_total", "",
	    "Requests answered 503 because the directory did not answer.");
	return routes;
}

void
routes_free(struct routes *routes)
{
	free(routes);
}
