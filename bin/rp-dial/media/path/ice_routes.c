/*
 * ice_routes: the route in use, the one that a restart opened, and the old one
 * for a moment. Called by path. See ice_routes.h.
 */
#include "media/path/ice_routes.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "media/path/allocation.h"
#include "media/path/ice.h"
#include "media/path/ice_route.h"
#include "wire/stun.h"

#define OLD_NS (3 * CLOCK_S)

/* The routes by age. NOW always exists; data goes out there. */
enum age {
	OLD,
	NOW,
	NEXT,
	AGES
};

struct ice_routes {
	struct ice_routes_handlers handlers;
	void *arg;
	struct event_base *loop;
	struct sped *sped;		/* NULL: none */
	bool over, connected;
	struct ice_route *route[AGES];
	bool closed[AGES];
	uint64_t old_until_ns;
};

static void
fail_routes(struct ice_routes *routes, int err, const char *why)
{
	if (routes->over)
		return;
	routes->over = true;
	routes->handlers.failed(err, why, routes->arg);
}

static struct ice_route *
latest(const struct ice_routes *routes)
{
	return routes->route[routes->route[NEXT] != NULL ? NEXT : NOW];
}

static void
drop_routes(struct ice_routes *routes, enum age age)
{
	ice_route_free(routes->route[age]);
	routes->route[age] = NULL;
	routes->closed[age] = false;
}

static enum age
age_of(const struct ice_routes *routes, const struct ice_route *route)
{
	int age;

	for (age = 0; age < AGES - 1; age++)
		if (routes->route[age] == route)
			break;
	return (enum age)age;
}

/* Send data over the next route from now on, because it works. */
static void
move_over(struct ice_routes *routes)
{
	drop_routes(routes, OLD);
	routes->route[OLD] = routes->route[NOW];
	routes->closed[OLD] = routes->closed[NOW];
	routes->old_until_ns = clock_ns() + OLD_NS;
	routes->route[NOW] = routes->route[NEXT];
	routes->closed[NOW] = routes->closed[NEXT];
	routes->route[NEXT] = NULL;
	routes->closed[NEXT] = false;
	log_debug("media_moved", "to=new_route");
}

static void
route_open(struct ice_route *route, bool nominated, void *arg)
{
	struct ice_routes *routes = arg;

	if (age_of(routes, route) == NEXT)
		move_over(routes);
	if (nominated)
		routes->connected = true;
	routes->handlers.open(nominated, routes->arg);
}

/*
 * Drop a failed route. The path fails unless another route carries data, or may
 * soon.
 */
static void
lose(struct ice_routes *routes, enum age age, int err, const char *why)
{
	routes->closed[age] = true;
	if (age == OLD || !routes->closed[NOW])
		return;
	if (routes->route[NEXT] == NULL || routes->closed[NEXT])
		fail_routes(routes, err, why);
}

static void
route_closed(struct ice_route *route, int err, void *arg)
{
	struct ice_routes *routes = arg;

	lose(routes, age_of(routes, route), err, routes->connected ?
	    "the peer is silent" : "no path to the peer");
}

static int
make_route(struct ice_routes *routes, bool controlling, enum age age)
{
	static const struct ice_route_handlers handlers = {
		route_open, route_closed
	};
	int err = ice_route_new(&routes->route[age], controlling, &handlers,
	    routes);

	if (err == 0)
		ice_route_sped(routes->route[age], routes->sped);
	return err;
}

static void
allocation_ready(struct allocation *allocation, void *arg)
{
	struct ice_routes *routes = arg;
	int age;

	for (age = 0; age < AGES; age++)
		if (routes->route[age] != NULL &&
		    ice_route_allocation(routes->route[age]) == allocation)
			ice_route_start(routes->route[age]);
	if (ice_route_allocation(latest(routes)) == allocation)
		routes->handlers.allocated(routes->arg);
	routes->handlers.changed(routes->arg);
}

/* Offer a STUN message to the newest route first, because most are for it. */
static void
on_stun(struct ice_routes *routes, struct allocation *allocation,
    const struct addr *from, const uint8_t *data, size_t len)
{
	int age, err = -ENOENT;

	for (age = AGES - 1; age >= 0 && err == -ENOENT; age--)
		if (routes->route[age] != NULL && !routes->closed[age] &&
		    ice_route_allocation(routes->route[age]) == allocation)
			err = ice_route_receive(routes->route[age], from, data,
			    len);
}

