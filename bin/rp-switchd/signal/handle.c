/*
 * handle: a function per request of rp-signal(7); each answers once. Called by
 * routes through its table. See handle.h.
 */
#include "signal/handle.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "calls/calls.h"
#include "calls/offers.h"
#include "conf/settings.h"
#include "ops/gate.h"
#include "push/push.h"
#include "signal/answers.h"
#include "signal/client.h"
#include "signal/conn.h"
#include "signal/enrol.h"
#include "signal/guests.h"
#include "signal/joins.h"
#include "signal/numbers.h"
#include "signal/request.h"
#include "signal/routes.h"
#include "signal/smsowner.h"
#include "signal/trials.h"
#include "signal/writes.h"
#include "signal/ws_upgrade.h"
#include "wire/hostport.h"
#include "wire/pushreg.h"
#include "wire/why.h"

#define HTTPS 443

static void
on_callee(int err, const struct directory_subscriber *found, void *arg)
{
	struct request *request = arg;
	struct calls_reply from;

	request->lookup = NULL;
	if (err == -ENOENT && numbers_look_up_again(request, request->tail,
	    NULL, on_callee))
		return;
	/* To callers a blocked number does not exist. */
	if (err == -ENOENT || (err == 0 && found->blocked_s != 0)) {
		calls_count_unknown(request->client->env->calls,
		    &request->client->who);
		request_answer_status(request, 404, "no-subscriber");
		return;
	}
	if (err < 0) {
		request_answer_no_directory(request);
		return;
	}
	if (!guests_have_room(request))
		return;
	if (conn_local_addr(request->client->conn,
	    &request->client->who.local) < 0)
		request->client->who.local = (struct addr){ 0 };
	request_hold(request);
	calls_initiate(request->client->env->calls, &request->client->who,
	    found, request->msg, &from);
	request_answer_calls(request, &from);
}

/*
 * Has the answer to a callee room for the offer, if there is one? Bytes that
 * are not text get a refusal of their own.
 */
static bool
has_room(const struct request *request)
{
	const struct sigmsg *msg = request->msg;

	return msg->body_len == 0 || !offers_is_text(msg) || answers_has_room(
	    request->client->env->answers, msg->body, msg->body_len);
}

bool
handle_may_initiate(struct request *request)
{
	const struct client *client = request->client;
	struct calls_reply refusal = { 0 };

	if (calls_may_begin(client->env->calls, &client->who, request->msg,
	    &refusal))
		return true;
	if (refusal.status == 429)
		request_answer_wait(request, refusal.reason,
		    refusal.retry_after_s * 1000 - 1);
	else
		request_answer_status(request, refusal.status, refusal.reason);
	return false;
}

void
handle_initiate(struct request *request)
{
	const struct routes_options *env = request->client->env;

	if (!handle_may_initiate(request) || !guests_count(request))
		return;
	calls_count_try(env->calls, &request->client->who);
	if (!has_room(request)) {
		request_answer_status(request, 413, "offer");
		return;
	}
	request->lookup = directory_lookup(env->directory, request->tail,
	    NULL, on_callee, request);
	if (request->lookup == NULL)
		request_answer_no_directory(request);
}

void
handle_session(struct request *request)
{
	struct calls_reply from;

	/* An offer may also come in an INFO, after INITIATE. */
	if (offers_is_one(request->msg) && !has_room(request)) {
		request_answer_status(request, 413, "offer");
		return;
	}
	request_hold(request);
	calls_request(request->client->env->calls, &request->client->who,
	    request->tail, request->msg, &from);
	request_answer_calls(request, &from);
}

static void
on_push_set(int err, void *arg)
{
	struct request *request = arg;

	request->lookup = NULL;
	if (request->proved)
		enrol_settle(request->client->env->enrol, request->number,
		    err == 0);
	if (err < 0)
		request_answer_unwritten(request, err);
	else
		request_answer_status(request, 204, "");
}

