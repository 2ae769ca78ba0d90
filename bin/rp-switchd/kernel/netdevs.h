/*
 * netdevs: the network devices by which a relay's clients come.
 */
#ifndef RP_SWITCHD_NETDEVS_H
#define RP_SWITCHD_NETDEVS_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>

#include "wire/addr.h"

struct ifaddrs;

#define NETDEVS_MAX 32
#define NETDEVS_DRIVER 32

struct netdev {
	char name[IF_NAMESIZE];
	unsigned index;
	bool ipv4, ipv6;		/* with such an address of the relay */
	/* By netdev_describe: */
	char driver[NETDEVS_DRIVER];	/* "": unknown */
	unsigned queues;		/* of reception; 0: unknown */
	bool forwards4, forwards6;	/* the device's forwarding sysctl */
	unsigned vid;			/* of a VLAN; 0: none */
	char parent[IF_NAMESIZE];	/* of a VLAN */
	unsigned parent_index;
};

/*
 * Choose the devices that have one of these addresses, or any at all for an
 * unspecified one: devices of Ethernet that are up, in the order of `all`, but
 * none of loopback. A link-local address is not enough for an unspecified one.
 * Return how many, at most NETDEVS_MAX.
 */
size_t netdevs_choose(struct netdev out[static NETDEVS_MAX],
    const struct ifaddrs *all, const struct addr listen[], size_t n_listen);

/* Choose among the devices of this network namespace, and describe them. */
size_t netdevs_find(struct netdev out[static NETDEVS_MAX],
    const struct addr listen[], size_t n_listen);

/* Fill in what the kernel says of a device; what it does not stays unknown. */
void netdev_describe(struct netdev *dev);

#endif