static void
allocation_data(struct allocation *allocation, const struct addr *from,
    const uint8_t *data, size_t len, void *arg)
{
	struct ice_routes *routes = arg;

	if (routes->over)
		return;
	if (stun_is(data, len))
		on_stun(routes, allocation, from, data, len);
	else
		routes->handlers.data(from, data, len, routes->arg);
	routes->handlers.changed(routes->arg);
}

static void
allocation_failed(struct allocation *allocation, int err, const char *why,
    void *arg)
{
	struct ice_routes *routes = arg;
	int age;

	for (age = 0; age < AGES && !routes->over; age++)
		if (routes->route[age] != NULL &&
		    ice_route_allocation(routes->route[age]) == allocation)
			lose(routes, (enum age)age, err, why);
}

/* Give the route its own allocation. */
static int
allocate(struct ice_routes *routes, struct ice_route *route,
    const struct allocation_servers *servers)
{
	static const struct allocation_handlers handlers = {
		allocation_ready, allocation_data, allocation_failed
	};
	struct allocation *allocation;
	int err = allocation_new(&allocation, routes->loop, servers, &handlers,
	    routes);

	if (err < 0)
		return err;
	ice_route_use(route, allocation);
	allocation_drop(allocation);
	return 0;
}


int
ice_routes_new(struct ice_routes **out, struct event_base *loop,
    bool controlling, const struct ice_routes_handlers *handlers, void *arg)
{
	struct ice_routes *routes = calloc(1, sizeof(*routes));
	int err;

	if (routes == NULL)
		return -ENOMEM;
	routes->handlers = *handlers;
	routes->arg = arg;
	routes->loop = loop;
	err = make_route(routes, controlling, NOW);
	if (err < 0) {
		free(routes);
		return err;
	}
	*out = routes;
	return 0;
}

void
ice_routes_sped(struct ice_routes *routes, struct sped *sped)
{
	routes->sped = sped;
	ice_route_sped(routes->route[NOW], sped);
}

void
ice_routes_free(struct ice_routes *routes)
{
	int age;

	if (routes == NULL)
		return;
	for (age = 0; age < AGES; age++)
		ice_route_free(routes->route[age]);
	free(routes);
}

const char *
ice_routes_ufrag(const struct ice_routes *routes)
{
	return ice_route_ufrag(latest(routes));
}

const char *
ice_routes_password(const struct ice_routes *routes)
{
	return ice_route_password(latest(routes));
}

bool
ice_routes_candidate(const struct ice_routes *routes, struct sdp_candidate *out)
{
	const struct allocation *a = ice_route_allocation(latest(routes));

	if (a == NULL || allocation_relayed(a) == NULL)
		return false;
	ice_candidate(out, allocation_relayed(a));
	return true;
}

int
ice_routes_server(struct ice_routes *routes,
    const struct allocation_servers *servers)
{
	if (ice_route_allocation(routes->route[NOW]) != NULL)
		return -EALREADY;
	return allocate(routes, routes->route[NOW], servers);
}

/*
 * Make the next route. Without servers it uses the newest allocation again,
 * because that is where our network is now.
 */
static int
restart_with(struct ice_routes *routes, struct allocation *allocation,
    const struct allocation_servers *servers)
{
	int err;

	drop_routes(routes, NEXT);
	err = make_route(routes, ice_route_controlling(routes->route[NOW]),
	    NEXT);
	if (err < 0)
		return err;
	if (servers != NULL)
		err = allocate(routes, routes->route[NEXT], servers);
	else
		ice_route_use(routes->route[NEXT], allocation);
	if (err < 0)
		drop_routes(routes, NEXT);
	return err;
}

int
ice_routes_restart(struct ice_routes *routes,
    const struct allocation_servers *servers)
{
	struct allocation *a = ice_route_allocation(latest(routes));
	int err;

	if (routes->over || a == NULL)
		return -ENOTCONN;
	allocation_hold(a);
	err = restart_with(routes, a, servers);
	allocation_drop(a);
	return err;
}

int
ice_routes_again(struct ice_routes *routes)
{
	if (routes->over)
		return -ENOTCONN;
	drop_routes(routes, OLD);
	drop_routes(routes, NEXT);
	routes->connected = routes->closed[NOW] = false;
	return ice_route_again(routes->route[NOW]);
}

bool
ice_routes_restarting(const struct ice_routes *routes)
{
	return routes->route[NEXT] != NULL &&
	    !ice_route_has_remote(routes->route[NEXT]);
}

