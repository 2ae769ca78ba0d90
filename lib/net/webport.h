/*
 * webport: a listening socket for libevent's HTTP server, which by itself
 * accepts for as long as there are connections, in one turn of the loop, and
 * says so on standard error, again and again, when descriptors have run out.
 */
#ifndef RP_NET_WEBPORT_H
#define RP_NET_WEBPORT_H

#include "wire/addr.h"

struct event_base;
struct evhttp;
struct webport;

/*
 * Bind addr, whose port may be 0 and is filled in, and have http serve what
 * comes. A negative errno: -EADDRINUSE, -EACCES and so on.
 */
int webport_new(struct webport **out, struct event_base *loop,
    struct evhttp *http, struct addr *addr);

/* Before http is freed, whose the socket is. NULL is fine. */
void webport_free(struct webport *port);

#endif
