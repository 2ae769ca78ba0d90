/* net: where clients are. See net.h. */
#include "net.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/tool.h"

/* The second byte of an address there, and the last of the first client. */
static const struct {
	uint8_t subnet, first;
	enum net_device device;
} places[NET_PLACES] = {
	[NET_NEAR] = { 0x77, 0x10, NET_MAIN },
	[NET_FAR] = { 0x78, 0x10, NET_MAIN },
	[NET_ON_VLAN] = { 0x82, 0x10, NET_TAGGED },
	[NET_BEHIND] = { 0x79, 0x10, NET_OTHER },
	[NET_SILENT] = { 0x77, 0xc0, NET_MAIN },
	[NET_NARROW] = { 0x81, 0x10, NET_MAIN },
	[NET_NOWHERE] = { 0x80, 0x10, NET_MAIN }
};

#define MTU_V4 600		/* of NET_NARROW */
#define MTU_V6 1280

static void
open_link(struct net_link *link, const char *name)
{
	struct ifreq request = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	link->ifindex = (int)if_nametoindex(name);
	strcpy(request.ifr_name, name);
	if (link->ifindex == 0 || ioctl(fd, SIOCGIFHWADDR, &request) < 0)
		tool_fail(1, name, "%s", strerror(errno));
	memcpy(link->mac, request.ifr_hwaddr.sa_data, sizeof(link->mac));
	close(fd);
}

void
net_open(struct net *net)
{
	open_link(&net->links[NET_MAIN], "kd0");
	open_link(&net->links[NET_TAGGED], "kd0v");
	open_link(&net->links[NET_OTHER], "kd1");
	net->forwarding[0] = open("/proc/sys/net/ipv4/conf/kd0/forwarding",
	    O_WRONLY | O_CLOEXEC);
	net->forwarding[1] = open("/proc/sys/net/ipv6/conf/kd0/forwarding",
	    O_WRONLY | O_CLOEXEC);
	if (net->forwarding[0] < 0 || net->forwarding[1] < 0)
		tool_fail(1, "forwarding", "%s", strerror(errno));
	net_forward(net, true);
}

void
net_forward(const struct net *net, bool forwards)
{
	int i;

	for (i = 0; i < 2; i++)
		if (pwrite(net->forwarding[i], forwards ? "1" : "0", 1, 0) != 1)
			tool_fail(1, "forwarding", "%s", strerror(errno));
}

enum net_device
net_device_of(enum net_place place)
{
	return places[place].device;
}

static struct addr
make_addr(uint8_t subnet, uint8_t last, bool v6)
{
	uint8_t four[4] = { 10, subnet, 0, last };
	uint8_t six[16] = { 0xfd, subnet, [15] = last };
	struct addr addr;

	if (addr_from_bytes(&addr, v6 ? six : four, v6 ? 16 : 4, 0) < 0)
		tool_fail(1, "address", "cannot be made");
	return addr;
}

struct addr
net_local(enum net_place place, bool v6)
{
	static const uint8_t subnets[NET_DEVICES] = { 0x77, 0x82, 0x79 };
	struct addr addr = make_addr(subnets[net_device_of(place)], 1, v6);

	addr_set_port(&addr, NET_TURN);
	return addr;
}

struct addr
net_client(enum net_place place, unsigned i, bool v6)
{
	return make_addr(places[place].subnet,
	    (uint8_t)(places[place].first + i), v6);
}

void
net_next_hop(enum net_place place, unsigned i, uint8_t mac[static 6])
{
	bool routed = place == NET_FAR || place == NET_NARROW;

	/* The router is the first near client. */
	memcpy(mac, "\x02\x00\x00\x00", 4);
	mac[4] = places[routed ? NET_NEAR : place].subnet;
	mac[5] = (uint8_t)(places[NET_NEAR].first + (routed ? 0 : i));
}

bool
net_reaches(enum net_place place, bool v6, uint32_t bytes)
{
	switch (place) {
	case NET_SILENT:
	case NET_NOWHERE:
		return false;
	case NET_NARROW:
		return bytes <= (v6 ? MTU_V6 : MTU_V4);
	default:
		return true;
	}
}
