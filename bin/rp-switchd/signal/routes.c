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

#include "base/clock.h"
#include "base/crypto.h"
#include "base/pace.h"
#include "calls/revoked.h"
#include "directory/directory.h"
#include "conf/settings.h"
#include "ops/metrics.h"
#include "signal/answers.h"
#include "signal/blocklist.h"
#include "signal/client.h"
#include "signal/conn.h"
#include "signal/devices.h"
#include "signal/guests.h"
#include "signal/handle.h"
#include "signal/lastuse.h"
#include "signal/numbers.h"
#include "signal/places.h"
#include "signal/proofs.h"
#include "signal/request.h"
#include "signal/standing.h"
#include "signal/writes.h"

#define FRESH_MS 1000	/* a look-up this old counts as the request's own */
#define NOTES 16		/* of last use, in flight */
/*
 * Per minute, of one connection. Each costs a look-up and perhaps the check of a
 * signature. A client has one device as a rule, but may spell its number in
 * another form than ours with each request of a call.
 */
#define CHANGES 300
#define CHANGES_MS 60000

/*
 * The statuses that handlers answer, in rp-signal(7). Each has a counter from
 * the start, and any other is counted by its class.
 */
static const int codes[] = {
	101, 200, 201, 202, 204, 400, 401, 403, 404, 405, 409, 410, 426, 429,
	480, 500, 503
};
#define CODES (sizeof(codes) / sizeof(codes[0]))

struct routes {
	struct routes_options options;
	uint64_t *requests[SIGMSG_OTHER + 1];
	uint64_t *responses[CODES];
	uint64_t *others[6];		/* by class: 2 for 2xx */
	uint64_t *unauthorized, *unavailable;
	unsigned notes;			/* of last use, in flight */
	struct proofs *proofs;
};

static const struct route {
	enum sigmsg_method method;
	const char *target;
	bool tail;		/* target is followed by a number or an id */
	void (*handle)(struct request *request);
	bool open;		/* to clients without credentials, too */
	bool fresh;		/* look a known client up again */
} table[] = {
	{ SIGMSG_GET, "/signal", false, handle_upgrade, true, false },
	{ SIGMSG_POST, "/verification/", true, handle_verification, true,
	    false },
	{ SIGMSG_PUT, "/subscriber/", true, handle_subscriber, true, false },
	{ SIGMSG_INITIATE, "/session/", true, handle_initiate, false, true },
	{ SIGMSG_RING, "/session/", true, handle_session, false, false },
	{ SIGMSG_ANSWER, "/session/", true, handle_session, false, false },
	{ SIGMSG_INFO, "/session/", true, handle_session, false, false },
	{ SIGMSG_BUSY, "/session/", true, handle_session, false, false },
	{ SIGMSG_HANGUP, "/session/", true, handle_session, false, false },
	{ SIGMSG_RESUME, "/session/", true, handle_session, false, false },
	{ SIGMSG_PUT, "/push", false, handle_put_push, false, false },
	{ SIGMSG_DELETE, "/push", false, handle_delete_push, false, false },
	{ SIGMSG_GET, "/push/key", false, handle_push_key, false, false },
	{ SIGMSG_GET, "/keepalive", false, handle_keepalive, false, false },
	{ SIGMSG_GET, "/switches", false, handle_switches, false, false },
	{ SIGMSG_GET, "/relay", false, handle_relay, false, true },
	{ SIGMSG_GET, "/devices", false, devices_list, false, false },
	{ SIGMSG_DELETE, "/devices/", true, devices_remove, false, false },
	{ SIGMSG_GET, "/blocked", false, blocklist_show, false, false },
	{ SIGMSG_PUT, "/blocked/", true, blocklist_add, false, false },
	{ SIGMSG_DELETE, "/blocked/", true, blocklist_remove, false, false },
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
		request->refusal = table[i].open ? 400 : 404;
		request->reason = table[i].open ? "bad-number" :
		    "no-such-name";
		return;
	}
	request->refusal = exists || msg->method == SIGMSG_OTHER ? 405 : 404;
	if (request->refusal == 404)
		request->reason = "no-such-target";
}

static void
on_noted(int err, void *arg)
{
	struct routes *routes = arg;

	(void)err;		/* nobody waits for it */
	routes->notes--;
}

/* Is it about the client's own entries? One of a subscriber at a time. */
static bool
takes_turns(const struct route *route)
{
	return route->handle == handle_put_push ||
	    route->handle == handle_delete_push ||
	    route->handle == devices_list || route->handle == devices_remove ||
	    route->handle == blocklist_show ||
	    route->handle == blocklist_add || route->handle == blocklist_remove;
}

