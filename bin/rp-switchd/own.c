#include "own.h"

#include <errno.h>
#include <ifaddrs.h>

static int
add(struct own *own, const struct addr *addr)
{
	if (addr_is_any(addr) || own_has(own, addr))
		return 0;
	if (own->n == OWN_MAX)
		return -ENOSPC;
	own->addrs[own->n++] = *addr;
	return 0;
}

int
own_add_interfaces(struct own *own)
{
	struct ifaddrs *all, *one;
	struct addr addr;
	int err = 0;

	if (getifaddrs(&all) < 0)
		return -errno;
	for (one = all; err == 0 && one != NULL; one = one->ifa_next)
		if (one->ifa_addr != NULL && addr_from_sockaddr(&addr,
		    one->ifa_addr, sizeof(addr)) == 0)
			err = add(own, &addr);
	freeifaddrs(all);
	return err;
}

int
own_init(struct own *own, const struct addr listen[], size_t n_listen,
    const struct addr *external)
{
	static const uint8_t dummy[4] = { 192, 0, 0, 8 };
	bool wildcard = false;
	struct addr addr;
	size_t i;
	int err = 0;

	*own = (struct own){ 0 };
	if (external != NULL)
		own->external = *external;
	for (i = 0; err == 0 && i < n_listen; i++) {
		err = add(own, &listen[i]);
		wildcard |= addr_is_any(&listen[i]);
	}
	if (err == 0 && wildcard)
		err = own_add_interfaces(own);
	addr_from_bytes(&addr, dummy, sizeof(dummy), 0);
	if (err == 0)
		err = add(own, &addr);
	own->n_shown = own->n;
	return err;
}

bool
own_has(const struct own *own, const struct addr *ip)
{
	size_t i;

	if (own->external.sa.sa_family != AF_UNSPEC &&
	    addr_equal_ip(&own->external, ip))
		return true;
	for (i = 0; i < own->n; i++)
		if (addr_equal_ip(&own->addrs[i], ip))
			return true;
	return false;
}

/* Loopback is no name for a client from elsewhere; last resort. */
static const struct addr *
first(const struct own *own, sa_family_t family)
{
	const struct addr *loopback = NULL;
	size_t i;

	for (i = 0; i < own->n_shown; i++) {
		if (own->addrs[i].sa.sa_family != family)
			continue;
		if (!addr_is_loopback(&own->addrs[i]))
			return &own->addrs[i];
		if (loopback == NULL)
			loopback = &own->addrs[i];
	}
	return loopback;
}

int
own_relayed(const struct own *own, sa_family_t family,
    const struct addr *local, struct addr *out)
{
	const struct addr *ip;

	if (own->external.sa.sa_family == family)
		ip = &own->external;
	else if (local->sa.sa_family == family)
		ip = local;
	else
		ip = first(own, family);
	if (ip == NULL)
		return -EAFNOSUPPORT;
	*out = *ip;
	addr_set_port(out, 0);
	return 0;
}

int
own_local(const struct own *own, sa_family_t family,
    const struct addr *local, struct addr *out)
{
	const struct addr *ip = local;

	if (local->sa.sa_family != family)
		ip = first(own, family);
	/* The dummy is the last that is shown. */
	if (ip == NULL || ip == &own->addrs[own->n_shown - 1])
		return -EAFNOSUPPORT;
	*out = *ip;
	addr_set_port(out, 0);
	return 0;
}
