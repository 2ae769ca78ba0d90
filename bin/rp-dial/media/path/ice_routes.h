/*
 * ice_routes: the path to the peer as it changes. It holds the route in use,
 * the next one that an ICE restart has opened, and the old one for a moment,
 * because datagrams may still arrive there. It carries datagrams of any kind.
 */
#ifndef RP_DIAL_ICE_ROUTES_H
#define RP_DIAL_ICE_ROUTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/sdp.h"

struct event_base;
struct allocation_servers;
struct ice_routes;
struct sped;

/*
 * The handlers are called from the loop, or from within ice_routes_ functions.
 * ice_routes_free is not allowed in them.
 */
struct ice_routes_handlers {
	/* The candidate of our latest credentials is known. */
	void (*allocated)(void *arg);
	/* Data can be sent; called again when the first pair is nominated. */
	void (*open)(bool nominated, void *arg);
	/* A datagram that is not STUN. */
	void (*data)(const struct addr *from, const uint8_t *data, size_t len,
	    void *arg);
	/* The state changed; ice_routes_due_ns may have changed too. */
	void (*changed)(void *arg);
	/* No route works, nor may one soon. No handler follows. */
	void (*failed)(int err, const char *why, void *arg);
};

int ice_routes_new(struct ice_routes **out, struct event_base *loop,
    bool controlling, const struct ice_routes_handlers *handlers, void *arg);
void ice_routes_free(struct ice_routes *routes);

/* As ice_sped, of all routes. Call it before anything else. */
void ice_routes_sped(struct ice_routes *routes, struct sped *sped);

/* As path_ufrag, path_password, path_candidate, path_server, path_restart. */
const char *ice_routes_ufrag(const struct ice_routes *routes);
const char *ice_routes_password(const struct ice_routes *routes);
bool ice_routes_candidate(const struct ice_routes *routes,
    struct sdp_candidate *out);
int ice_routes_server(struct ice_routes *routes,
    const struct allocation_servers *servers);
int ice_routes_restart(struct ice_routes *routes,
    const struct allocation_servers *servers);
bool ice_routes_restarting(const struct ice_routes *routes);
void ice_routes_restart_cancel(struct ice_routes *routes);
bool ice_routes_opening(const struct ice_routes *routes);

/* As path_again. */
int ice_routes_again(struct ice_routes *routes);

/*
 * Take the peer's credentials: its first, its answer to a restart, or those of
 * its own restart. If several offers were sent, the last answer counts.
 *
 *  -EALREADY  it answers no offer
 */
int ice_routes_remote(struct ice_routes *routes, const struct sdp *remote);
int ice_routes_remote_candidate(struct ice_routes *routes, const char *ufrag,
    const struct sdp_candidate *candidate);

/* As path_expect. */
int ice_routes_expect(struct ice_routes *routes, const struct addr *remote);

/*
 * Of the route in use, as ice_heard, ice_is_checked, ice_knows,
 * ice_route_send_to.
 */
const char *ice_routes_heard(const struct ice_routes *routes);
bool ice_routes_is_checked(const struct ice_routes *routes);
bool ice_routes_knows(const struct ice_routes *routes,
    const struct addr *from);
void ice_routes_send_to(struct ice_routes *routes, const struct addr *to,
    const uint8_t *data, size_t len);

/* As ice_route_can_handshake, ice_route_send_handshake. */
bool ice_routes_can_handshake(const struct ice_routes *routes);
void ice_routes_send_handshake(struct ice_routes *routes, const uint8_t *data,
    size_t len);

/* Send, or drop the datagram if no route is open. */
void ice_routes_send(struct ice_routes *routes, const uint8_t *data,
    size_t len);

/* Return when ice_routes_run is due, or UINT64_MAX. */
uint64_t ice_routes_due_ns(const struct ice_routes *routes);
void ice_routes_run(struct ice_routes *routes, uint64_t now_ns);

/* Return the latest check's round trip; 0: none yet. */
uint64_t ice_routes_rtt_ns(const struct ice_routes *routes);

/* As ice_consented_ns, of the route in use. */
uint64_t ice_routes_consented_ns(const struct ice_routes *routes);

#endif
