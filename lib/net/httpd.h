/*
 * httpd: a small HTTP/1.1 server on one address, for pushes: one request at a
 * time, with a body by its length or in chunks (RFC 9110, RFC 9112). Everything
 * that a client can use up is bounded: bytes, time, and the number of
 * connections, in all and per address. When there are too many, the oldest gives
 * way. It accepts a few connections per turn of the loop, and rests while
 * descriptors have run out.
 */
#ifndef RP_NET_HTTPD_H
#define RP_NET_HTTPD_H

#include <stdbool.h>
#include <stddef.h>

#include "wire/addr.h"

struct buffer;
struct event_base;
struct httpd;
struct httpd_request;

struct httpd_options {
	size_t head_max, body_max;
	int idle_s;		/* from connect to the answer's end */
	/*
	 * How long a connection stays for another request, because a push then
	 * comes a round trip sooner. Only one whose request was answered, and
	 * not refused, had a Content-Length and nothing behind it, stays. 0:
	 * none.
	 */
	int keep_s;
};

/*
 * The handler answers the request before it returns, and does not free the
 * server.
 */
typedef void httpd_handler(struct httpd_request *request, void *arg);

/*
 * Bind `addr`, whose port may be 0 and is filled in, and serve requests. Return
 * a negative errno such as -EADDRINUSE or -EACCES.
 */
int httpd_new(struct httpd **out, struct event_base *loop, struct addr *addr,
    const struct httpd_options *options, httpd_handler *handler, void *arg);

/* Close all connections and free the server. NULL is fine. */
void httpd_free(struct httpd *httpd);

/* Return a part of the request. NULL if it has no such header, or no path. */
const char *httpd_path(struct httpd_request *request);
const char *httpd_header(struct httpd_request *request, const char *name);
bool httpd_is_post(struct httpd_request *request);
const struct buffer *httpd_body(struct httpd_request *request);

/* Set one header of the answer, before it is sent. */
void httpd_set_header(struct httpd_request *request, const char *name,
    const char *value);

/* Send the answer. `body` may be NULL and stays the caller's. */
void httpd_answer(struct httpd_request *request, int status,
    const char *phrase, struct buffer *body);

/* Send an error page instead. `reason` may be NULL. */
void httpd_refuse(struct httpd_request *request, int status,
    const char *reason);

#endif
