/*
 * webport: a listening socket for libevent's HTTP server. By itself that server
 * accepts as long as there are connections, in one turn of the loop. When
 * descriptors have run out, it repeats so on standard error.
 */
#ifndef RP_NET_WEBPORT_H
#define RP_NET_WEBPORT_H

#include "wire/addr.h"

struct event_base;
struct evhttp;
struct webport;

/*
 * Bind `addr`, whose port may be 0 and is filled in, and have `http` serve its
 * connections. Return a negative errno such as -EADDRINUSE or -EACCES.
 */
int webport_new(struct webport **out, struct event_base *loop,
    struct evhttp *http, struct addr *addr);

/* Free it before `http`, which owns the socket. NULL is fine. */
void webport_free(struct webport *port);

#endif
