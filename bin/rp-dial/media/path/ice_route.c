/*
 * ice_route: one generation of the way: an ICE agent over one allocation.
 * ice_routes has the current and the next one. See ice_route.h.
 */
#include "media/path/ice_route.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "media/path/ice.h"

struct ice_route {
	struct ice_route_handlers handlers;
	void *arg;
	struct ice *ice;
	struct allocation *allocation;
	char remote_ufrag[SDP_UFRAG];
	bool open;
	struct addr peer;
};

static int
on_send(const struct addr *to, const uint8_t *data, size_t len, void *arg)
{
	struct ice_route *route = arg;

	return allocation_send(route->allocation, to, data, len);
}

static void
on_selected(const struct addr *to, bool nominated, void *arg)
{
	struct ice_route *route = arg;

	route->peer = *to;
	route->open = true;
	allocation_bind(route->allocation, to);
	route->handlers.open(route, nominated, route->arg);
}

static void
on_failed(int err, void *arg)
{
	struct ice_route *route = arg;

	route->handlers.closed(route, err, route->arg);
}

static const struct ice_handlers ice_handlers = {
	on_send, on_selected, on_failed
};

int
ice_route_new(struct ice_route **out, bool controlling,
    const struct ice_route_handlers *handlers, void *arg)
{
	struct ice_route *route = calloc(1, sizeof(*route));
	int err;

	if (route == NULL)
		return -ENOMEM;
	route->handlers = *handlers;
	route->arg = arg;
	err = ice_new(&route->ice, controlling, &ice_handlers, route);
	if (err < 0) {
		free(route);
		return err;
	}
	*out = route;
	return 0;
}

void
ice_route_free(struct ice_route *route)
{
	if (route == NULL)
		return;
	ice_free(route->ice);
	allocation_drop(route->allocation);
	free(route);
}

void
ice_route_sped(struct ice_route *route, struct sped *sped)
{
	ice_sped(route->ice, sped);
}

int
ice_route_again(struct ice_route *route)
{
	struct ice *ice;
	int err = ice_again(&ice, route->ice, &ice_handlers, route);

	if (err < 0)
		return err;
	ice_free(route->ice);
	route->ice = ice;
	route->open = false;
	route->remote_ufrag[0] = '\0';
	if (route->allocation != NULL &&
	    allocation_relay(route->allocation) != NULL)
		ice_route_start(route);
	return 0;
}

const char *
ice_route_ufrag(const struct ice_route *route)
{
	return ice_ufrag(route->ice);
}

const char *
ice_route_password(const struct ice_route *route)
{
	return ice_password(route->ice);
}

bool
ice_route_controlling(const struct ice_route *route)
{
	return ice_controlling(route->ice);
}

void
ice_route_use(struct ice_route *route, struct allocation *allocation)
{
	route->allocation = allocation_hold(allocation);
	if (allocation_relay(allocation) != NULL)
		ice_route_start(route);
}

struct allocation *
ice_route_allocation(const struct ice_route *route)
{
	return route->allocation;
}

void
ice_route_start(struct ice_route *route)
{
	ice_start(route->ice, allocation_relay(route->allocation), clock_ns());
}

int
ice_route_remote(struct ice_route *route, const struct sdp *remote)
{
	strcpy(route->remote_ufrag, remote->ufrag);
	return ice_remote(route->ice, remote->ufrag, remote->password,
	    clock_ns());
}

bool
ice_route_has_remote(const struct ice_route *route)
{
	return route->remote_ufrag[0] != '\0';
}

bool
ice_route_is_of(const struct ice_route *route, const char *remote_ufrag)
{
	return strcmp(route->remote_ufrag, remote_ufrag) == 0;
}

int
ice_route_remote_candidate(struct ice_route *route,
    const struct sdp_candidate *candidate)
{
	return ice_remote_candidate(route->ice, candidate, clock_ns());
}

int
ice_route_expect(struct ice_route *route, const struct addr *remote)
{
	return ice_expect(route->ice, remote, clock_ns());
}

const char *
ice_route_heard(const struct ice_route *route)
{
	return ice_heard(route->ice);
}

bool
ice_route_is_checked(const struct ice_route *route)
{
	return ice_is_checked(route->ice);
}

int
ice_route_receive(struct ice_route *route, const struct addr *from,
    const uint8_t *data, size_t len)
{
	return ice_receive(route->ice, from, data, len, clock_ns());
}

bool
ice_route_knows(const struct ice_route *route, const struct addr *from)
{
	return ice_knows(route->ice, from);
}

void
ice_route_send_to(struct ice_route *route, const struct addr *to,
    const uint8_t *data, size_t len)
{
	if (route->allocation != NULL)
		allocation_send(route->allocation, to, data, len);
}

/*
 * Return the target of a handshake. Packets from our relay to itself flood
 * nobody else, so a handshake need not wait for a check's answer. To a target
 * where only we have sent so far, it adds no more than the checks.
 */
static const struct addr *
handshake_peer(const struct ice_route *route)
{
	if (route->open)
		return &route->peer;
	if (route->allocation == NULL ||
	    allocation_relay(route->allocation) == NULL)
		return NULL;
	return ice_early(route->ice, allocation_relay(route->allocation));
}

bool
ice_route_can_handshake(const struct ice_route *route)
{
	return handshake_peer(route) != NULL;
}

void
ice_route_send_handshake(struct ice_route *route, const uint8_t *data,
    size_t len)
{
	const struct addr *peer = handshake_peer(route);

	if (peer != NULL)
		allocation_send(route->allocation, peer, data, len);
}

/*
 * Data may be due before our own check was answered. It goes where the handshake
 * did, which proves more than a check does.
 */
void
ice_route_send(struct ice_route *route, const uint8_t *data, size_t len)
{
	ice_route_send_handshake(route, data, len);
}

uint64_t
ice_route_due_ns(const struct ice_route *route)
{
	return ice_due_ns(route->ice);
}

void
ice_route_run(struct ice_route *route, uint64_t now_ns)
{
	ice_run(route->ice, now_ns);
}

uint64_t
ice_route_rtt_ns(const struct ice_route *route)
{
	return ice_rtt_ns(route->ice);
}

uint64_t
ice_route_consented_ns(const struct ice_route *route)
{
	return ice_consented_ns(route->ice);
}
