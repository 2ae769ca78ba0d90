#include "reply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answers.h"
#include "calls.h"
#include "client.h"
#include "conn.h"
#include "mail.h"
#include "routes.h"

#define RETRY_S 2		/* 503: another switch may be tried at once */

void
reply_msg(struct client *client, const struct sigmsg *msg)
{
	client->request = NULL;
	++*client->routes->responses[msg->status / 100];
	conn_reply(client->conn, msg);
}

void
reply_status(struct client *client, int status, const char *reason)
{
	struct sigmsg msg = { .status = status };

	if (status == 503)
		msg.retry_after_s = RETRY_S;
	/* One guess at a token for each TLS handshake. */
	if (status == 401)
		msg.close = true;
	snprintf(msg.reason, sizeof(msg.reason), "%s", reason);
	reply_msg(client, &msg);
}

void
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
	reply_msg(client, &msg);
	free(text);
}

void
reply_unavailable(struct client *client)
{
	++*client->routes->unavailable;
	reply_status(client, 503, "no-directory");
}

void
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
	reply_msg(client, &msg);
	free(text);
	mail_line_release(client->who.line);
}
