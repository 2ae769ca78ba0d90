/*
 * http: many requests at once on one libcurl multi handle that lives on a
 * libevent loop. HTTP/2 connections are kept and shared. No redirects, no
 * proxy, no credentials from files, answers of bounded size.
 *
 * Each struct http has connections of its own: one that goes where users say
 * never rides on one that goes where only the operator may.
 */
#ifndef RP_PUSHSEND_HTTP_H
#define RP_PUSHSEND_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event_base;
struct http;
struct http_call;
struct reach;

#define HTTP_ANSWER_MAX 8192	/* bytes of an answer's body that are kept */
#define HTTP_HEAD_MAX 16384	/* bytes of headers that are read */
#define HTTP_HEADERS 12
#define HTTP_WHY 112

struct http_options {
	const struct reach *reach;	/* NULL: anywhere */
	const char *ca_file;		/* NULL: the system's */
	unsigned connect_ms;
};

/* -ENOMEM. ca_file and reach must outlive it. */
int http_new(struct http **out, struct event_base *loop,
    const struct http_options *options);
/* Gives up what is under way, without calling back. */
void http_free(struct http *http);

/* A POST. All is copied but what done and arg point to. */
struct http_request {
	const char *url;
	const char *headers[HTTP_HEADERS];	/* "Name: value", then NULL */
	const void *body;
	size_t body_len;
	const char *user_password;	/* Basic, "user:password"; or NULL */
	unsigned timeout_ms;
};

enum http_end {
	HTTP_ANSWERED,		/* status and perhaps a body */
	HTTP_UNREACHED,		/* a passing fault: try again */
	HTTP_TIMED_OUT,		/* the same; the connection may be dead */
	HTTP_REFUSED,		/* by our own rules: never */
	HTTP_UNTRUSTED		/* the certificate is not for it */
};

struct http_answer {
	enum http_end end;
	char why[HTTP_WHY];	/* "" if answered */
	int status;
	unsigned retry_after_ms;	/* 0: not said */
	const char *body;	/* not NUL-terminated; until done returns */
	size_t body_len;
};

typedef void http_done(const struct http_answer *answer, void *arg);

/*
 * Start a request; done is called once, from the loop, never before this
 * returns. -ENOMEM; -EINVAL: the URL or a header cannot be sent; -EPERM: it is
 * plain HTTP, which reach allows nowhere.
 */
int http_post(struct http_call **out, struct http *http,
    const struct http_request *request, http_done *done, void *arg);

/* Give it up: done is not called. */
void http_cancel(struct http_call *call);

#endif
