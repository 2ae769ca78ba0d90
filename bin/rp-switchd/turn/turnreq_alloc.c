/*
 * turnreq_alloc: the requests about a whole allocation, Allocate and Refresh.
 * Called by turnreq, which has checked the login.
 */
#include "turn/turnreq_private.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "relay/local_addrs.h"
#include "table/alloc.h"
#include "turn/peers.h"

#define UDP 17
#define RESERVE 0x80		/* EVEN-PORT's bit: reserve the next port */

/* Get LIFETIME within its bounds, or the default without it. */
static int
lifetime(const struct turnreq *r, uint32_t *out)
{
	uint32_t least = r->server->lifetime_s != 0 ? r->server->lifetime_s :
	    TURNREQ_LIFETIME_S;
	uint32_t asked, most = least * TURNREQ_LIFETIME_MAX;
	int err = stun_get_u32(&r->msg, STUN_ATTR_LIFETIME, &asked);

	if (err == -EBADMSG)
		return TURNREQ_400;
	*out = least;
	if (err == 0 && asked > least)
		*out = asked < most ? asked : most;
	return TURNREQ_OK;
}

/*
 * Get REQUESTED-ADDRESS-FAMILY: AF_INET or AF_INET6, or AF_UNSPEC if it is
 * absent.
 */
static int
requested_family(const struct turnreq *r, sa_family_t *family)
{
	uint8_t asked;
	int err = stun_get_u8(&r->msg, STUN_ATTR_REQUESTED_ADDRESS_FAMILY,
	    &asked);

	*family = AF_UNSPEC;
	if (err == -ENOENT)
		return TURNREQ_OK;
	if (err < 0 || stun_has(&r->msg, STUN_ATTR_RESERVATION_TOKEN))
		return TURNREQ_400;
	if (asked != STUN_IPV4 && asked != STUN_IPV6)
		return TURNREQ_440;
	*family = asked == STUN_IPV4 ? AF_INET : AF_INET6;
	return TURNREQ_OK;
}

/* Check an Allocate by RFC 8656 7.2, points 3 to 10. */
static int
check_allocate(const struct turnreq *r)
{
	bool token = stun_has(&r->msg, STUN_ATTR_RESERVATION_TOKEN);
	uint8_t transport, even = 0, family;
	int err, additional;

	if (stun_get_u8(&r->msg, STUN_ATTR_REQUESTED_TRANSPORT,
	    &transport) < 0)
		return TURNREQ_400;
	if (transport != UDP)
		return TURNREQ_442;
	err = stun_get_u8(&r->msg, STUN_ATTR_EVEN_PORT, &even);
	if (err == -EBADMSG || (err == 0 && token))
		return TURNREQ_400;
	/* It requests IPv6 in addition to IPv4, and allows no other value. */
	additional = stun_get_u8(&r->msg, STUN_ATTR_ADDITIONAL_ADDRESS_FAMILY,
	    &family);
	if (additional == -EBADMSG || (additional == 0 &&
	    (family != STUN_IPV6 || token || (even & RESERVE) != 0 ||
	    stun_has(&r->msg, STUN_ATTR_REQUESTED_ADDRESS_FAMILY))))
		return TURNREQ_400;
	/* No socket is reserved, because its user may never come. */
	if (r->server->peers != NULL && (token || (even & RESERVE) != 0))
		return TURNREQ_508;
	return TURNREQ_OK;
}

/*
 * Find a relayed address without its port. With relay sockets, also find the
 * local address behind it.
 */
static int
find_addrs(const struct turnreq *r, sa_family_t family, struct addr *relayed,
    struct addr *local)
{
	const struct local_addrs *local_addrs = r->server->local_addrs;

	if (local_addrs_relayed(local_addrs, family, r->in->local, relayed) < 0)
		return TURNREQ_440;
	if (r->server->peers != NULL &&
	    local_addrs_local(local_addrs, family, r->in->local, local) < 0)
		return TURNREQ_440;
	return TURNREQ_OK;
}

/* Reserve a relayed address of that family, with its socket if it has one. */
static int
take_port(const struct turnreq *r, sa_family_t family, bool even,
    struct addr *relayed, int *fd)
{
	struct addr local;
	int err = find_addrs(r, family, relayed, &local);

