/*
 * allocation: an allocation at the relay (RFC 8656), over UDP or another
 * transport that gets through. Several routes may share it, as after an ICE
 * restart on the same network. It is reference-counted and released with its
 * last holder.
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

/* The servers to try, in this order, each shortly after the one before. */
struct allocation_servers {
	const struct media_ice_server *server;
	size_t n;
	struct tls_config *tls;		/* trusted authorities; NULL: no TLS */
};

/*
 * The handlers are called from the loop only. allocation_drop is allowed in
 * `failed` alone.
 */
struct allocation_handlers {
	/* The relayed address is known. */
	void (*ready)(struct allocation *allocation, void *arg);
	void (*data)(struct allocation *allocation, const struct addr *from,
	    const uint8_t *data, size_t len, void *arg);
	/* As `failed` of turn_client_handlers. */
	void (*failed)(struct allocation *allocation, int err,
	    const char *why, void *arg);
};

/*
 * Start to allocate. The caller holds one reference. The first of `servers`
 * that allocates is used.
 *
 *  -ENOENT  no server can be tried
 */
int allocation_new(struct allocation **out, struct event_base *loop,
    const struct allocation_servers *servers,
    const struct allocation_handlers *handlers, void *arg);

struct allocation *allocation_hold(struct allocation *allocation);
/* Drop a reference. NULL is allowed. */
void allocation_drop(struct allocation *allocation);

/* Return the relayed address; NULL before `ready`. */
const struct addr *allocation_relayed(const struct allocation *allocation);

/*
 * Return the relay's address, of which only the IP counts, once data can be
 * sent there. That may be before `ready`, right behind the request. NULL: not
 * yet.
 */
const struct addr *allocation_relay(const struct allocation *allocation);

/*
 * Send to a peer. A missing permission is requested. Return -EACCES if the
 * relay has refused the peer for good, otherwise 0.
 */
int allocation_send(struct allocation *allocation, const struct addr *to,
    const void *data, size_t len);

/* Bind a channel to the peer, which will get much data from now on. */
void allocation_bind(struct allocation *allocation, const struct addr *to);

#endif
