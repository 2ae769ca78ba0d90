/*
 * route: ICE over an allocation: one generation of the way to the peer. An ICE
 * restart is a new route, used as soon as it carries data.
 */
#ifndef RP_DIAL_ROUTE_H
#define RP_DIAL_ROUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "allocation.h"
#include "wire/sdp.h"

struct route;

/* Called from within route_ functions; route_free is not allowed in them. */
struct route_handlers {
	/* It carries data; called again when its pair is nominated. */
	void (*open)(struct route *route, bool nominated, void *arg);
	/* -ETIMEDOUT: no pair works, or consent has expired. */
	void (*closed)(struct route *route, int err, void *arg);
};

int route_new(struct route **out, bool controlling,
    const struct route_handlers *handlers, void *arg);
void route_free(struct route *route);

/* Forget the peer, begin anew with the same credentials and allocation. */
int route_again(struct route *route);

/* Our ICE credentials. */
const char *route_ufrag(const struct route *route);
const char *route_password(const struct route *route);
bool route_controlling(const struct route *route);

/* Use the allocation, which the route holds from now on; NULL: none. */
void route_use(struct route *route, struct allocation *allocation);
struct allocation *route_allocation(const struct route *route);

/*
 * Checks may be sent; once more when the allocation is ready, since what was
 * sent before that may be lost.
 */
void route_start(struct route *route);

/* The peer's ICE credentials, and later its candidates one by one. */
int route_remote(struct route *route, const struct sdp *remote);
bool route_has_remote(const struct route *route);
/* Are the credentials that have this ufrag the peer's of this route? */
bool route_is_of(const struct route *route, const char *remote_ufrag);
int route_remote_candidate(struct route *route,
    const struct sdp_candidate *candidate);

/* A STUN message came over its allocation. -ENOENT: not for this route. */
int route_receive(struct route *route, const struct addr *from,
    const uint8_t *data, size_t len);

/* Has the peer been seen at that address? */
bool route_knows(const struct route *route, const struct addr *from);

/* Lost unless it carries data. */
void route_send(struct route *route, const uint8_t *data, size_t len);

/*
 * A handshake goes wherever data does, and at one relay it need not wait for
 * that: see DESIGN, "Media". Can one be sent?
 */
bool route_can_handshake(const struct route *route);
void route_send_handshake(struct route *route, const uint8_t *data,
    size_t len);

/* When route_run has something to do, or UINT64_MAX. */
uint64_t route_due_ns(const struct route *route);
void route_run(struct route *route, uint64_t now_ns);

uint64_t route_rtt_ns(const struct route *route);

#endif
