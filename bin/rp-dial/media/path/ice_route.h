/*
 * ice_route: ICE over an allocation, one generation of the path to the peer. An
 * ICE restart is a new route, used as soon as it carries data.
 */
#ifndef RP_DIAL_ICE_ROUTE_H
#define RP_DIAL_ICE_ROUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "media/path/allocation.h"
#include "wire/sdp.h"

struct ice_route;
struct sped;

/*
 * The handlers are called from within ice_route_ functions. ice_route_free is
 * not allowed in them.
 */
struct ice_route_handlers {
	/* The route carries data; called again when its pair is nominated. */
	void (*open)(struct ice_route *route, bool nominated, void *arg);
	/* -ETIMEDOUT: no pair works, or consent has expired. */
	void (*closed)(struct ice_route *route, int err, void *arg);
};

int ice_route_new(struct ice_route **out, bool controlling,
    const struct ice_route_handlers *handlers, void *arg);
void ice_route_free(struct ice_route *route);

/* As ice_sped. */
void ice_route_sped(struct ice_route *route, struct sped *sped);

/* Forget the peer and start over with the same credentials and allocation. */
int ice_route_again(struct ice_route *route);

/* Return our ICE credentials. */
const char *ice_route_ufrag(const struct ice_route *route);
const char *ice_route_password(const struct ice_route *route);
bool ice_route_controlling(const struct ice_route *route);

/* Use the allocation, which the route holds from now on; NULL: none. */
void ice_route_use(struct ice_route *route, struct allocation *allocation);
struct allocation *ice_route_allocation(const struct ice_route *route);

/*
 * Start to send checks. Call it once more when the allocation is ready, because
 * earlier checks may be lost.
 */
void ice_route_start(struct ice_route *route);

/* Set the peer's ICE credentials, and later add its candidates one by one. */
int ice_route_remote(struct ice_route *route, const struct sdp *remote);
bool ice_route_has_remote(const struct ice_route *route);
/* Return whether the peer's credentials on this route have this ufrag. */
bool ice_route_is_of(const struct ice_route *route, const char *remote_ufrag);
int ice_route_remote_candidate(struct ice_route *route,
    const struct sdp_candidate *candidate);

/* As ice_expect, ice_heard, ice_is_checked. */
int ice_route_expect(struct ice_route *route, const struct addr *remote);
const char *ice_route_heard(const struct ice_route *route);
bool ice_route_is_checked(const struct ice_route *route);

/*
 * Take a STUN message that came over the route's allocation.
 *
 *  -ENOENT  it is not for this route
 */
int ice_route_receive(struct ice_route *route, const struct addr *from,
    const uint8_t *data, size_t len);

/* Return whether this is an address that the peer used or announced. */
bool ice_route_knows(const struct ice_route *route, const struct addr *from);

/*
 * Send, or drop the datagram unless the route carries data, or a handshake was
 * possible over it.
 */
void ice_route_send(struct ice_route *route, const uint8_t *data, size_t len);

/* Send to an address that the peer has sent from. */
void ice_route_send_to(struct ice_route *route, const struct addr *to,
    const uint8_t *data, size_t len);

/*
 * Return whether a handshake can be sent. It goes wherever data does. At one
 * relay it need not wait until data can be sent (DESIGN, "Media").
 */
bool ice_route_can_handshake(const struct ice_route *route);
void ice_route_send_handshake(struct ice_route *route, const uint8_t *data,
    size_t len);

/* Return when ice_route_run is due, or UINT64_MAX. */
uint64_t ice_route_due_ns(const struct ice_route *route);
void ice_route_run(struct ice_route *route, uint64_t now_ns);

uint64_t ice_route_rtt_ns(const struct ice_route *route);

/* As ice_consented_ns. */
uint64_t ice_route_consented_ns(const struct ice_route *route);

#endif
