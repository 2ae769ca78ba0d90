#include "routes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "answers.h"
#include "calls.h"
#include "client.h"
#include "conn.h"
#include "gate.h"
#include "mail.h"
#include "metrics.h"
#include "settings.h"
#include "upgrade.h"
#include "wire/pushreg.h"

#define RETRY_S 2		/* 503: another switch may be tried at once */

struct routes {
	struct routes_options options;
	uint64_t *requests[SIGMSG_OTHER + 1];
	uint64_t *responses[6];		/* by hundreds */
	uint64_t *unauthorized, *unavailable;
};

/* The last word on a request, whatever it was. */
static void
reply(struct client *client, const struct sigmsg *msg)
{
	client->request = NULL;
	++*client->routes->responses[msg->status / 100];
	conn_reply(client->conn, msg);
}

static void
reply_status(struct client *client, int status, const char *reason)
{
	struct sigmsg msg = { .status = status };

	if (status == 503)
		msg.retry_after_s = RETRY_S;
	/* One guess at a token for each TLS handshake. */
	if (status == 401)
		msg.close = true;
	snprintf(msg.reason, sizeof(msg.reason), "%s", reason);
	reply(client, &msg);
}

/* text is malloc'd, and freed here. */
static void
reply_json(struct client *client, char *text)
{
	struct sigmsg msg = {
		.status = 200, .content_type = "application/json", .body = text
	};

	if (text == NULL) {
		reply_status(client, 500, "");
		return;
	}
	msg.body_len = strlen(text);
	reply(client, &msg);
	free(text);
}

/* The directory does not answer. */
static void
reply_unavailable(struct client *client)
{
	++*client->routes->unavailable;
	reply_status(client, 503, "no-directory");
}

/* What calls said, then what it has for this connection meanwhile. */
static void
reply_calls(struct client *client, const struct calls_reply *from)
{
	struct sigmsg msg = {
		.status = from->status, .retry_after_s = from->retry_after_s
	};
	struct addr local;
	char *text = NULL;

	strcpy(msg.reason, from->reason);
	if (from->status == 503)
		msg.retry_after_s = RETRY_S;
	if (from->session != NULL) {
		if (conn_local_addr(client->conn, &local) == 0)
			text = answers_session(client->routes->options.answers,
			    from, &local);
		if (text != NULL) {
			msg.body = text;
			msg.body_len = strlen(text);
			strcpy(msg.content_type, "application/json");
		} else {
			msg.status = 500;
		}
	}
	reply(client, &msg);
	free(text);
	mail_line_release(client->who.line);
}

static void
on_callee(int err, const struct directory_subscriber *found, void *arg)
{
	struct client *client = arg;
	struct calls_reply from;

	client->lookup = NULL;
	if (err == -ENOENT) {
		reply_status(client, 404, "no-subscriber");
		return;
	}
	if (err < 0) {
		reply_unavailable(client);
		return;
	}
	calls_initiate(client->routes->options.calls, &client->who, found,
	    client->request, &from);
	reply_calls(client, &from);
}

/* An offer goes into JSON later, so it must be text. */
static bool
is_text(const struct sigmsg *msg)
{
	json_t *text = json_stringn(msg->body, msg->body_len);

	json_decref(text);
	return text != NULL;
}

static void
initiate(struct client *client, const char *number)
{
	const struct routes_options *options = &client->routes->options;
	unsigned closed = gate_reasons(options->gate);

	if (closed != 0) {
		reply_status(client, 503, gate_reason_text(closed));
		return;
	}
	if (client->request->body_len == 0 || !is_text(client->request)) {
		reply_status(client, 400, "no-offer");
		return;
	}
	client->lookup = directory_lookup(options->directory, number,
	    on_callee, client);
	if (client->lookup == NULL)
		reply_unavailable(client);
}

static void
session(struct client *client, const char *id)
{
	struct calls_reply from;

	calls_request(client->routes->options.calls, &client->who, id,
	    client->request, &from);
	reply_calls(client, &from);
}

static void
on_push_set(int err, void *arg)
{
	struct client *client = arg;

	client->lookup = NULL;
	if (err < 0)
		reply_unavailable(client);
	else
		reply_status(client, 204, "");
}

static void
set_push(struct client *client, const char *registration)
{
	client->lookup = directory_set_push(client->routes->options.directory,
	    client->who.number, client->who.token_hash, registration,
	    on_push_set, client);
	if (client->lookup == NULL)
		reply_unavailable(client);
}

