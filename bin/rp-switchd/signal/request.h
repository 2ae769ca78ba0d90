/*
 * request: one request of a client, from its arrival to its one answer. A
 * connection hands its requests over one at a time, so that they are answered
 * in order, and a client embeds the one that is open.
 */
#ifndef RP_SWITCHD_REQUEST_H
#define RP_SWITCHD_REQUEST_H

#include "wire/sigmsg.h"

struct calls_reply;
struct client;
struct directory_request;
struct route;

struct request {
	struct client *client;
	const struct sigmsg *msg;	/* NULL: no request is open */
	const struct route *route;	/* NULL: nothing serves this */
	int refusal;			/* then the status to answer, */
	const char *reason;		/* and why */
	char tail[SIGMSG_NUMBER];	/* the target's number or id, or "" */
	struct directory_request *lookup;	/* NULL: it waits for nothing */
};

/* Answer the request with `msg`, and close it. */
void request_answer(struct request *request, const struct sigmsg *msg);

/* The same without a body. An empty `reason` is left out. */
void request_answer_status(struct request *request, int status,
    const char *reason);

/* 429, with the time after which another try makes sense. */
void request_answer_wait(struct request *request, const char *reason,
    uint32_t retry_ms);

/* 200 with `text`, which is from malloc and freed here. NULL: 500. */
void request_answer_json(struct request *request, char *text);

/* 503: the directory does not answer. */
void request_answer_no_directory(struct request *request);

/*
 * Before a function of calls.h is given the request: what that sends to this
 * client waits until the request is answered.
 */
void request_hold(struct request *request);

/* Answer what calls.h replied, then send what has waited. */
void request_answer_calls(struct request *request,
    const struct calls_reply *reply);

/* 101: answer with `msg` and go on in WebSocket frames. */
void request_upgrade(struct request *request, const struct sigmsg *msg);

/* The client is gone: nothing is answered any more. */
void request_drop(struct request *request);

#endif
