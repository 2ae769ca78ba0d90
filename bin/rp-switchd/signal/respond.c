#include "signal/respond.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calls/calls.h"
#include "calls/outbox.h"
#include "signal/answers.h"
#include "signal/client.h"
#include "signal/conn.h"
#include "signal/routes.h"

#define RETRY_S 2		/* 503: another switch may be tried at once */

void
respond_msg(struct client *client, const struct sigmsg *msg)
{
	client->request = NULL;
	++*client->routes->responses[msg->status / 100];
	conn_reply(client->conn, msg);
}

void
respond_status(struct client *client, int status, const char *reason)
{
	struct sigmsg msg = { .status = status };

	if (status == 503)
		msg.retry_after_s = RETRY_S;
	/* One guess at a token for each TLS handshake. */
	if (status == 401)
		msg.close = true;
	snprintf(msg.reason, sizeof(msg.reason), "%s", reason);
	respond_msg(client, &msg);
}

void
respond_json(struct client *client, char *text)
{
	struct sigmsg msg = {
		.status = 200, .content_type = "application/json", .body = text
	};

	if (text == NULL) {
		respond_status(client, 500, "");
		return;
	}
	msg.body_len = strlen(text);
	respond_msg(client, &msg);
	free(text);
}

void
respond_unavailable(struct client *client)
{
	++*client->routes->unavailable;
	respond_status(client, 503, "no-directory");
}

void
respond_calls(struct client *client, const struct calls_reply *from)
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
	respond_msg(client, &msg);
	free(text);
	outbox_link_release(client->who.link);
}
