/*
 * alloc_port: choose the relayed ports of an allocation at random, unique among
 * those that it meets, but for the one that a call keeps for its caller. Called
 * by alloc_add.
 */
#include "table/alloc_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "table/relayed_port.h"

static bool
is_reserved(const struct alloc_call *call, const struct addr *relayed,
    uint64_t now_ns)
{
	size_t i;

	for (i = 0; call->reserved != NULL && i < RESERVED_MAX; i++)
		if (call->reserved[i].expires_ns > now_ns &&
		    addr_equal(&call->reserved[i].relayed, relayed))
			return true;
	return false;
}

static bool
is_free_in_call(const struct alloc_call *call, const struct addr *relayed,
    uint64_t now_ns)
{
	const struct alloc *s;

	for (s = call->allocs; s != NULL; s = s->sibling)
		if (alloc_is_at(s, relayed))
			return false;
	return !is_reserved(call, relayed, now_ns);
}

/*
 * A port is reserved by the allocation at the one below, or by one of the same
 * user that is gone.
 */
static bool
is_free_in_space(const struct alloc_table *table, const struct alloc *a,
    const struct addr *relayed, uint64_t now_ns)
{
	struct addr below = *relayed;
	const struct alloc *holder;

	if (alloc_in_space(table, a->space, relayed) != NULL)
		return false;
	addr_set_port(&below, (uint16_t)(addr_port(relayed) - 1));
	holder = alloc_in_space(table, a->space, &below);
	return (holder == NULL || !is_reserved(holder->call, relayed,
	    now_ns)) && !is_reserved(a->call, relayed, now_ns);
}

/* May `a` have it? Its space is known. */
static bool
is_free(const struct alloc_table *table, const struct alloc *a,
    const struct addr *relayed, uint64_t now_ns)
{
	if (a->space == ALLOC_SIBLINGS)
		return is_free_in_call(a->call, relayed, now_ns);
	return is_free_in_space(table, a, relayed, now_ns);
}

/* Likewise of an invented one, which never has a port of the server's own. */
static bool
may_invent(const struct alloc_table *table, const struct alloc *a,
    const struct addr *relayed, uint64_t now_ns)
{
	return addr_port(relayed) != addr_port(&a->local) &&
	    !alloc_avoids_port(table, addr_port(relayed)) &&
	    is_free(table, a, relayed, now_ns);
}

