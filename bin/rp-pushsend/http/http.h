/*
 * http: many requests at once on one libcurl multi handle that runs on a
 * libevent loop. HTTP/2 connections are kept and shared. It follows no
 * redirects, uses no proxy and no credentials from files, and bounds the size
 * of answers.
 *
 * Each struct http has its own connections. A request to a user's URL thus
 * never shares a connection with one to the operator's services.
 */
#ifndef RP_PUSHSEND_HTTP_H
#define RP_PUSHSEND_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/why.h"

struct event_base;
struct head;
struct http;
struct http_call;
struct reach;

#define HTTP_ANSWER_MAX 8192	/* bytes kept of an answer's body */
#define HTTP_HEAD_MAX 16384	/* bytes of headers that are read */
#define HTTP_HEADERS 12

struct http_options {
	const struct reach *reach;	/* NULL: anywhere */
	const char *ca_file;		/* NULL: the system's */
	unsigned connect_ms;
};

/*
 * Create it. `ca_file` and `reach` must outlive it.
 *
 *  -ENOMEM  out of memory
 */
int http_new(struct http **out, struct event_base *loop,
    const struct http_options *options);
/* Cancel all requests without calling back, and free. */
void http_free(struct http *http);

/* A POST. All is copied except the objects that `done` and `arg` point to. */
struct http_request {
	const char *url;
	const char *headers[HTTP_HEADERS];	/* "Name: value", then NULL */
	const void *body;
	size_t body_len;
	const char *user_password;	/* Basic, "user:password"; or NULL */
	unsigned timeout_ms;
	/*
	 * The request must not reach the server twice. It gets a connection of
	 * its own, because libcurl repeats what it wrote to a kept connection
	 * that the server was about to close.
	 */
	bool once;
	/*
	 * The status counts once the headers are complete, whatever becomes of
	 * the body. Otherwise that holds for 2xx only.
	 */
	bool head_decides;
};

enum http_end {
	HTTP_ANSWERED,		/* status and perhaps a body */
	HTTP_UNREACHED,		/* a transient failure: try again */
	HTTP_TIMED_OUT,		/* the same; the connection may be dead */
	HTTP_REFUSED,		/* refused by our own rules: never try again */
	HTTP_UNTRUSTED		/* the certificate is not valid for the host */
};

struct http_answer {
	enum http_end end;
	char why[WHY_TEXT];	/* "" if answered */
	bool may_be_taken;	/* of `once`: it may have reached the server */
	int status;
	unsigned retry_after_ms;	/* head_wait_ms; 0: absent */
	const struct head *head;	/* until done returns */
	const char *body;	/* not NUL-terminated; until done returns */
	size_t body_len;
};

typedef void http_done(const struct http_answer *answer, void *arg);

/*
 * Start a request. `done` is called once, from the loop, never before this
 * returns.
 *
 *  -ENOMEM  out of memory
 *  -EINVAL  the URL or a header cannot be sent
 *  -EPERM   the URL is plain HTTP, which `reach` allows nowhere
 */
int http_post(struct http_call **out, struct http *http,
    const struct http_request *request, http_done *done, void *arg);

/*
 * Send no other request on the connection that this call used, because its
 * server is about to close it. Requests that are under way on it go on. Called
 * from `done`.
 */
void http_leave(struct http_call *call);

/* Cancel a request. `done` is not called. */
void http_cancel(struct http_call *call);

#endif
