/*
 * routes: the way to the peer as it changes: the route that is used, the next
 * one that an ICE restart has opened, and the old one for a moment, since what
 * is under way may still come there. Carries datagrams, whatever they are.
 */
#ifndef RP_DIAL_ROUTES_H
#define RP_DIAL_ROUTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/sdp.h"

struct event_base;
struct allocation_servers;
struct routes;

/*
 * Called from the loop, or from within routes_ functions; routes_free is not
 * allowed in them.
 */
struct routes_handlers {
	/* The candidate of our latest credentials is known. */
	void (*allocated)(void *arg);
	/* Data can be sent; called again when the first pair is nominated. */
	void (*open)(bool nominated, void *arg);
	/* A datagram that is not STUN. known: from where the peer is. */
	void (*data)(const uint8_t *data, size_t len, bool known, void *arg);
	/* Something was done: routes_due_ns may have changed. */
	void (*changed)(void *arg);
	/* No route works, nor may soon. Nothing follows. */
	void (*failed)(int err, const char *why, void *arg);
};

int routes_new(struct routes **out, struct event_base *loop,
    bool controlling, const struct routes_handlers *handlers, void *arg);
void routes_free(struct routes *routes);

/* As path_ufrag, path_password, path_candidate, path_server, path_restart. */
const char *routes_ufrag(const struct routes *routes);
const char *routes_password(const struct routes *routes);
bool routes_candidate(const struct routes *routes,
    struct sdp_candidate *out);
int routes_server(struct routes *routes,
    const struct allocation_servers *servers);
int routes_restart(struct routes *routes,
    const struct allocation_servers *servers);
bool routes_restarting(const struct routes *routes);
void routes_restart_cancel(struct routes *routes);
bool routes_opening(const struct routes *routes);

/* As path_again. */
int routes_again(struct routes *routes);

/*
 * The peer's credentials: its first, its answer to a restart, or its own. Of
 * answers to offers of which an older was given up the last counts. -EALREADY:
 * it answers nothing.
 */
int routes_remote(struct routes *routes, const struct sdp *remote);
int routes_remote_candidate(struct routes *routes, const char *ufrag,
    const struct sdp_candidate *candidate);

/* As route_can_handshake, route_send_handshake. */
bool routes_can_handshake(const struct routes *routes);
void routes_send_handshake(struct routes *routes, const uint8_t *data,
    size_t len);

/* Lost if it is not open. */
void routes_send(struct routes *routes, const uint8_t *data, size_t len);

/* When routes_run has something to do, or UINT64_MAX. */
uint64_t routes_due_ns(const struct routes *routes);
void routes_run(struct routes *routes, uint64_t now_ns);

/* The latest check's round trip; 0: none yet. */
uint64_t routes_rtt_ns(const struct routes *routes);

#endif