void
ice_routes_restart_cancel(struct ice_routes *routes)
{
	if (ice_routes_restarting(routes))
		drop_routes(routes, NEXT);
}

bool
ice_routes_opening(const struct ice_routes *routes)
{
	return routes->route[NEXT] != NULL &&
	    ice_route_has_remote(routes->route[NEXT]);
}

/* Prepare the latest route for new credentials of the peer's. */
static int
make_room(struct ice_routes *routes, bool is_offer)
{
	if (is_offer)
		return ice_routes_restart(routes, NULL);
	/* The peer has never heard the credentials of a new route. */
	if (routes->route[NEXT] == NULL)
		return -EALREADY;
	routes->closed[NEXT] = false;
	return ice_route_again(routes->route[NEXT]);
}

int
ice_routes_remote(struct ice_routes *routes, const struct sdp *remote)
{
	struct ice_route *route = latest(routes);
	int err = 0;

	if (ice_route_is_of(route, remote->ufrag))
		return 0;
	if (ice_route_has_remote(route))
		err = make_room(routes, remote->setup == SDP_ACTPASS);
	return err < 0 ? err : ice_route_remote(latest(routes), remote);
}

int
ice_routes_remote_candidate(struct ice_routes *routes, const char *ufrag,
    const struct sdp_candidate *candidate)
{
	int age;

	for (age = NEXT; age >= NOW; age--) {
		struct ice_route *route = routes->route[age];

		if (route != NULL && ice_route_has_remote(route) &&
		    (*ufrag == '\0' || ice_route_is_of(route, ufrag)))
			return ice_route_remote_candidate(route, candidate);
	}
	return -ENOENT;
}

int
ice_routes_expect(struct ice_routes *routes, const struct addr *remote)
{
	if (!ice_route_has_remote(routes->route[NOW]))
		return -ENOENT;
	return ice_route_expect(routes->route[NOW], remote);
}

const char *
ice_routes_heard(const struct ice_routes *routes)
{
	return ice_route_heard(routes->route[NOW]);
}

bool
ice_routes_is_checked(const struct ice_routes *routes)
{
	return ice_route_is_checked(routes->route[NOW]);
}

bool
ice_routes_knows(const struct ice_routes *routes, const struct addr *from)
{
	return ice_route_knows(routes->route[NOW], from);
}

void
ice_routes_send_to(struct ice_routes *routes, const struct addr *to,
    const uint8_t *data, size_t len)
{
	ice_route_send_to(routes->route[NOW], to, data, len);
}

bool
ice_routes_can_handshake(const struct ice_routes *routes)
{
	return ice_route_can_handshake(routes->route[NOW]);
}

void
ice_routes_send_handshake(struct ice_routes *routes, const uint8_t *data,
    size_t len)
{
	ice_route_send_handshake(routes->route[NOW], data, len);
}

void
ice_routes_send(struct ice_routes *routes, const uint8_t *data, size_t len)
{
	ice_route_send(routes->route[NOW], data, len);
}

uint64_t
ice_routes_due_ns(const struct ice_routes *routes)
{
	uint64_t due = routes->route[OLD] != NULL ? routes->old_until_ns :
	    ICE_NEVER;
	int age;

	if (routes->over)
		return ICE_NEVER;
	for (age = 0; age < AGES; age++)
		if (routes->route[age] != NULL && !routes->closed[age] &&
		    ice_route_due_ns(routes->route[age]) < due)
			due = ice_route_due_ns(routes->route[age]);
	return due;
}

void
ice_routes_run(struct ice_routes *routes, uint64_t now_ns)
{
	int age;

	/* From old to new, because a new route may replace the others. */
	for (age = 0; age < AGES && !routes->over; age++)
		if (routes->route[age] != NULL && !routes->closed[age])
			ice_route_run(routes->route[age], now_ns);
	if (routes->route[OLD] != NULL && now_ns >= routes->old_until_ns)
		drop_routes(routes, OLD);
	if (routes->closed[NEXT])
		drop_routes(routes, NEXT);
}

uint64_t
ice_routes_rtt_ns(const struct ice_routes *routes)
{
	return ice_route_rtt_ns(routes->route[NOW]);
}

uint64_t
ice_routes_consented_ns(const struct ice_routes *routes)
{
	return ice_route_consented_ns(routes->route[NOW]);
}
