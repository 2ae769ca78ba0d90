#include "signal/routes.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ops/metrics.h"
#include "signal/client.h"
#include "signal/handle.h"
#include "signal/respond.h"

static const struct route {
	enum sigmsg_method method;
	const char *target;
	bool tail;		/* target is followed by a number or an id */
	void (*serve)(struct client *client, const char *tail);
	bool open;		/* to who has no credentials, too */
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

/* What is wanted; NULL, and why not in *status and *reason. */
static const struct route *
find_route(const struct sigmsg *msg, char tail[static SIGMSG_NUMBER],
    int *status, const char **reason)
{
	bool exists = false;
	size_t i;
	int err;

	*reason = "";
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (table[i].tail)
			err = sigmsg_target_tail(msg->target, table[i].target,
			    tail, SIGMSG_NUMBER);
		else
			err = strcmp(msg->target, table[i].target) == 0 ? 0 :
			    -ENOENT;
		if (err == -ENOENT)
			continue;
		exists = true;
		if (table[i].method != msg->method)
			continue;
		if (err == 0)
			return &table[i];
		*status = 404;
		*reason = "no-such-name";
		return NULL;
	}
	*status = exists || msg->method == SIGMSG_OTHER ? 405 : 404;
	if (*status == 404)
		*reason = "no-such-target";
	return NULL;
}

/* The client is known: do what it wants. */
static void
dispatch(struct client *client)
{
	char tail[SIGMSG_NUMBER] = "";
	const struct route *route;
	const char *reason;
	int status;

	route = find_route(client->request, tail, &status, &reason);
	if (route != NULL)
		route->serve(client, tail);
	else
		respond_status(client, status, reason);
}

static bool
is_open(const struct sigmsg *msg)
{
	char tail[SIGMSG_NUMBER];
	const struct route *route;
	const char *reason;
	int status;

	route = find_route(msg, tail, &status, &reason);
	return route != NULL && route->open;
}

static void
on_caller(int err, const struct directory_subscriber *found, void *arg)
{
	struct client *client = arg;
	const struct sigmsg *msg = client->request;

	client->lookup = NULL;
	if (err < 0 && err != -ENOENT) {
		respond_unavailable(client);
		return;
	}
	if (err == -ENOENT || directory_device_of(found, msg->token) < 0) {
		++*client->routes->unauthorized;
		respond_status(client, 401, "");
		return;
	}
	strcpy(client->who.number, found->number);
	directory_hash(client->who.token_hash, msg->token);
	client->known = true;
	dispatch(client);
}

/* Has this connection said the same before? Then it need not be asked again. */
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
	struct routes *routes = client->routes;

	++*routes->requests[msg->method];
	client->request = msg;
	if (is_open(msg)) {
		dispatch(client);
		return;
	}
	if (msg->user[0] == '\0' && !client->known) {
		++*routes->unauthorized;
		respond_status(client, 401, "");
		return;
	}
	if (msg->user[0] == '\0' || is_same(client, msg)) {
		dispatch(client);
		return;
	}
	client->lookup = directory_lookup(routes->options.directory,
	    msg->user, on_caller, client);
	if (client->lookup == NULL)
		respond_unavailable(client);
}

void
routes_leave(struct client *client)
{
	if (client->lookup != NULL)
		directory_cancel(client->lookup);
	client->lookup = NULL;
	client->request = NULL;
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
	    "Requests answered 503 since the directory did not answer.");
	return routes;
}

void
routes_free(struct routes *routes)
{
	free(routes);
}
