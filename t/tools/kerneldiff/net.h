/*
 * net: the devices, neighbours and routes that kerneldiff finds in its network
 * namespace, and where in them clients are. t/779-kernel-differential.t makes
 * them.
 */
#ifndef RP_T_TOOLS_KERNELDIFF_NET_H
#define RP_T_TOOLS_KERNELDIFF_NET_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/addr.h"

#define NET_VLAN 5		/* of NET_TAGGED */
#define NET_CLIENTS 8		/* at each place */
#define NET_TURN 3478

/* A device of the switch: kd0, kd0's VLAN, and kd1. */
enum net_device {
	NET_MAIN,
	NET_TAGGED,
	NET_OTHER,
	NET_DEVICES
};

/* Where a client is: the way to it. */
enum net_place {
	NET_NEAR,		/* a neighbour */
	NET_FAR,		/* behind a router */
	NET_ON_VLAN,		/* a neighbour on NET_TAGGED */
	NET_BEHIND,		/* a neighbour on NET_OTHER */
	NET_SILENT,		/* a neighbour that was not asked for yet */
	NET_NARROW,		/* behind a router, with a small MTU */
	NET_NOWHERE,		/* no route */
	NET_PLACES
};

struct net_link {
	int ifindex;
	uint8_t mac[6];
};

struct net {
	struct net_link links[NET_DEVICES];
	int forwarding[2];	/* descriptors of NET_MAIN's settings */
};

void net_open(struct net *net);

/* Set whether NET_MAIN forwards, in each family. */
void net_forward(const struct net *net, bool forwards);

enum net_device net_device_of(enum net_place place);

/* Return the switch's address at that place. */
struct addr net_local(enum net_place place, bool v6);

/* Return the address of one of its clients. The port is 0. */
struct addr net_client(enum net_place place, unsigned i, bool v6);

/* Write the MAC of the next hop to a client, which must have one. */
void net_next_hop(enum net_place place, unsigned i, uint8_t mac[static 6]);

/* Can a client be reached with packets of `bytes`, with what is known? */
bool net_reaches(enum net_place place, bool v6, uint32_t bytes);

#endif
