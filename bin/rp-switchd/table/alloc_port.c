/*
 * alloc_port: choose the relayed ports of an allocation, unique in its call, at
 * random. Called by alloc_add.
 */
#include "table/alloc_private.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "table/relayed_port.h"

static bool
port_free(const struct alloc_call *call, const struct addr *relayed,
    uint64_t now_ns)
{
	const struct alloc *s;
	size_t i;

	for (s = call->allocs; s != NULL; s = s->sibling)
		if (alloc_is_at(s, relayed))
			return false;
	for (i = 0; call->reserved != NULL && i < RESERVED_MAX; i++)
		if (call->reserved[i].expires_ns > now_ns &&
		    addr_equal(&call->reserved[i].relayed, relayed))
			return false;
	return true;
}

/* Reserve the port after that of `a`, if it is free. */
static int
reserve(struct alloc_call *call, struct alloc *a, uint64_t now_ns)
{
	struct alloc_reservation *r = NULL;
	struct addr next = a->relayed;
	size_t i;

	addr_set_port(&next, (uint16_t)(addr_port(&next) + 1));
	if (addr_port(&next) == addr_port(&a->local) ||
	    !port_free(call, &next, now_ns))
		return -EADDRINUSE;
	if (call->reserved == NULL)
		call->reserved = calloc(RESERVED_MAX,
		    sizeof(*call->reserved));
	for (i = 0; call->reserved != NULL && i < RESERVED_MAX; i++)
		if (call->reserved[i].expires_ns <= now_ns)
			r = &call->reserved[i];
	if (r == NULL || crypto_random(&a->token, sizeof(a->token)) < 0)
		return -ENOSPC;
	*r = (struct alloc_reservation){
		.token = a->token, .relayed = next,
		.expires_ns = now_ns + RESERVED_S * CLOCK_S
	};
	return 0;
}

/* Take the port that was reserved for the token's holder. */
static int
claim(struct alloc_call *call, struct alloc *a, uint64_t token,
    uint64_t now_ns)
{
	size_t i;

	for (i = 0; call->reserved != NULL && i < RESERVED_MAX; i++) {
		struct alloc_reservation *r = &call->reserved[i];

		if (r->expires_ns <= now_ns || r->token != token)
			continue;
		a->relayed = r->relayed;
		r->expires_ns = 0;
		return 0;
	}
	return -ENOSPC;
}

/* Choose a random port, unique within the call and never the listening one. */
static int
choose_port(struct alloc_call *call, struct alloc *a, struct addr *relayed,
    const struct alloc_new *new, uint64_t now_ns)
{
	int tries;

	for (tries = 0; tries < RELAYED_PORT_TRIES; tries++) {
		addr_set_port(relayed, relayed_port_random(new->even));
		if (addr_port(relayed) == addr_port(&a->local) ||
		    !port_free(call, relayed, now_ns))
			continue;
		if (!new->reserve)
			return 0;
		if (reserve(call, a, now_ns) != -EADDRINUSE)
			return a->token != 0 ? 0 : -ENOSPC;
	}
	return -ENOSPC;
}

int
alloc_choose_ports(struct alloc_call *call, struct alloc *a,
    const struct alloc_new *new, uint64_t now_ns)
{
	int err = 0;

	if (new->token != 0)
		return claim(call, a, new->token, now_ns);
	if (a->fd < 0)
		err = choose_port(call, a, &a->relayed, new, now_ns);
	if (err == 0 && a->second != NULL && a->second->fd < 0)
		err = choose_port(call, a, &a->second->relayed, new, now_ns);
	return err;
}
