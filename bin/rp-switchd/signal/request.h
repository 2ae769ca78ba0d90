/*
 * request: one request of a client, from its arrival to its one answer. A
 * connection passes its requests on one at a time, so that they are answered in
 * order. A client embeds the open one.
 */
#ifndef RP_SWITCHD_REQUEST_H
#define RP_SWITCHD_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "calls/calls.h"
#include "signal/guests.h"
#include "signal/writes.h"
#include "wire/sigmsg.h"
#include "wire/telnumber.h"

struct client;
struct directory_request;
struct route;

struct request {
	struct client *client;
	const struct sigmsg *msg;	/* NULL: no request is open */
	const struct route *route;	/* NULL: no handler */
	int refusal;		/* without a route: the status to answer, */
	const char *reason;		/* and why */
	char tail[SIGMSG_NUMBER];	/* the target's number or id, or "" */
	struct guest_terms guest;	/* what `who` may, if it is one */
	struct calls_who who;	/* while it is authenticated: who it says */
	struct directory_request *lookup;	/* NULL: no look-up is
						 * pending */
	bool looked_again;	/* for another spelling of a number */
	char number[TELNUMBER_TEXT];	/* that signs up, or gets SMS */
	uint8_t link_hash[CRYPTO_SHA256];	/* that is redeemed */
	bool proved;		/* a code for `number` was right */
	void (*checked)(struct request *request, bool owned);	/* smsowner */
	struct calls_wait wait;		/* for the offer of a call */
	struct writes_turn turn;	/* at the directory */
};

/* Answer the request with `msg`, and close it. */
void request_answer(struct request *request, const struct sigmsg *msg);

/* Answer without a body. An empty `reason` is left out. */
void request_answer_status(struct request *request, int status,
    const char *reason);

/* Answer with one line of text that says what is wrong. */
void request_answer_text(struct request *request, int status,
    const char *reason, const char *text);

/* Answer 429, with the time after which a retry may succeed. */
void request_answer_wait(struct request *request, const char *reason,
    uint32_t retry_ms);

/*
 * Answer 200 with `text`, which is from malloc and freed here; 500 if it is
 * NULL.
 */
void request_answer_json(struct request *request, char *text);

/* Answer 503, because the directory does not answer. */
void request_answer_no_directory(struct request *request);

/* Answer 503 and close, because there is no place for the connection. */
void request_answer_no_place(struct request *request);

/*
 * End a look-up with its `err`. Return whether the directory answered. If it
 * did not, the request is answered 503.
 */
bool request_looked_up(struct request *request, int err);

/*
 * Refuse a client that may not make this request, by 401 or 403, and perhaps
 * close.
 */
void request_refuse(struct request *request, int status, bool close);

/* Answer a look-up of the client itself that failed with `err`: 401 or 503. */
void request_answer_unread(struct request *request, int err);

/*
 * Answer a write of this client's that failed with `err` (directory.h): 401,
 * 403 or 503. A 503 has the directory's reason as text, but not where the
 * directory is.
 */
void request_answer_unwritten(struct request *request, int err);

/*
 * Hold the client's link, before a function of calls.h gets the request.
 * Whatever that sends to this client waits until the request is answered.
 */
void request_hold(struct request *request);

/*
 * Answer with the reply from calls.h, at once or when it is there. Then send
 * what has waited.
 */
void request_answer_calls(struct request *request,
    const struct calls_reply *reply);

/* Answer 101 with `msg`, and continue in WebSocket frames. */
void request_upgrade(struct request *request, const struct sigmsg *msg);

/* Drop the request without an answer, because the client is gone. */
void request_drop(struct request *request);

#endif