	*fd = -1;
	if (err != TURNREQ_OK || r->server->peers == NULL)
		return err;
	*fd = peers_open(&local, even);
	if (*fd < 0)
		return TURNREQ_508;
	addr_set_port(relayed, addr_port(&local));
	return TURNREQ_OK;
}

/*
 * Reserve an address of the requested family, or one of each if both were
 * requested. With both, one success is enough.
 */
static int
take_all(const struct turnreq *r, sa_family_t family, struct alloc_new *new,
    struct addr relayed[static 2])
{
	int err, err_six;

	new->second_fd = -1;
	new->relayed = &relayed[0];
	err = take_port(r, family == AF_UNSPEC ? AF_INET : family, new->even,
	    &relayed[0], &new->fd);
	if (!stun_has(&r->msg, STUN_ATTR_ADDITIONAL_ADDRESS_FAMILY))
		return err;
	err_six = take_port(r, AF_INET6, new->even, &relayed[1],
	    &new->second_fd);
	if (err_six != TURNREQ_OK)
		return err;
	if (err == TURNREQ_OK) {
		new->second = &relayed[1];
		return TURNREQ_OK;
	}
	new->relayed = &relayed[1];
	new->fd = new->second_fd;
	new->second_fd = -1;
	return TURNREQ_OK;
}

/*
 * Add the relayed address of this family or, if both families were requested
 * and this one failed, the reason (ADDRESS-ERROR-CODE).
 */
static void
add_relayed(struct turnreq *r, sa_family_t family, uint8_t stun_family)
{
	const struct addr *relayed;
	struct addr unused[2];

	relayed = alloc_relayed(r->alloc, family, r->in->now_ns);
	if (relayed != NULL)
		stun_add_xor_addr(&r->reply, STUN_ATTR_XOR_RELAYED_ADDRESS,
		    relayed);
	else if (!stun_has(&r->msg, STUN_ATTR_ADDITIONAL_ADDRESS_FAMILY))
		return;
	else if (find_addrs(r, family, &unused[0], &unused[1]) != TURNREQ_OK)
		stun_add_address_error(&r->reply, stun_family, 440,
		    "Address Family not Supported");
	else
		stun_add_address_error(&r->reply, stun_family, 508,
		    "Insufficient Capacity");
}

static void
allocated(struct turnreq *r, uint32_t lifetime_s)
{
	add_relayed(r, AF_INET, STUN_IPV4);
	add_relayed(r, AF_INET6, STUN_IPV6);
	stun_add_u32(&r->reply, STUN_ATTR_LIFETIME, lifetime_s);
	if (r->alloc->token != 0)
		stun_add_u64(&r->reply, STUN_ATTR_RESERVATION_TOKEN,
		    r->alloc->token);
	stun_add_xor_addr(&r->reply, STUN_ATTR_XOR_MAPPED_ADDRESS,
	    r->in->client);
}

/* Say in the log which limit was reached. */
static const char *
limit_name(int err, bool ours)
{
	switch (err) {
	case -EDQUOT:
		return ours ? "the party or call has or makes too many" :
		    "the user has or makes too many";
	case -EUSERS:
		return "the client's network has too many";
	case -ENOBUFS:
		return "the service has too many";
	case -ENOSPC:
		return "the relay has too many, or not that port";
	default:
		return NULL;
	}
}

/*
 * A user's quota is 486; any other limit is the relay's, so that another one
 * may be tried (RFC 8656 7.2).
 */
static int
add_error(int err)
{
	switch (err) {
	case -EEXIST:
		return TURNREQ_437;
	case -ESTALE:
		return TURNREQ_438;	/* a replay of an observed request */
	case -EDQUOT:
		return TURNREQ_486;
	case -ECANCELED:
		return TURNREQ_403;
	case -ENOSPC:
	case -EUSERS:
	case -ENOBUFS:
		return TURNREQ_508;
	default:
		return TURNREQ_500;
	}
}

static int
watch(const struct turnreq *r, const struct alloc_new *new)
{
	int err = 0;

	if (new->fd >= 0)
		err = peers_watch(r->server->peers, new->fd);
	if (err == 0 && new->second_fd >= 0)
		err = peers_watch(r->server->peers, new->second_fd);
	return err;
}

