/*
 * local_addrs: list the switch's own addresses, and choose one for an
 * allocation. See local_addrs.h.
 */
#include "relay/local_addrs.h"

#include <errno.h>
#include <ifaddrs.h>

static int
add_addr(struct local_addrs *local_addrs, const struct addr *addr)
{
	if (addr_is_any(addr) || local_addrs_has(local_addrs, addr))
		return 0;
	if (local_addrs->n == LOCAL_ADDRS_MAX)
		return -ENOSPC;
	local_addrs->addrs[local_addrs->n++] = *addr;
	return 0;
}

int
local_addrs_add_interfaces(struct local_addrs *local_addrs)
{
	struct ifaddrs *all, *one;
	struct addr addr;
	int err = 0;

	if (getifaddrs(&all) < 0)
		return -errno;
	for (one = all; err == 0 && one != NULL; one = one->ifa_next)
		if (one->ifa_addr != NULL && addr_from_sockaddr(&addr,
		    one->ifa_addr, sizeof(addr)) == 0)
			err = add_addr(local_addrs, &addr);
	freeifaddrs(all);
	return err;
}

int
local_addrs_init(struct local_addrs *local_addrs, const struct addr listen[],
    size_t n_listen, const struct addr *external)
{
	static const uint8_t dummy[4] = { 192, 0, 0, 8 };
	bool wildcard = false;
	struct addr addr;
	size_t i;
	int err = 0;

	*local_addrs = (struct local_addrs){ 0 };
	if (external != NULL)
		local_addrs->external = *external;
	for (i = 0; err == 0 && i < n_listen; i++) {
		err = add_addr(local_addrs, &listen[i]);
		wildcard |= addr_is_any(&listen[i]);
	}
	if (err == 0 && wildcard)
		err = local_addrs_add_interfaces(local_addrs);
	addr_from_bytes(&addr, dummy, sizeof(dummy), 0);
	if (err == 0)
		err = add_addr(local_addrs, &addr);
	local_addrs->n_shown = local_addrs->n;
	return err;
}

/* Is it the external address, or one of the first `n`? */
static bool
is_among(const struct local_addrs *local_addrs, size_t n,
    const struct addr *ip)
{
	size_t i;

	if (local_addrs->external.sa.sa_family != AF_UNSPEC &&
	    addr_equal_ip(&local_addrs->external, ip))
		return true;
	for (i = 0; i < n; i++)
		if (addr_equal_ip(&local_addrs->addrs[i], ip))
			return true;
	return false;
}

bool
local_addrs_has(const struct local_addrs *local_addrs, const struct addr *ip)
{
	return is_among(local_addrs, local_addrs->n, ip);
}

/*
 * Return the first address of the family. Loopback is the last resort, because
 * it means nothing to a remote client.
 */
static const struct addr *
first(const struct local_addrs *local_addrs, sa_family_t family)
{
	const struct addr *loopback = NULL;
	size_t i;

	for (i = 0; i < local_addrs->n_shown; i++) {
		if (local_addrs->addrs[i].sa.sa_family != family)
			continue;
		if (!addr_is_loopback(&local_addrs->addrs[i]))
			return &local_addrs->addrs[i];
		if (loopback == NULL)
			loopback = &local_addrs->addrs[i];
	}
	return loopback;
}

bool
local_addrs_shows(const struct local_addrs *local_addrs,
    const struct addr *local, const struct addr *ip)
{
	const struct addr *only;

	if (!addr_is_loopback(ip) || addr_is_loopback(local))
		return is_among(local_addrs, local_addrs->n_shown, ip);
	only = first(local_addrs, ip->sa.sa_family);
	return only != NULL && addr_equal_ip(only, ip);
}

int
local_addrs_relayed(const struct local_addrs *local_addrs, sa_family_t family,
    const struct addr *local, struct addr *out)
{
	const struct addr *ip;

	if (local_addrs->external.sa.sa_family == family)
		ip = &local_addrs->external;
	else if (local->sa.sa_family == family)
		ip = local;
	else
		ip = first(local_addrs, family);
	if (ip == NULL)
		return -EAFNOSUPPORT;
	*out = *ip;
	addr_set_port(out, 0);
	return 0;
}

int
local_addrs_local(const struct local_addrs *local_addrs, sa_family_t family,
    const struct addr *local, struct addr *out)
{
	const struct addr *ip = local;

	if (local->sa.sa_family != family)
		ip = first(local_addrs, family);
	/* The dummy is the last one that is shown. */
	if (ip == NULL || ip == &local_addrs->addrs[local_addrs->n_shown - 1])
		return -EAFNOSUPPORT;
	*out = *ip;
	addr_set_port(out, 0);
	return 0;
}