static void
put_push(struct client *client, const char *tail)
{
	const struct sigmsg *msg = client->request;
	char registration[DIRECTORY_PUSH], why[PUSHREG_WHY];

	(void)tail;
	if (pushreg_parse(registration, sizeof(registration),
	    msg->body != NULL ? msg->body : "", msg->body_len, why) < 0) {
		struct sigmsg refusal = {
			.status = 400, .body = why, .body_len = strlen(why)
		};

		strcpy(refusal.content_type, "text/plain");
		strcpy(refusal.reason, "bad-registration");
		reply(client, &refusal);
		return;
	}
	set_push(client, registration);
}

static void
delete_push(struct client *client, const char *tail)
{
	(void)tail;
	set_push(client, "");
}

static void
keepalive(struct client *client, const char *tail)
{
	(void)tail;
	reply_status(client, 200, "");
}

static void
switches(struct client *client, const char *tail)
{
	(void)tail;
	reply_json(client, answers_switches(client->routes->options.answers));
}

static void
push_key(struct client *client, const char *tail)
{
	const struct answers *answers = client->routes->options.answers;

	(void)tail;
	if (answers->settings->push_public_key == NULL)
		reply_status(client, 404, "no-key");
	else
		reply_json(client, answers_push_key(answers));
}

static const struct {
	enum sigmsg_method method;
	const char *target;
	bool tail;		/* target is followed by a number or an id */
	void (*serve)(struct client *client, const char *tail);
} table[] = {
	{ SIGMSG_INITIATE, "/session/", true, initiate },
	{ SIGMSG_RING, "/session/", true, session },
	{ SIGMSG_ANSWER, "/session/", true, session },
	{ SIGMSG_INFO, "/session/", true, session },
	{ SIGMSG_BUSY, "/session/", true, session },
	{ SIGMSG_HANGUP, "/session/", true, session },
	{ SIGMSG_RESUME, "/session/", true, session },
	{ SIGMSG_PUT, "/push", false, put_push },
	{ SIGMSG_DELETE, "/push", false, delete_push },
	{ SIGMSG_GET, "/push/key", false, push_key },
	{ SIGMSG_GET, "/keepalive", false, keepalive },
	{ SIGMSG_GET, "/switches", false, switches },
};

/* The client is known: find out what it wants. */
static void
dispatch(struct client *client)
{
	const struct sigmsg *msg = client->request;
	char tail[SIGMSG_NUMBER] = "";
	bool exists = false;
	size_t i;
	int err;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (table[i].tail)
			err = sigmsg_target_tail(msg->target, table[i].target,
			    tail, sizeof(tail));
		else
			err = strcmp(msg->target, table[i].target) == 0 ? 0 :
			    -ENOENT;
		if (err == -ENOENT)
			continue;
		exists = true;
		if (table[i].method != msg->method)
			continue;
		if (err == 0)
			table[i].serve(client, tail);
		else
			reply_status(client, 404, "no-such-name");
		return;
	}
	if (exists || msg->method == SIGMSG_OTHER)
		reply_status(client, 405, "");
	else
		reply_status(client, 404, "no-such-target");
}

static void
on_caller(int err, const struct directory_subscriber *found, void *arg)
{
	struct client *client = arg;
	const struct sigmsg *msg = client->request;

	client->lookup = NULL;
	if (err < 0 && err != -ENOENT) {
		reply_unavailable(client);
		return;
	}
	if (err == -ENOENT || directory_device_of(found, msg->token) < 0) {
		++*client->routes->unauthorized;
		reply_status(client, 401, "");
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

/* GET /signal. Who it is, the first message in a frame says. */
static void
upgrade(struct client *client)
{
	struct sigmsg answer;

	if (conn_is_upgraded(client->conn)) {
		reply_status(client, 400, "upgraded");
		return;
	}
	upgrade_answer(&answer, client->request,
	    &client->routes->options.answers->settings->web_origins);
	if (answer.status != 101) {
		reply(client, &answer);
		return;
	}
	client->request = NULL;
	++*client->routes->responses[1];
	conn_upgrade(client->conn, &answer);
}

void
routes_request(struct client *client, const struct sigmsg *msg)
{
	struct routes *routes = client->routes;

	++*routes->requests[msg->method];
	client->request = msg;
	if (msg->method == SIGMSG_GET && strcmp(msg->target, "/signal") == 0) {
		upgrade(client);
		return;
	}
	if (msg->user[0] == '\0' && !client->known) {
		++*routes->unauthorized;
		reply_status(client, 401, "");
		return;
	}
	if (msg->user[0] == '\0' || is_same(client, msg)) {
		dispatch(client);
		return;
	}
	client->lookup = directory_lookup(routes->options.directory,
	    msg->user, on_caller, client);
	if (client->lookup == NULL)
		reply_unavailable(client);
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
