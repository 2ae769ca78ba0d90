/*
 * request: one request and the ways to answer it, now or later. Passed to
 * every handler. See request.h.
 */
#include "signal/request.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "calls/calls.h"
#include "calls/outbox.h"
#include "directory/directory.h"
#include "signal/answers.h"
#include "signal/client.h"
#include "signal/conn.h"
#include "signal/places.h"
#include "signal/routes.h"

#define RETRY_S 2		/* 503: other switches can be tried at once */

/*
 * Log a request that is refused. A target without a route is left out, because
 * it may hold anything, a token for instance.
 */
static void
log_refusal(const struct request *request, const struct sigmsg *answer)
{
	const struct client *client = request->client;
	const struct sigmsg *msg = request->msg;
	char kind[80], reason[LOG_TEXT], number[LOG_TEXT], about[LOG_TEXT];
	char from[ADDR_TEXT];

	if (answer->status < 400 || !log_is_debug() || msg == NULL)
		return;
	/* The reason of a 410 is the other party's. */
	snprintf(kind, sizeof(kind), "%d %s", answer->status,
	    answer->status == 410 ? "" : answer->reason);
	log_failure("request_refused", kind, "status=%d reason=%s method=%s "
	    "number=%s about=%s peer=%s", answer->status,
	    log_text(reason, answer->reason),
	    msg->method == SIGMSG_OTHER ? "other" :
	    sigmsg_method_name(msg->method), log_text(number,
	    msg->user[0] != '\0' || !client->known ? msg->user :
	    client->who.number), log_text(about, request->route != NULL ?
	    request->tail : ""), addr_format(&client->who.peer, from));
}

void
request_answer(struct request *request, const struct sigmsg *msg)
{
	struct client *client = request->client;
	struct sigmsg last = *msg;

	log_refusal(request, msg);
	calls_await_cancel(&request->wait);
	request->msg = NULL;
	writes_end(client->env->writes, request);
	routes_count(client->routes, msg->status);
	last.close |= !client->known && places_are_pressed(client->env->places);
	conn_reply(client->conn, &last);
}

void
request_answer_status(struct request *request, int status, const char *reason)
{
	struct sigmsg msg = { .status = status };

	if (status == 503)
		msg.retry_after_s = RETRY_S;
	/*
	 * Close after a 401, to allow one guess at a token per TLS handshake.
	 */
	if (status == 401)
		msg.close = true;
	snprintf(msg.reason, sizeof(msg.reason), "%s", reason);
	request_answer(request, &msg);
}

void
request_answer_text(struct request *request, int status, const char *reason,
    const char *text)
{
	struct sigmsg msg = {
		.status = status, .content_type = "text/plain", .body = text,
		.body_len = strlen(text)
	};

	snprintf(msg.reason, sizeof(msg.reason), "%s", reason);
	request_answer(request, &msg);
}

void
request_answer_wait(struct request *request, const char *reason,
    uint32_t retry_ms)
{
	struct sigmsg msg = {
		.status = 429, .retry_after_s = retry_ms / 1000 + 1
	};

	snprintf(msg.reason, sizeof(msg.reason), "%s", reason);
	request_answer(request, &msg);
}

void
request_answer_json(struct request *request, char *text)
{
	struct sigmsg msg = {
		.status = 200, .content_type = "application/json", .body = text
	};

	if (text == NULL) {
		request_answer_status(request, 500, "");
		return;
	}
	msg.body_len = strlen(text);
	request_answer(request, &msg);
	free(text);
}

void
request_answer_no_directory(struct request *request)
{
	routes_count_no_directory(request->client->routes);
	request_answer_status(request, 503, "no-directory");
}

void
request_answer_no_place(struct request *request)
{
	static const struct sigmsg full = {
		.status = 503, .reason = "too-many-connections",
		.retry_after_s = RETRY_S, .close = true
	};

	request_answer(request, &full);
}

bool
request_looked_up(struct request *request, int err)
{
	request->lookup = NULL;
	if (err == 0 || err == -ENOENT)
		return true;
	request_answer_no_directory(request);
	return false;
}

/* Return what is behind the path or address in a reason of the directory. */
static const char *
words_of(const char *why)
{
	const char *at;

	while ((at = strstr(why, ": ")) != NULL)
		why = at + 2;
	return why;
}

void
request_refuse(struct request *request, int status, bool close)
{
	struct sigmsg msg = { .status = status, .close = close };

	if (request->lookup != NULL)
		directory_cancel(request->lookup);
	request->lookup = NULL;
	routes_count_refused(request->client->routes, status);
	if (status == 403)
		strcpy(msg.reason, "blocked");
	request_answer(request, &msg);
}

void
request_answer_unread(struct request *request, int err)
{
	if (err == -ENOENT)
		request_refuse(request, 401, true);
	else
		request_answer_no_directory(request);
}

void
request_answer_unwritten(struct request *request, int err)
{
	struct sigmsg msg = { .status = 503, .retry_after_s = RETRY_S };

	if (err == -ENOENT || err == -EPERM) {
		request_refuse(request, err == -EPERM ? 403 : 401, true);
		return;
	}
	routes_count_no_directory(request->client->routes);
	strcpy(msg.reason, "no-directory");
	msg.body = words_of(directory_why(request->client->env->directory,
	    true));
	msg.body_len = strlen(msg.body);
	if (msg.body_len > 0)
		strcpy(msg.content_type, "text/plain");
	request_answer(request, &msg);
}

void
request_hold(struct request *request)
{
	outbox_link_hold(request->client->who.link);
}

static void
answer_calls(struct request *request, const struct calls_reply *reply)
{
	struct client *client = request->client;
	struct sigmsg msg = {
		.status = reply->status, .retry_after_s = reply->retry_after_s
	};
	struct addr local;
	char *text = NULL;

	strcpy(msg.reason, reply->reason);
	if (reply->status == 503)
		msg.retry_after_s = RETRY_S;
	if (reply->session != NULL) {
		if (conn_local_addr(client->conn, &local) == 0)
			text = answers_session(client->env->answers, reply,
			    &local);
		if (text != NULL) {
			msg.body = text;
			msg.body_len = strlen(text);
			strcpy(msg.content_type, "application/json");
		} else {
			msg.status = 500;
		}
	}
	request_answer(request, &msg);
	free(text);
	outbox_link_release(client->who.link);
}

static void
on_waited(const struct calls_reply *reply, void *arg)
{
	struct request *request = arg;

	request_hold(request);
	answer_calls(request, reply);
}

/* While the answer waits, so do the messages of its call, but not others. */
void
request_answer_calls(struct request *request, const struct calls_reply *reply)
{
	if (reply->waits == NULL) {
		answer_calls(request, reply);
		return;
	}
	calls_await(&request->wait, reply, on_waited, request);
	outbox_link_release(request->client->who.link);
}

void
request_upgrade(struct request *request, const struct sigmsg *msg)
{
	struct client *client = request->client;

	request->msg = NULL;
	routes_count(client->routes, msg->status);
	conn_upgrade(client->conn, msg);
}

void
request_drop(struct request *request)
{
	if (request->lookup != NULL)
		directory_cancel(request->lookup);
	request->lookup = NULL;
	calls_await_cancel(&request->wait);
	request->msg = NULL;
	if (request->turn.writer != NULL)
		writes_end(request->client->env->writes, request);
}