static void
serve_route(struct request *request)
{
	const struct client *client = request->client;

	if (request->route != NULL && takes_turns(request->route))
		writes_wait(client->env->writes, request, client->who.number,
		    request->route->handle);
	else if (request->route != NULL)
		request->route->handle(request);
	else
		request_answer_status(request, request->refusal,
		    request->reason);
}

static bool
is_about_a_session(const struct request *request)
{
	return request->route != NULL &&
	    request->route->handle == handle_session;
}

/* Has the client of these credentials a call that it may finish? */
static bool
may_finish(const struct request *request, const struct calls_who *who)
{
	return is_about_a_session(request) &&
	    revoked_is_party(request->client->env->calls, request->tail, who);
}

/*
 * Note the day of the device's use. The directory gets few of these writes at
 * once, because at midnight they are due for all.
 */
static void
note_use(struct client *client)
{
	struct routes *routes = client->routes;

	if (client->who.guest || routes->notes >= NOTES ||
	    *directory_why(client->env->directory, true) != '\0')
		return;
	if (!lastuse_first(client->env->lastuse, client->who.token_hash,
	    clock_wall_s()))
		return;
	if (directory_seen(client->env->directory, client->who.number,
	    client->who.token_hash, on_noted, routes) != NULL)
		routes->notes++;
}

/* Is the client of these credentials in the call that it asks about? */
static bool
is_of_call(const struct request *request, const struct calls_who *who)
{
	return is_about_a_session(request) &&
	    revoked_is_of_call(request->client->env->calls, request->tail, who);
}

/* Serve a client that is known, though perhaps not to go on. */
static void
serve_known(struct request *request)
{
	struct client *client = request->client;
	bool talks;

	if (!places_may_stay(client->env->places, client) &&
	    !is_of_call(request, &client->who) &&
	    !revoked_has_call(client->who.link)) {
		request_answer_no_place(request);
		return;
	}
	if (client->refused == 0) {
		if (client->who.guest && !guests_may(request))
			return;
		note_use(client);
		serve_route(request);
		return;
	}
	talks = revoked_is_in_call(client->who.link);
	if (may_finish(request, &client->who) || (talks &&
	    request->route != NULL && request->route->handle ==
	    handle_keepalive))
		serve_route(request);
	else
		request_refuse(request, client->refused, !talks);
}

/* Has the connection authenticated as the client of this request? */
static bool
is_known(const struct client *client, const struct calls_who *who)
{
	return client->known && client->who.guest == who->guest &&
	    strcmp(client->who.number, who->number) == 0 &&
	    crypto_equal(client->who.token_hash, who->token_hash,
	    CRYPTO_SHA256);
}

/*
 * Make the request's client that of the connection, as the directory knows it.
 * Return false if there is no place for it; the request is then answered.
 */
static bool
set_known(struct request *request)
{
	struct client *client = request->client;
	const struct calls_who *who = &request->who;

	if (!places_know(client->env->places, client, who->number,
	    is_of_call(request, who))) {
		request_answer_no_place(request);
		return false;
	}
	conn_trust(client->conn);
	strcpy(client->who.number, who->number);
	memcpy(client->who.token_hash, who->token_hash, CRYPTO_SHA256);
	client->who.guest = who->guest;
	client->guest = request->guest;
	client->known = true;
	client->by_call = false;
	standing_enter(client->env->standing, client);
	return true;
}

/* Refuse who was looked up, unless there is a call to finish. */
static void
refuse_caller(struct request *request, int status, bool calls_end)
{
	struct client *client = request->client;

	if (is_known(client, &request->who)) {
		standing_lose(client->env->standing, client, status,
		    calls_end);
		return;
	}
	if (calls_end && is_about_a_session(request))
		revoked_end_session(client->env->calls, request->tail,
		    &request->who);
	if (calls_end || !may_finish(request, &request->who)) {
		request_refuse(request, status, true);
		return;
	}
	if (!set_known(request))
		return;
	client->refused = status;
	serve_route(request);
}

/* Is there such a device, or a call of it to finish? */
static bool
is_there(const struct request *request,
    const struct directory_subscriber *found)
{
	return (found != NULL && directory_device_by_hash(found,
	    request->who.token_hash) >= 0) ||
	    may_finish(request, &request->who);
}

