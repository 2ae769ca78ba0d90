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

/*
 * Return whether the address that the switch named can be right. One of the
 * other family can if there is a route; a wrong one of the same family is a
 * fault, which the probe tells.
 */
static bool
is_usable(const struct media_ice_server *server, const struct addr *reached)
{
	struct addr source;

	if (!server->literal || nat64_is(reached, &server->addr))
		return false;
	return addr_is_v4(&server->addr) == addr_is_v4(reached) ||
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

void
reply_reach(struct reply *reply, const struct addr *reached)
{
	struct media_ice_server server;
	size_t i, n = 0;

	for (i = 0; i < reply->n_servers; i++) {
		server = reply->servers[i];
		if (!is_usable(&server, reached))
			server.addr = at_port(reached, addr_port(&server.addr));
		keep_server(reply, &n, &server);
	}
	reply->n_servers = reply->n_tries = n;
	if (n > 0)
		add_tries(reply, reached);
}
