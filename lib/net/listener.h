/*
 * listener: TCP accept on the loop, on one address, which can be closed and
 * opened again at once. Closed, the kernel answers a SYN with RST while the
 * port stays ours.
 */
#ifndef RP_NET_LISTENER_H
#define RP_NET_LISTENER_H

#include <stdbool.h>

#include "wire/addr.h"

struct event_base;
struct listener;

/* fd is connected, non-blocking, close-on-exec, and now the callee's. */
typedef void listener_handler(int fd, const struct addr *peer, void *arg);

/*
 * Bind addr, whose port may be 0, closed to begin with. -EADDRINUSE, -EACCES
 * and so on.
 */
int listener_new(struct listener **out, struct event_base *loop,
    const struct addr *addr, listener_handler *accepted, void *arg);

/*
 * The same with a socket that a service manager has bound, and perhaps listens
 * on already; takes over fd, also on failure.
 */
int listener_adopt(struct listener **out, struct event_base *loop, int fd,
    listener_handler *accepted, void *arg);
void listener_free(struct listener *listener);

/* The bound address. */
const struct addr *listener_addr(const struct listener *listener);

/* 0 or a negative errno; it is then still closed. */
int listener_open(struct listener *listener);

/*
 * Take what already waits in the kernel's queue (accepted is called), then
 * refuse what comes. What is only half-way through its handshake gets RST.
 */
void listener_close(struct listener *listener);

bool listener_is_open(const struct listener *listener);

#endif
