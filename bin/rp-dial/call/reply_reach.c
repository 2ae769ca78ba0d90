/* reply_reach: the address of each server of a reply. See reply_reach.h. */
#include "call/reply_reach.h"

#include <stdbool.h>

#include "call/reply.h"
#include "net/netwatch.h"
#include "wire/nat64.h"

static struct addr
at_port(const struct addr *addr, uint16_t port)
{
	struct addr out = *addr;

	addr_set_port(&out, port);
	return out;
}

/* Return how near an address is: 0 on the Internet, 1 private, 2 this host. */
static int
nearness(const struct addr *addr)
{
	if (addr_is_public(addr))
		return 0;
	return addr_is_loopback(addr) ? 2 : 1;
}

static bool
is_link_local_v4(const struct addr *addr)
{
	size_t n;
	const uint8_t *ip = addr_ip(addr, &n);

	return n == 4 && ip[0] == 169 && ip[1] == 254;
}

bool
reply_reach_is_beyond(const struct addr *addr, const struct addr *home)
{
	struct addr plain = *addr;

	addr_unmap(&plain);
	return addr_is_unicast(&plain) && !is_link_local_v4(&plain) &&
	    nearness(&plain) <= nearness(home);
}

/* Return whether the switch has this address, by what others say. */
static bool
is_own(const struct reply_place *place, const struct addr *named)
{
	struct addr plain = *named, *addr = &plain;
	size_t i;

	addr_unmap(&plain);
	if (addr_equal_ip(addr, place->reached))
		return true;
	if (!reply_reach_is_beyond(addr, place->reached))
		return false;
	for (i = 0; i < place->n_known; i++)
		if (addr_equal_ip(addr, &place->known[i]))
			return true;
	/* A switch on this very host has the host's addresses. */
	return addr_is_loopback(place->reached) && !addr_is_loopback(addr) &&
	    netwatch_has(addr);
}

/*
 * Return whether the switch may have it all the same: DNS may not have told
 * this family in time, or an address may be all that we know of the switch.
 */
static bool
is_untold(const struct reply_place *place, const struct addr *addr)
{
	size_t i;

	if (!addr_is_public(addr) ||
	    addr_is_v4(addr) == addr_is_v4(place->reached))
		return false;
	for (i = 0; i < place->n_known; i++)
		if (addr_is_v4(&place->known[i]) == addr_is_v4(addr))
			return false;
	return true;
}

static void
refuse_server(struct reply *reply, struct media_ice_server *server)
{
	server->refused = true;
	if (reply->has_refused)
		return;
	reply->has_refused = true;
	reply->refused = server->addr;
}

/*
 * Return whether the address that the switch named is of use here. One of the
 * other family is if there is a route; a wrong one of the same family is a
 * fault, which the probe tells.
 */
static bool
is_usable(const struct media_ice_server *server,
    const struct reply_place *place)
{
	struct addr source;

	if (!server->literal || server->refused)
		return false;
	return addr_is_v4(&server->addr) == addr_is_v4(place->reached) ||
	    netwatch_source(&source, &server->addr) == 0;
}

/* Add a server unless there is one like it. */
static void
keep_server(struct reply *reply, size_t *n,
    const struct media_ice_server *server)
{
	size_t i;

	for (i = 0; i < *n; i++)
		if (reply->servers[i].via == server->via &&
		    addr_equal(&reply->servers[i].addr, &server->addr))
			return;
	if (*n < REPLY_TRIES)
		reply->servers[(*n)++] = *server;
}

/*
 * Add to the servers the same ones at the other address, that of the relay or
 * that of the switch: either may be wrong, or without some of the ports.
 */
static void
add_tries(struct reply *reply, const struct addr *reached)
{
	struct addr relay = reply->servers[0].addr;
	struct media_ice_server server;
	size_t i;

	for (i = 0; i < reply->n_servers; i++) {
		server = reply->servers[i];
		server.addr = at_port(server.literal ? reached : &relay,
		    addr_port(&server.addr));
		keep_server(reply, &reply->n_tries, &server);
	}
}

static void
place_servers(struct reply *reply, const struct reply_place *place,
    bool move_refused)
{
	struct media_ice_server server;
	size_t i, n = 0;

	for (i = 0; i < reply->n_servers; i++) {
		server = reply->servers[i];
		if (server.literal && (nat64_is(place->reached, &server.addr) ||
		    is_untold(place, &server.addr)))
			server.literal = false;
		if (server.literal && !is_own(place, &server.addr))
			refuse_server(reply, &server);
		if (!is_usable(&server, place) &&
		    (move_refused || !server.refused))
			server.addr = at_port(place->reached,
			    addr_port(&server.addr));
		keep_server(reply, &n, &server);
	}
	reply->n_servers = reply->n_tries = n;
}

void
reply_reach(struct reply *reply, const struct reply_place *place)
{
	place_servers(reply, place, true);
	if (reply->n_servers > 0)
		add_tries(reply, place->reached);
}

void
reply_reach_mark(struct reply *reply, const struct reply_place *place)
{
	place_servers(reply, place, false);
}