static void
set_push(struct request *request, const char *registration)
{
	const struct client *client = request->client;

	if (!writes_allow(client->env->writes, request, client->who.number))
		return;
	request->lookup = directory_set_push(client->env->directory,
	    client->who.number, client->who.token_hash, registration,
	    on_push_set, request);
	if (request->lookup == NULL)
		request_answer_no_directory(request);
}

static void
set_sms(struct request *request, bool owned)
{
	char registration[DIRECTORY_PUSH];

	if (!owned) {
		request_answer_text(request, 403, "number", "an SMS goes to "
		    "your own number only, or to one whose code you send");
		return;
	}
	snprintf(registration, sizeof(registration),
	    "{\"type\":\"sms\",\"to\":{\"number\":\"%s\"}}",
	    request->number);
	set_push(request, registration);
}

/* Register the request's body. `registered` is the device's present one. */
static void
put_push(struct request *request, const char *registered)
{
	const struct routes_options *env = request->client->env;
	const struct conf_strings *keys =
	    &env->answers->settings->push_public_keys;
	const struct sigmsg *msg = request->msg;
	const struct pushreg_options options = {
		.reach = push_reach(env->push),
		.keys = keys->item, .n_keys = keys->n,
		.registered = registered
	};
	char registration[DIRECTORY_PUSH], why[WHY_TEXT];
	int err;

	err = pushreg_parse(registration, sizeof(registration),
	    msg->body != NULL ? msg->body : "", msg->body_len, &options, why);
	if (err == -ENOMEM) {
		request_answer_status(request, 500, "");
		return;
	}
	if (err < 0) {
		request_answer_text(request, 400, "bad-registration", why);
		return;
	}
	err = smsowner_parse(request, why);
	if (err == 0)
		smsowner_check(request, set_sms);
	else if (err == -ENOENT)
		set_push(request, registration);
	else
		request_answer_text(request, 400, "bad-registration", why);
}

static void
on_own_devices(int err, const struct directory_subscriber *found, void *arg)
{
	struct request *request = arg;
	const struct client *client = request->client;
	int i = -1;

	if (!request_looked_up(request, err))
		return;
	if (err == 0)
		i = directory_device_by_hash(found, client->who.token_hash);
	put_push(request, i >= 0 ? found->devices[i].push : NULL);
}

/* While a VAPID key is replaced, the key of a registration is looked up. */
void
handle_put_push(struct request *request)
{
	const struct client *client = request->client;

	if (client->env->answers->settings->push_public_keys.n < 2) {
		put_push(request, NULL);
		return;
	}
	request->lookup = directory_lookup(client->env->directory,
	    client->who.number, client->who.token_hash, on_own_devices,
	    request);
	if (request->lookup == NULL)
		request_answer_no_directory(request);
}

void
handle_delete_push(struct request *request)
{
	set_push(request, "");
}

void
handle_keepalive(struct request *request)
{
	request_answer_status(request, 200, "");
}

void
handle_switches(struct request *request)
{
	request_answer_json(request,
	    answers_switches(request->client->env->answers));
}

void
handle_relay(struct request *request)
{
	const struct client *client = request->client;
	const struct routes_options *env = client->env;
	char session[SIGMSG_SESSION];
	uint32_t retry_ms;
	struct addr local;
	int err;

	err = trials_begin(env->trials, client->who.number,
	    client->who.token_hash, session, &retry_ms);
	if (err == 0)
		err = conn_local_addr(client->conn, &local);
	if (err == 0)
		request_answer_json(request, answers_relay(env->answers,
		    session, TRIALS_S, &local));
	else if (err == -EAGAIN)
		request_answer_wait(request, "too-many-trials", retry_ms);
	else if (err == -EBUSY)
		request_answer_status(request, 503,
		    gate_reason_text(gate_reasons(env->gate)));
	else
		request_answer_status(request, 500, "");
}

void
handle_push_key(struct request *request)
{
	const struct answers *answers = request->client->env->answers;

	if (answers->settings->push_public_keys.n == 0)
		request_answer_status(request, 404, "no-key");
	else
		request_answer_json(request, answers_push_key(answers));
}

/*
 * Is it a page that this switch serves? A browser leaves the usual port out, from
 * which an operator may forward to ours.
 */
