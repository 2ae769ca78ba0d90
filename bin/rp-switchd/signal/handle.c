#include "signal/handle.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <jansson.h>

#include "calls/calls.h"
#include "conf/settings.h"
#include "ops/gate.h"
#include "signal/answers.h"
#include "signal/client.h"
#include "signal/conn.h"
#include "signal/enrol.h"
#include "signal/respond.h"
#include "signal/routes.h"
#include "signal/trials.h"
#include "signal/ws_upgrade.h"
#include "wire/pushreg.h"

static void
on_callee(int err, const struct directory_subscriber *found, void *arg)
{
	struct client *client = arg;
	struct calls_reply from;

	client->lookup = NULL;
	if (err == -ENOENT) {
		respond_status(client, 404, "no-subscriber");
		return;
	}
	if (err < 0) {
		respond_unavailable(client);
		return;
	}
	calls_initiate(client->routes->options.calls, &client->who, found,
	    client->request, &from);
	respond_calls(client, &from);
}

/* An offer goes into JSON later, so it must be text. */
static bool
is_text(const struct sigmsg *msg)
{
	json_t *text = json_stringn(msg->body, msg->body_len);

	json_decref(text);
	return text != NULL;
}

void
handle_initiate(struct client *client, const char *number)
{
	const struct routes_options *options = &client->routes->options;
	unsigned closed = gate_reasons(options->gate);

	if (closed != 0) {
		respond_status(client, 503, gate_reason_text(closed));
		return;
	}
	if (client->request->body_len == 0 || !is_text(client->request)) {
		respond_status(client, 400, "no-offer");
		return;
	}
	client->lookup = directory_lookup(options->directory, number,
	    on_callee, client);
	if (client->lookup == NULL)
		respond_unavailable(client);
}

void
handle_session(struct client *client, const char *id)
{
	struct calls_reply from;

	calls_request(client->routes->options.calls, &client->who, id,
	    client->request, &from);
	respond_calls(client, &from);
}

static void
on_push_set(int err, void *arg)
{
	struct client *client = arg;

	client->lookup = NULL;
	if (err < 0)
		respond_unavailable(client);
	else
		respond_status(client, 204, "");
}

static void
set_push(struct client *client, const char *registration)
{
	client->lookup = directory_set_push(client->routes->options.directory,
	    client->who.number, client->who.token_hash, registration,
	    on_push_set, client);
	if (client->lookup == NULL)
		respond_unavailable(client);
}

void
handle_put_push(struct client *client, const char *tail)
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
		respond_msg(client, &refusal);
		return;
	}
	set_push(client, registration);
}

void
handle_delete_push(struct client *client, const char *tail)
{
	(void)tail;
	set_push(client, "");
}

void
handle_keepalive(struct client *client, const char *tail)
{
	(void)tail;
	respond_status(client, 200, "");
}

void
handle_switches(struct client *client, const char *tail)
{
	(void)tail;
	respond_json(client, answers_switches(client->routes->options.answers));
}

void
handle_relay(struct client *client, const char *tail)
{
	const struct routes_options *options = &client->routes->options;
	struct sigmsg too_many = { .status = 429, .reason = "too-many-trials" };
	char session[SIGMSG_SESSION];
	uint32_t retry_ms;
	struct addr local;
	int err;

	(void)tail;
	err = trials_begin(options->trials, client->who.number, session,
	    &retry_ms);
	if (err == 0)
		err = conn_local_addr(client->conn, &local);
	if (err == 0) {
		respond_json(client, answers_relay(options->answers, session,
		    TRIALS_S, &local));
	} else if (err == -EAGAIN) {
		too_many.retry_after_s = retry_ms / 1000 + 1;
		respond_msg(client, &too_many);
	} else if (err == -EBUSY) {
		respond_status(client, 503,
		    gate_reason_text(gate_reasons(options->gate)));
	} else {
		respond_status(client, 500, "");
	}
}

void
handle_push_key(struct client *client, const char *tail)
{
	const struct answers *answers = client->routes->options.answers;

	(void)tail;
	if (answers->settings->push_public_key == NULL)
		respond_status(client, 404, "no-key");
	else
		respond_json(client, answers_push_key(answers));
}

void
handle_upgrade(struct client *client, const char *tail)
{
	struct sigmsg answer;

	(void)tail;
	if (conn_is_upgraded(client->conn)) {
		respond_status(client, 400, "upgraded");
		return;
	}
	ws_upgrade_answer(&answer, client->request,
	    &client->routes->options.answers->settings->web_origins);
	if (answer.status != 101) {
		respond_msg(client, &answer);
		return;
	}
	client->request = NULL;
	++*client->routes->responses[1];
	conn_upgrade(client->conn, &answer);
}

void
handle_verification(struct client *client, const char *number)
{
	struct enrol *enrol = client->routes->options.enrol;
	struct sigmsg msg = { .status = 429 };
	uint32_t retry_ms = 0;
	int err;

	if (enrol == NULL) {
		respond_status(client, 404, "no-registration");
		return;
	}
	err = enrol_send(enrol, number, &client->peer, &retry_ms);
	if (err == 0) {
		respond_status(client, 202, "");
	} else if (err == -EAGAIN) {
		strcpy(msg.reason, "too-many-codes");
		msg.retry_after_s = retry_ms / 1000 + 1;
		respond_msg(client, &msg);
	} else {
		respond_status(client, 503, "no-push");
	}
}

static void
on_subscribed(int err, void *arg)
{
	struct client *client = arg;

	client->lookup = NULL;
	if (err == -ENOSPC)
		respond_status(client, 409, "too-many-devices");
	else if (err < 0 && err != -EEXIST)
		respond_unavailable(client);
	else
		respond_status(client, 201, "");
}

void
handle_subscriber(struct client *client, const char *number)
{
	const struct routes_options *options = &client->routes->options;
	const struct sigmsg *msg = client->request;
	uint8_t hash[CRYPTO_SHA256];
	struct enrol_claim claim;

	if (options->enrol == NULL) {
		respond_status(client, 404, "no-registration");
		return;
	}
	if (enrol_claim_parse(&claim, msg->body, msg->body_len) < 0) {
		respond_status(client, 400, "bad-claim");
		return;
	}
	if (enrol_check(options->enrol, number, claim.code) < 0) {
		respond_status(client, 403, "code");
		return;
	}
	directory_hash(hash, claim.token);
	client->lookup = directory_add(options->directory, number, hash,
	    on_subscribed, client);
	if (client->lookup == NULL)
		respond_unavailable(client);
}
