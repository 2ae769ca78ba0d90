/*
 * webget: an HTTP/1.1 server for a few short documents: GET and HEAD, one
 * request per connection (RFC 9110, RFC 9112). Everything that a client can
 * use up is bounded: bytes, time, and the number of connections. When there are
 * too many, others wait until one is answered, or the oldest, after its
 * WEBGET_HOLD_MS, gives way. So nobody is kept out by those who only connect.
 */
#ifndef RP_NET_WEBGET_H
#define RP_NET_WEBGET_H

#include "wire/addr.h"

struct buffer;
struct event_base;
struct webget;

#define WEBGET_CONNECTIONS 16	/* at once: two scrapers, probes, a browser */
#define WEBGET_FILES 16		/* at most one of so many of RLIMIT_NOFILE */
#define WEBGET_HOLD_MS 100	/* a near client needs a few to ask and read */

struct webget_answer {
	int status;		/* such as 200; 404 if there is no such path */
	const char *type;	/* Content-Type; must stay valid */
	struct buffer *body;	/* to be filled; may be left empty */
};

/* Answer for `path`, which has no query. Set `status` and fill the rest. */
typedef void webget_handler(const char *path, struct webget_answer *answer,
    void *arg);

/*
 * Bind `addr`, whose port may be 0 and is filled in, and serve. Return a
 * negative errno such as -EADDRINUSE or -EACCES.
 */
int webget_new(struct webget **out, struct event_base *loop,
    struct addr *addr, webget_handler *handler, void *arg);

/* Close all connections and free the server. NULL is fine. */
void webget_free(struct webget *webget);

#endif
