/*
 * resolve_ask: query both families, by c-ares or the hosts file, and drop
 * implausible answers. Called by resolve.
 */
#include "net/resolve_private.h"

#include <errno.h>

#include <ares.h>

#include "net/dnschannel.h"
#include "net/netwatch.h"
#include "wire/nat64.h"

/* May a name in DNS have this address? */
static bool
is_plausible(const struct resolve *r, const struct addr *a)
{
	struct addr plain = *a;

	addr_unmap(&plain);
	if (addr_is_loopback(&plain))
		return r->allow_loopback;
	if (addr_is_v4(&plain)) {
		uint32_t ip = ntohl(plain.v4.sin_addr.s_addr);

		return ip >> 24 != 0 && ip >> 28 < 0xe;
	}
	return !addr_is_any(&plain) &&
	    !IN6_IS_ADDR_MULTICAST(&plain.v6.sin6_addr);
}

static void
add_addr(struct answer *answer, const struct addr *a)
{
	size_t i;

	for (i = 0; i < answer->n; i++)
		if (addr_equal_ip(&answer->addrs[i], a))
			return;
	if (answer->n == RESOLVE_MAX)
		return;
	answer->addrs[answer->n] = *a;
	addr_set_port(&answer->addrs[answer->n], answer->resolve->port);
	answer->n++;
}

static int
err_of(int status)
{
	switch (status) {
	case ARES_SUCCESS:
	case ARES_ENODATA:
	case ARES_ENOTFOUND:
	case ARES_EBADNAME:
		return -ENOENT;
	case ARES_ETIMEOUT:
		return -ETIMEDOUT;
	case ARES_ENOMEM:
		return -ENOMEM;
	default:
		return -EAGAIN;
	}
}

static void
on_answer(void *arg, int status, int timeouts, struct ares_addrinfo *info)
{
	struct answer *answer = arg;
	struct resolve *r = answer->resolve;
	struct ares_addrinfo_node *node;
	struct addr a;

	(void)timeouts;
	if (status == ARES_EDESTRUCTION || status == ARES_ECANCELLED)
		return;
	answer->known = true;
	answer->status = status;
	answer->err = err_of(status);
	for (node = info != NULL ? info->nodes : NULL; node != NULL;
	    node = node->ai_next) {
		if (addr_from_sockaddr(&a, node->ai_addr,
		    node->ai_addrlen) < 0)
			continue;
		if (is_plausible(r, &a))
			add_addr(answer, &a);
		else
			answer->refused = true;
	}
	if (info != NULL)
		ares_freeaddrinfo(info);
	resolve_consider(r);
}

/* Take what the hosts file says, whatever address that is. */
static void
on_host(void *arg, int status, int timeouts, struct ares_addrinfo *info)
{
	struct resolve *r = arg;
	struct ares_addrinfo_node *node;
	struct addr a;

	(void)status;
	(void)timeouts;
	for (node = info != NULL ? info->nodes : NULL; node != NULL;
	    node = node->ai_next)
		if (addr_from_sockaddr(&a, node->ai_addr,
		    node->ai_addrlen) == 0)
			add_addr(&r->answers[addr_is_v6(&a) ? RESOLVE_V6 :
			    RESOLVE_V4], &a);
	if (info != NULL)
		ares_freeaddrinfo(info);
}

/* May this address need another form: IPv4, and no route to it? */
static bool
may_be_translated(const struct addr *a)
{
	struct addr source;

	return addr_is_v4(a) && netwatch_source(&source, a) < 0;
}

void
resolve_ask_here(struct resolve *r, const char *name, bool hosts_file)
{
	struct addr a;

	if (addr_parse(&a, name, r->port) == 0) {
		if (addr_port(&a) == r->port && !may_be_translated(&a))
			add_addr(&r->answers[addr_is_v6(&a) ? RESOLVE_V6 :
			    RESOLVE_V4], &a);
		return;
	}
	if (hosts_file)
		dnschannel_hosts(name, on_host, r);
}

/*
 * Take the network's prefix, and report the address as NAT64 has it there.
 * Without a prefix there is no other form, for whatever reason.
 */
static void
on_prefix(void *arg, int status, int timeouts, struct ares_addrinfo *info)
{
	struct answer *answer = arg;
	const struct addr *v4 = answer->resolve->answers[RESOLVE_V4].addrs;
	struct ares_addrinfo_node *node;
	struct nat64 prefix;
	struct addr a;

	(void)timeouts;
	if (status == ARES_EDESTRUCTION || status == ARES_ECANCELLED)
		return;
	for (node = info != NULL ? info->nodes : NULL; node != NULL;
	    node = node->ai_next)
		if (addr_from_sockaddr(&a, node->ai_addr,
		    node->ai_addrlen) == 0 && nat64_learn(&prefix, &a) == 0) {
			nat64_translate(&a, &prefix, v4);
			add_addr(answer, &a);
		}
	if (info != NULL)
		ares_freeaddrinfo(info);
	answer->known = true;
	answer->err = -ENOENT;
	resolve_consider(answer->resolve);
}

/* Query for another form of an IPv4 address (RFC 7050, RFC 8305 7.1). */
static void
ask_prefix(struct resolve *r, const struct addr *v4)
{
	struct answer *answer = &r->answers[RESOLVE_V4];

	add_addr(answer, v4);
	answer->known = true;
	resolve_consider(r);
	dnschannel_ask(r->channel, NAT64_NAME, AF_INET6, on_prefix,
	    &r->answers[RESOLVE_V6]);
}

void
resolve_ask_dns(struct resolve *r, const char *name)
{
	struct addr a;

	if (addr_parse(&a, name, r->port) == 0 && addr_port(&a) == r->port) {
		ask_prefix(r, &a);
		return;
	}
	dnschannel_ask(r->channel, name, AF_INET6, on_answer,
	    &r->answers[RESOLVE_V6]);
	dnschannel_ask(r->channel, name, AF_INET, on_answer,
	    &r->answers[RESOLVE_V4]);
}