static bool
is_own_page(const struct request *request)
{
	static const char scheme[] = "https://";
	const struct client *client = request->client;
	const struct answers *answers = client->env->answers;
	const char *origin = request->msg->origin;
	struct hostport host;

	if (answers->web == NULL ||
	    strncmp(origin, scheme, sizeof(scheme) - 1) != 0 ||
	    hostport_parse(&host, origin + sizeof(scheme) - 1, HTTPS) < 0)
		return false;
	return (host.port == HTTPS || host.port == addr_port(answers->web)) &&
	    conn_is_named(client->conn, host.name, answers->settings->name);
}

void
handle_upgrade(struct request *request)
{
	const struct client *client = request->client;
	struct sigmsg answer;

	if (conn_is_upgraded(client->conn)) {
		request_answer_status(request, 400, "upgraded");
		return;
	}
	ws_upgrade_answer(&answer, request->msg,
	    &client->env->answers->settings->web_origins,
	    is_own_page(request));
	if (answer.status == 101)
		request_upgrade(request, &answer);
	else
		request_answer(request, &answer);
}

/* Say that a device may have a key in place of a token. */
static void
answer_code_sent(struct request *request)
{
	static const char keys[] = "{\"keys\":true}";
	const struct sigmsg sent = {
		.status = 202, .content_type = "application/json",
		.body = keys, .body_len = sizeof(keys) - 1
	};

	request_answer(request, &sent);
}

void
handle_verification(struct request *request)
{
	struct enrol *enrol = request->client->env->enrol;
	uint32_t retry_ms = 0;
	int err;

	if (enrol == NULL) {
		request_answer_status(request, 404, "no-registration");
		return;
	}
	if (!numbers_may_sign_up(request))
		return;
	err = enrol_send(enrol, request->number, &request->client->who.peer,
	    &retry_ms);
	if (err == 0)
		answer_code_sent(request);
	else if (err == -EAGAIN)
		request_answer_wait(request, "too-many-codes", retry_ms);
	else
		request_answer_status(request, 503, "no-push");
}

static void
on_subscribed(int err, void *arg)
{
	struct request *request = arg;

	request->lookup = NULL;
	/* The code is used up when there is a device for it, and not before. */
	enrol_settle(request->client->env->enrol, request->number,
	    err == 0 || err == -EEXIST);
	if (err == -ENOSPC)
		request_answer_status(request, 409, "too-many-devices");
	else if (err < 0 && err != -EEXIST)
		request_answer_unwritten(request, err);
	else
		request_answer_status(request, 201, "");
}

/* Add the device of `request->who.token_hash`, whose turn it is. */
static void
add_device(struct request *request)
{
	const struct routes_options *env = request->client->env;

	request->lookup = directory_add(env->directory, request->number,
	    request->who.token_hash, true, on_subscribed, request);
	if (request->lookup != NULL)
		return;
	enrol_settle(env->enrol, request->number, false);
	request_answer_no_directory(request);
}

void
handle_subscriber(struct request *request)
{
	const struct routes_options *env = request->client->env;
	const struct sigmsg *msg = request->msg;
	struct enrol_claim claim;
	uint32_t retry_ms;
	int err = enrol_claim_parse(&claim, msg->body, msg->body_len);

	/* An operator's link needs no registration, and takes any number. */
	if (err == 0 && claim.link) {
		joins_redeem(request, &claim);
		return;
	}
	if (env->enrol == NULL) {
		request_answer_status(request, 404, "no-registration");
		return;
	}
	if (!numbers_may_sign_up(request))
		return;
	if (err < 0) {
		request_answer_status(request, 400, "bad-claim");
		return;
	}
	memcpy(request->who.token_hash, claim.hash, sizeof(claim.hash));
	err = enrol_check(env->enrol, request->number, claim.code, claim.hash,
	    &request->client->who.peer, &retry_ms);
	if (err == 0)
		writes_wait(env->writes, request, request->number, add_device);
	else if (err == -EAGAIN)
		request_answer_wait(request, "too-many-guesses", retry_ms);
	else
		request_answer_status(request, 403, "code");
}