/* Add the allocation. `new` is complete except for the addresses. */
static int
add_alloc(struct turnreq *r, struct alloc_new *new, sa_family_t family)
{
	struct addr relayed[2];
	int err = take_all(r, family, new, relayed);

	if (err != TURNREQ_OK)
		return err;
	err = alloc_add(r->server->table, new, r->in->now_ns, &r->alloc);
	if (err < 0 && new->fd >= 0)
		close(new->fd);
	if (err < 0 && new->second_fd >= 0)
		close(new->second_fd);
	if (err < 0) {
		r->login.why = limit_name(err, new->cred->ours);
		return add_error(err);
	}
	if (watch(r, new) < 0) {
		alloc_delete(r->server->table, r->alloc);
		return TURNREQ_508;
	}
	return TURNREQ_OK;
}

/*
 * Answer an Allocate for which there is an allocation already. The answer to
 * the first may have been lost.
 */
static int
again(struct turnreq *r)
{
	const struct alloc *a = r->alloc;

	if (memcmp(a->transaction, r->msg.transaction, STUN_TRANSACTION) != 0)
		return TURNREQ_437;
	allocated(r, (uint32_t)((__atomic_load_n(&a->expires_ns,
	    __ATOMIC_RELAXED) - r->in->now_ns + CLOCK_S - 1) / CLOCK_S));
	return TURNREQ_OK;
}

int
turnreq_allocate(struct turnreq *r)
{
	struct alloc_new new = {
		.client = r->in->client, .local = r->in->local,
		.listen = r->in->listen, .inbox = r->in->inbox,
		.stream = r->in->stream, .tls = r->in->tls,
		.username = r->login.username,
		.cred = &r->login.cred, .key = &r->login.key,
		.transaction = r->msg.transaction
	};
	sa_family_t family;
	uint8_t even = 0;
	int err;

	if (r->alloc != NULL)
		return again(r);
	err = check_allocate(r);
	if (err == TURNREQ_OK)
		err = requested_family(r, &family);
	if (err == TURNREQ_OK)
		err = lifetime(r, &new.lifetime_s);
	if (err != TURNREQ_OK)
		return err;
	new.even = stun_get_u8(&r->msg, STUN_ATTR_EVEN_PORT, &even) == 0;
	new.reserve = (even & RESERVE) != 0;
	/* Nobody's token is 0, so a malformed one counts as unknown. */
	if (stun_has(&r->msg, STUN_ATTR_RESERVATION_TOKEN) &&
	    (stun_get_u64(&r->msg, STUN_ATTR_RESERVATION_TOKEN,
	    &new.token) < 0 || new.token == 0))
		return TURNREQ_508;
	err = add_alloc(r, &new, family);
	if (err == TURNREQ_OK)
		allocated(r, new.lifetime_s);
	return err;
}

/* Did it ever have an address of that family? */
static bool
is_of(const struct alloc *a, sa_family_t family)
{
	return family == AF_UNSPEC || a->second != NULL ||
	    a->relayed.sa.sa_family == family;
}

int
turnreq_refresh(struct turnreq *r)
{
	uint32_t lifetime_s, asked;
	sa_family_t family;
	int err;

	err = lifetime(r, &lifetime_s);
	if (err == TURNREQ_OK)
		err = requested_family(r, &family);
	if (err != TURNREQ_OK)
		return err;
	if (stun_get_u32(&r->msg, STUN_ATTR_LIFETIME, &asked) == 0 &&
	    asked == 0)
		lifetime_s = 0;
	/* It has ended already, so this may be the same request again. */
	if (r->alloc == NULL && lifetime_s != 0)
		return TURNREQ_437;
	if (r->alloc != NULL && !is_of(r->alloc, family))
		return TURNREQ_443;
	if (r->alloc != NULL && family != AF_UNSPEC && lifetime_s != 0 &&
	    alloc_relayed(r->alloc, family, r->in->now_ns) == NULL)
		return TURNREQ_437;
	if (r->alloc != NULL && alloc_refresh(r->server->table, r->alloc,
	    family, lifetime_s, r->in->now_ns) < 0 && lifetime_s != 0)
		return TURNREQ_437;
	stun_add_u32(&r->reply, STUN_ATTR_LIFETIME, lifetime_s);
	return TURNREQ_OK;
}