/* Reserve the port after that of `a`, if it is free. */
static int
reserve(const struct alloc_table *table, struct alloc *a, uint64_t now_ns)
{
	struct alloc_call *call = a->call;
	struct alloc_reservation *r = NULL;
	struct addr next = a->relayed;
	size_t i;

	addr_set_port(&next, (uint16_t)(addr_port(&next) + 1));
	if (!may_invent(table, a, &next, now_ns))
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
claim(const struct alloc_table *table, struct alloc *a, uint64_t token,
    uint64_t now_ns)
{
	struct alloc_call *call = a->call;
	size_t i;

	for (i = 0; call->reserved != NULL && i < RESERVED_MAX; i++) {
		struct alloc_reservation *r = &call->reserved[i];

		if (r->expires_ns <= now_ns || r->token != token)
			continue;
		a->relayed = r->relayed;
		r->expires_ns = 0;
		return is_free(table, a, &a->relayed, now_ns) ? 0 : -ENOSPC;
	}
	return -ENOSPC;
}

/*
 * A space holds all clients of a service, and nobody else can have its ports,
 * so that it has more of them.
 */
static uint16_t
least_port(const struct alloc *a)
{
	return a->space == ALLOC_SIBLINGS ? RELAYED_PORT_MIN :
	    RELAYED_PORT_SPACE;
}

static void
leave_port(struct alloc_left *left, const struct addr *relayed)
{
	uint16_t port = addr_port(relayed);

	left->now[port / 64] |= UINT64_C(1) << port % 64;
}

void
alloc_leave_ports(struct alloc_table *table, const struct alloc *a)
{
	/* Siblings are cut from channels, and sockets have the kernel's. */
	if (a->space == ALLOC_SIBLINGS || a->fd >= 0)
		return;
	leave_port(&table->left, &a->relayed);
	if (a->second != NULL)
		leave_port(&table->left, &a->second->relayed);
}

/* Forget ports after as long as a channel lasts, or twice that. */
static void
forget_left(struct alloc_left *left, uint64_t now_ns)
{
	if (now_ns < left->since_ns + CHAN_LIFETIME_S * CLOCK_S)
		return;
	memcpy(left->before, left->now, sizeof(left->before));
	memset(left->now, 0, sizeof(left->now));
	left->since_ns = now_ns;
}

/* Was that port one of somebody who is gone? */
static bool
was_left(const struct alloc_left *left, const struct addr *relayed)
{
	uint16_t port = addr_port(relayed);

	return ((left->now[port / 64] | left->before[port / 64]) >>
	    port % 64 & 1) != 0;
}

_Static_assert(TURNCRED_PORT_MIN == RELAYED_PORT_MIN, "they are the same");

/* Return the port that its call keeps for the caller; 0: none. */
static uint16_t
kept_port(const struct alloc *a, const struct alloc_new *new)
{
	return new->cred->ours && a->space == ALLOC_SIBLINGS ?
	    turncred_kept_port(new->cred->call) : 0;
}

/*
 * Take the port that is kept for the caller, if it is `a`'s and free. A callee
 * was told of it in a push, before there was an allocation.
 */
static bool
take_kept(const struct alloc_table *table, const struct alloc *a,
    struct addr *relayed, const struct alloc_new *new, uint64_t now_ns)
{
	uint16_t kept = kept_port(a, new);

	if (kept == 0 || new->even || strcmp(a->party, TURNCRED_CALLER) != 0)
		return false;
	addr_set_port(relayed, kept);
	return may_invent(table, a, relayed, now_ns);
}

/* Choose a random port, unique among those that `a` meets. */
static int
choose_port(const struct alloc_table *table, struct alloc *a,
    struct addr *relayed, const struct alloc_new *new, uint64_t now_ns)
{
	/* At last a port will do that was left. */
	int tries = a->space == ALLOC_SIBLINGS ? 0 : -RELAYED_PORT_RESTED;
	uint16_t kept = kept_port(a, new);

	if (take_kept(table, a, relayed, new, now_ns))
		return 0;
	for (; tries < RELAYED_PORT_TRIES; tries++) {
		addr_set_port(relayed, relayed_port_random(least_port(a),
		    new->even));
		if (addr_port(relayed) == kept ||
		    (tries < 0 && was_left(&table->left, relayed)) ||
		    !may_invent(table, a, relayed, now_ns))
			continue;
		if (!new->reserve)
			return 0;
		if (reserve(table, a, now_ns) != -EADDRINUSE)
			return a->token != 0 ? 0 : -ENOSPC;
	}
	return -ENOSPC;
}

/* Choose the port of one address, unless it has that of its socket. */
static int
settle_port(const struct alloc_table *table, struct alloc *a,
    struct addr *relayed, int fd, const struct alloc_new *new,
    uint64_t now_ns)
{
	if (fd < 0)
		return choose_port(table, a, relayed, new, now_ns);
	return alloc_is_relayed(table, relayed) ? -ENOSPC : 0;
}

int
alloc_choose_ports(struct alloc_table *table, struct alloc *a,
    const struct alloc_new *new, uint64_t now_ns)
{
	int err;

	forget_left(&table->left, now_ns);
	if (new->token != 0)
		return claim(table, a, new->token, now_ns);
	err = settle_port(table, a, &a->relayed, a->fd, new, now_ns);
	if (err == 0 && a->second != NULL)
		err = settle_port(table, a, &a->second->relayed,
		    a->second->fd, new, now_ns);
	return err;
}
