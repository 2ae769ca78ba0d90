/*
 * allocation: an allocation at the relay (RFC 8656), over UDP or what else gets
 * through, that more than one route may use, as after an ICE restart on the
 * same network. Counted; it is released with the last that holds it.
 */
#ifndef RP_DIAL_ALLOCATION_H
#define RP_DIAL_ALLOCATION_H

#include <stddef.h>
#include <stdint.h>

#include "wire/addr.h"

struct allocation;
struct event_base;
struct media_ice_server;
struct tls_config;

/* Where to allocate: in this order, each after a moment of the one before. */
struct allocation_servers {
	const struct media_ice_server *server;
	size_t n;
	struct tls_config *tls;		/* whom to trust; NULL: no TLS */
};

/* Called from the loop only. allocation_drop is allowed in failed alone. */
struct allocation_handlers {
	/* It has its relayed address. */
	void (*ready)(struct allocation *allocation, void *arg);
	void (*data)(struct allocation *allocation, const struct addr *from,
	    const uint8_t *data, size_t len, void *arg);
	/* As turn_client_handlers.failed. */
	void (*failed)(struct allocation *allocation, int err,
	    const char *why, void *arg);
};

/*
 * Starts to allocate; held once, by the caller. The first of servers to
 * allocate is the one. -ENOENT: there is none that can be tried.
 */
int allocation_new(struct allocation **out, struct event_base *loop,
    const struct allocation_servers *servers,
    const struct allocation_handlers *handlers, void *arg);

struct allocation *allocation_hold(struct allocation *allocation);
/* NULL is fine. */
void allocation_drop(struct allocation *allocation);

/* NULL before ready. */
const struct addr *allocation_relayed(const struct allocation *allocation);

/*
 * The relay, of which only the IP counts, once something can be sent there: that
 * may be before ready, right behind the request. NULL: nothing can.
 */
const struct addr *allocation_relay(const struct allocation *allocation);

/* Send to a peer, for which there need be no permission yet: it is asked for. */
void allocation_send(struct allocation *allocation, const struct addr *to,
    const void *data, size_t len);

/* The peer gets much from now on: bind a channel. */
void allocation_bind(struct allocation *allocation, const struct addr *to);

#endif