/*
 * Has the client proved that it is the device that it says? A token does, because
 * its hash is known. A signature is checked only where the device exists. So
 * strangers cost no cryptography. If it has not, the request is answered.
 */
static bool
is_proved(struct request *request, bool exists)
{
	const struct client *client = request->client;
	const struct sigmsg *msg = request->msg;
	uint32_t wait_ms;
	int err = -EACCES;

	if (msg->key[0] == '\0' || is_known(client, &request->who))
		return true;
	if (exists)
		err = proofs_check(client->routes->proofs, msg, client->conn,
		    client->env->answers->settings->name, &wait_ms);
	if (err == -EBUSY)
		request_answer_wait(request, "too-many-proofs", wait_ms);
	else if (err < 0)
		request_refuse(request, 401, true);
	return err == 0;
}

/*
 * Is the client, with this very device, a party of the session that it asks
 * about? It may spell its number in another way than the session has it.
 */
static bool
is_vouched_for(struct request *request)
{
	const struct calls *calls = request->client->env->calls;
	struct calls_who *who = &request->who, other = *who;

	if (!is_about_a_session(request))
		return false;
	if (revoked_is_device_of(calls, request->tail, who))
		return true;
	if (who->guest || !numbers_other_form(request, who->number,
	    other.number) || !revoked_is_device_of(calls, request->tail,
	    &other))
		return false;
	strcpy(who->number, other.number);
	return true;
}

/*
 * Serve a request while the directory does not answer. A client that is known
 * goes on. A call vouches for its parties, because it has the hashes by which
 * they were looked up as it began. They may speak about it, and no more, until
 * the directory has answered. A client that asks about a call which is not here
 * is told so at once, because the switch that had it has died.
 */
static void
serve_without_directory(struct request *request)
{
	struct client *client = request->client;

	request->looked_again = false;
	if (is_known(client, &request->who) && !client->by_call) {
		serve_known(request);
		return;
	}
	if (!is_vouched_for(request)) {
		if (is_about_a_session(request) &&
		    !calls_has(client->env->calls, request->tail))
			request_answer_status(request, 404, "");
		else
			request_answer_no_directory(request);
		return;
	}
	if (!is_proved(request, true) || !set_known(request))
		return;
	client->by_call = true;
	serve_known(request);
}

static void
on_caller(int err, const struct directory_subscriber *found, void *arg)
{
	struct request *request = arg;
	bool calls_end;
	int status;

	request->lookup = NULL;
	if (err < 0 && err != -ENOENT) {
		serve_without_directory(request);
		return;
	}
	if ((err == -ENOENT || directory_device_by_hash(found,
	    request->who.token_hash) < 0) && numbers_look_up_again(request,
	    request->who.number, request->who.token_hash, on_caller))
		return;
	request->looked_again = false;
	if (!is_proved(request, is_there(request, found)))
		return;
	if (found != NULL)
		strcpy(request->who.number, found->number);
	status = standing_of(found, request->who.token_hash, &calls_end);
	if (status != 0) {
		refuse_caller(request, status, calls_end);
		return;
	}
	if (set_known(request))
		serve_known(request);
}

static void
on_guest(int err, const struct directory_link *link, void *arg)
{
	struct request *request = arg;

	request->lookup = NULL;
	if (err < 0 && err != -ENOENT)
		serve_without_directory(request);
	else if (err < 0 || !guests_read(&request->guest, link))
		refuse_caller(request, 401, false);
	else if (set_known(request))
		serve_known(request);
}

/* Look up whose request it is. */
static void
look_up(struct request *request)
{
	struct directory *directory = request->client->env->directory;
	const struct calls_who *who = &request->who;

	request->lookup = who->guest ?
	    directory_find_link(directory, who->token_hash, on_guest,
	    request) : directory_lookup(directory, who->number,
	    who->token_hash, on_caller, request);
	if (request->lookup == NULL)
		serve_without_directory(request);
}

/*
 * Get whose request it is: the connection's client's, if it does not say. Return
 * false if it says so in a way that does not count here.
 */
static bool
read_who(struct request *request)
{
	const struct settings *settings =
	    request->client->env->answers->settings;
	const struct sigmsg *msg = request->msg;

	request->who = request->client->who;
	if (msg->guest[0] != '\0') {
		guests_who(&request->who, msg->guest);
		request->guest = (struct guest_terms){ 0 };
		return true;
	}
	if (msg->user[0] == '\0')
		return true;
	request->who.guest = false;
	if (msg->key[0] == '\0' && !settings->basic)
		return false;
	strcpy(request->who.number, msg->user);
	return proofs_id(request->who.token_hash, msg) == 0;
}

