/* netdevs: the devices of a relay's addresses. See netdevs.h. */
#include "config.h"
#include "kernel/netdevs.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/ethtool.h>
#include <linux/if_packet.h>
#include <linux/if_vlan.h>
#include <linux/netconf.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if_arp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static bool
is_link_local(const struct addr *addr)
{
	return addr_is_v6(addr) &&
	    IN6_IS_ADDR_LINKLOCAL(&addr->v6.sin6_addr);
}

/* Does the relay listen on this address of a device? */
static bool
is_listened(const struct addr *addr, const struct addr listen[], size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (addr_is_v4(addr) != addr_is_v4(&listen[i]))
			continue;
		if (addr_is_any(&listen[i]) ? !is_link_local(addr) :
		    addr_equal_ip(addr, &listen[i]))
			return true;
	}
	return false;
}

static struct netdev *
find(struct netdev devs[], size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(devs[i].name, name) == 0)
			return &devs[i];
	return NULL;
}

static bool
is_up(const struct ifaddrs *one)
{
	return one->ifa_addr != NULL && (one->ifa_flags & IFF_UP) != 0 &&
	    (one->ifa_flags & IFF_LOOPBACK) == 0 &&
	    strlen(one->ifa_name) < IF_NAMESIZE;
}

/* Return the number of a device of Ethernet, or 0. */
static unsigned
ethernet_index(const struct ifaddrs *all, const char *name)
{
	const struct sockaddr_ll *link;

	for (; all != NULL; all = all->ifa_next) {
		if (!is_up(all) || all->ifa_addr->sa_family != AF_PACKET ||
		    strcmp(all->ifa_name, name) != 0)
			continue;
		link = (const struct sockaddr_ll *)(const void *)all->ifa_addr;
		return link->sll_hatype == ARPHRD_ETHER ?
		    (unsigned)link->sll_ifindex : 0;
	}
	return 0;
}

size_t
netdevs_choose(struct netdev out[static NETDEVS_MAX],
    const struct ifaddrs *all, const struct addr listen[], size_t n_listen)
{
	const struct ifaddrs *one;
	struct netdev *dev;
	struct addr addr;
	unsigned index;
	size_t n = 0;

	for (one = all; one != NULL; one = one->ifa_next) {
		if (!is_up(one) || addr_from_sockaddr(&addr, one->ifa_addr,
		    sizeof(addr)) < 0 ||
		    !is_listened(&addr, listen, n_listen))
			continue;
		dev = find(out, n, one->ifa_name);
		index = ethernet_index(all, one->ifa_name);
		if (dev == NULL && n < NETDEVS_MAX && index > 0) {
			dev = &out[n++];
			*dev = (struct netdev){ .index = index };
			strcpy(dev->name, one->ifa_name);
		}
		if (dev != NULL && addr_is_v4(&addr))
			dev->ipv4 = true;
		else if (dev != NULL)
			dev->ipv6 = true;
	}
	return n;
}

size_t
netdevs_find(struct netdev out[static NETDEVS_MAX],
    const struct addr listen[], size_t n_listen)
{
	struct ifaddrs *all;
	size_t i, n;

	if (getifaddrs(&all) < 0)
		return 0;
	n = netdevs_choose(out, all, listen, n_listen);
	freeifaddrs(all);
	for (i = 0; i < n; i++)
		netdev_describe(&out[i]);
	return n;
}

static void
describe_driver(struct netdev *dev, int fd)
{
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };
	struct ifreq request = { .ifr_data = (void *)&info };

	strcpy(request.ifr_name, dev->name);
	if (ioctl(fd, SIOCETHTOOL, &request) == 0)
		snprintf(dev->driver, sizeof(dev->driver), "%.31s",
		    info.driver);
}

static void
describe_vlan(struct netdev *dev, int fd)
{
	struct vlan_ioctl_args args = { .cmd = GET_VLAN_VID_CMD };

	strcpy(args.device1, dev->name);
	if (ioctl(fd, SIOCGIFVLAN, &args) < 0)
		return;
	dev->vid = (unsigned)args.u.VID;
	memset(&args, 0, sizeof(args));
	args.cmd = GET_VLAN_REALDEV_NAME_CMD;
	strcpy(args.device1, dev->name);
	if (ioctl(fd, SIOCGIFVLAN, &args) < 0)
		return;
	snprintf(dev->parent, sizeof(dev->parent), "%.15s", args.u.device2);
	dev->parent_index = if_nametoindex(dev->parent);
}

static void
describe_queues(struct netdev *dev)
{
	char path[64];
	const struct dirent *entry;
	DIR *folder;

	snprintf(path, sizeof(path), "/sys/class/net/%s/queues", dev->name);
	folder = opendir(path);
	if (folder == NULL)
		return;
	while ((entry = readdir(folder)) != NULL)
		if (strncmp(entry->d_name, "rx-", 3) == 0)
			dev->queues++;
	closedir(folder);
}

struct netconf_request {
	struct nlmsghdr head;
	struct netconfmsg conf;
	struct nlattr attr __attribute__((aligned(NLMSG_ALIGNTO)));
	int32_t index;
};

/* Find whether forwarding is on in an answer of the kernel. */
static bool
read_netconf(const char *bytes, size_t len)
{
	const struct nlmsghdr *head = (const void *)bytes;
	const struct nlattr *attr;
	size_t at = NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(struct netconfmsg));
	int32_t value;

	if (len < at || head->nlmsg_type != RTM_NEWNETCONF)
		return false;
	for (; at + NLA_HDRLEN <= len; at += NLA_ALIGN(attr->nla_len)) {
		attr = (const void *)(bytes + at);
		if (attr->nla_len < NLA_HDRLEN || attr->nla_len > len - at)
			return false;
		if (attr->nla_type != NETCONFA_FORWARDING ||
		    attr->nla_len < NLA_HDRLEN + sizeof(value))
			continue;
		memcpy(&value, bytes + at + NLA_HDRLEN, sizeof(value));
		return value != 0;
	}
	return false;
}

/* Ask by netlink, because a sandboxed service may see no /proc/sys. */
static bool
forwards(unsigned index, int family)
{
	struct netconf_request request = {
		.head = {
			.nlmsg_len = sizeof(request),
			.nlmsg_type = RTM_GETNETCONF,
			.nlmsg_flags = NLM_F_REQUEST
		},
		.conf = { .ncm_family = (uint8_t)family },
		.attr = { NLA_HDRLEN + sizeof(int32_t), NETCONFA_IFINDEX },
		.index = (int32_t)index
	};
	_Alignas(struct nlmsghdr) char answer[1024];
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	ssize_t n = -1;

	if (fd >= 0 && send(fd, &request, sizeof(request), 0) ==
	    sizeof(request))
		n = recv(fd, answer, sizeof(answer), 0);
	if (fd >= 0)
		close(fd);
	return n > 0 && read_netconf(answer, (size_t)n);
}

void
netdev_describe(struct netdev *dev)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd >= 0) {
		describe_driver(dev, fd);
		describe_vlan(dev, fd);
		close(fd);
	}
	describe_queues(dev);
	dev->forwards4 = forwards(dev->index, AF_INET);
	dev->forwards6 = forwards(dev->index, AF_INET6);
}
