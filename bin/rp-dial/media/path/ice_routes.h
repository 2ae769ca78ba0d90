/*
 * ice_routes: the way to the peer as it changes: the route that is used, the next
 * one that an ICE restart has opened, and the old one for a moment, since what
 * is under way may still come there. Carries datagrams, whatever they are.
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

/*
 * Called from the loop, or from within routes_ functions; ice_routes_free is not
 * allowed in them.
 */
struct ice_routes_handlers {
	/* The candidate of our latest credentials is known. */
	void (*allocated)(void *arg);
	/* Data can be sent; called again when the first pair is nominated. */
	void (*open)(bool nominated, void *arg);
	/* A datagram that is not STUN. known: from where the peer is. */
	void (*data)(const uint8_t *data, size_t len, bool known, void *arg);
	/* Something was done: ice_routes_due_ns may have changed. */
	void (*changed)(void *arg);
	/* No route works, nor may soon. Nothing follows. */
	void (*failed)(int err, const char *why, void *arg);
};

int ice_routes_new(struct ice_routes **out, struct event_base *loop,
    bool controlling, const struct ice_routes_handlers *handlers, void *arg);
void ice_routes_free(struct ice_routes *routes);

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
 * The peer's credentials: its first, its answer to a restart, or its own. Of
 * answers to offers of which an older was given up the last counts. -EALREADY:
 * it answers nothing.
 */
int ice_routes_remote(struct ice_routes *routes, const struct sdp *remote);
int ice_routes_remote_candidate(struct ice_routes *routes, const char *ufrag,
    const struct sdp_candidate *candidate);

/* As ice_route_can_handshake, ice_route_send_handshake. */
bool ice_routes_can_handshake(const struct ice_routes *routes);
void ice_routes_send_handshake(struct ice_routes *routes, const uint8_t *data,
    size_t len);

/* Lost if it is not open. */
void ice_routes_send(struct ice_routes *routes, const uint8_t *data, size_t len);

/* When ice_routes_run has something to do, or UINT64_MAX. */
uint64_t ice_routes_due_ns(const struct ice_routes *routes);
void ice_routes_run(struct ice_routes *routes, uint64_t now_ns);

/* The latest check's round trip; 0: none yet. */
uint64_t ice_routes_rtt_ns(const struct ice_routes *routes);

#endif