/* May a client for whom its call vouches make this request? */
static bool
is_by_call(const struct request *request)
{
	return request->route->handle == handle_keepalive ||
	    (is_about_a_session(request) && revoked_is_device_of(
	    request->client->env->calls, request->tail, &request->who));
}

/*
 * Is it too long ago that the client was looked up, for this request, or was it
 * not looked up at all?
 */
static bool
is_stale(const struct request *request)
{
	const struct client *client = request->client;

	if (request->route == NULL)
		return false;
	if (client->by_call)
		return !is_by_call(request);
	return request->route->fresh &&
	    clock_ms() - client->looked_ms >= FRESH_MS;
}

/*
 * May a known client show other credentials? If not, it is answered 429. Wrong
 * ones end the connection anyway.
 */
static bool
may_change(struct request *request)
{
	struct client *client = request->client;
	uint32_t wait_ms;

	if (!client->known || is_known(client, &request->who) ||
	    pace_take(&client->changes, CHANGES, CHANGES_MS, clock_ms(),
	    &wait_ms) >= 0)
		return true;
	request_answer_wait(request, "too-many-credentials", wait_ms);
	return false;
}

void
routes_request(struct client *client, const struct sigmsg *msg)
{
	struct request *request = &client->request;

	++*client->routes->requests[msg->method];
	client->who.asked_ns = clock_ns();
	request->client = client;
	request->msg = msg;
	find_route(request);
	request->looked_again = false;
	request->proved = false;
	if (request->route != NULL ? request->route->open :
	    request->refusal == 400) {
		serve_route(request);
		return;
	}
	if (msg->user[0] == '\0' && msg->guest[0] == '\0' &&
	    !client->known) {
		request_refuse(request, 401, true);
		return;
	}
	if (!read_who(request)) {
		request_refuse(request, 401, true);
		return;
	}
	if (is_known(client, &request->who) && !is_stale(request)) {
		serve_known(request);
		return;
	}
	if (!may_change(request))
		return;
	/* A caller who has to wait is not even looked up again. */
	if (request->route != NULL &&
	    request->route->handle == handle_initiate &&
	    is_known(client, &request->who) && client->refused == 0 &&
	    !handle_may_initiate(request))
		return;
	look_up(request);
}

const struct routes_options *
routes_env(const struct routes *routes)
{
	return &routes->options;
}

void
routes_count(struct routes *routes, int status)
{
	size_t i;

	for (i = 0; i < CODES; i++)
		if (codes[i] == status) {
			++*routes->responses[i];
			return;
		}
	++*routes->others[status / 100];
}

void
routes_count_refused(struct routes *routes, int status)
{
	*routes->unauthorized += status == 401;
}

void
routes_set_directory(struct routes *routes, struct directory *directory)
{
	routes->options.directory = directory;
}

void
routes_count_no_directory(struct routes *routes)
{
	++*routes->unavailable;
}

static void
count_responses(struct routes *routes, struct metrics *metrics)
{
	static const char name[] = "rp_responses_total";
	static const char help[] = "Responses, by class and status.";
	char labels[64];
	size_t i;

	for (i = 0; i < CODES; i++) {
		snprintf(labels, sizeof(labels), "class=\"%dxx\",code=\"%d\"",
		    codes[i] / 100, codes[i]);
		routes->responses[i] = metrics_counter(metrics, name, labels,
		    help);
	}
	for (i = 1; i <= 5; i++) {
		snprintf(labels, sizeof(labels),
		    "class=\"%dxx\",code=\"other\"", (int)i);
		routes->others[i] = metrics_counter(metrics, name, labels,
		    help);
	}
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
	routes->proofs = proofs_new();
	if (routes->proofs == NULL) {
		free(routes);
		return NULL;
	}
	for (i = SIGMSG_INITIATE; i <= SIGMSG_OTHER; i++) {
		snprintf(labels, sizeof(labels), "method=\"%s\"",
		    i == SIGMSG_OTHER ? "other" :
		    sigmsg_method_name((enum sigmsg_method)i));
		routes->requests[i] = metrics_counter(options->metrics,
		    "rp_requests_total", labels, "Requests, by method.");
	}
	count_responses(routes, options->metrics);
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
	if (routes == NULL)
		return;
	proofs_free(routes->proofs);
	free(routes);
}
