/* The devices that the relay's program is attached to, and what is told of it. */
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <string.h>

#include "kernel/kernel.h"
#include "kernel/netdevs.h"
#include "unit.h"

#define MAX 16

static struct ifaddrs list[MAX];
static struct sockaddr_ll links[MAX];
static struct addr addrs[MAX];
static size_t n_list;
static struct netdev devs[NETDEVS_MAX];

static void
add(const char *name, unsigned flags, struct sockaddr *address)
{
	struct ifaddrs *one = &list[n_list];

	memset(one, 0, sizeof(*one));
	one->ifa_name = (char *)name;
	one->ifa_flags = flags;
	one->ifa_addr = address;
	if (n_list > 0)
		list[n_list - 1].ifa_next = one;
	n_list++;
}

static void
add_device(const char *name, int index, unsigned short type, unsigned flags)
{
	links[n_list] = (struct sockaddr_ll){
		.sll_family = AF_PACKET, .sll_ifindex = index,
		.sll_hatype = type
	};
	add(name, flags, (struct sockaddr *)&links[n_list]);
}

static void
add_addr(const char *name, const char *text, unsigned flags)
{
	ck_assert_int_eq(addr_parse(&addrs[n_list], text, 0), 0);
	add(name, flags, &addrs[n_list].sa);
}

/* A host with two networks, one device that is down, and others. */
static void
make_host(void)
{
	n_list = 0;
	add_device("lo", 1, ARPHRD_LOOPBACK, IFF_UP | IFF_LOOPBACK);
	add_device("eth0", 2, ARPHRD_ETHER, IFF_UP);
	add_device("eth1", 3, ARPHRD_ETHER, IFF_UP);
	add_device("eth2", 4, ARPHRD_ETHER, 0);
	add_device("wg0", 5, ARPHRD_NONE, IFF_UP);
	add_device("port", 6, ARPHRD_ETHER, IFF_UP);
	add_addr("lo", "127.0.0.1", IFF_UP | IFF_LOOPBACK);
	add_addr("eth0", "192.0.2.1", IFF_UP);
	add_addr("eth1", "198.51.100.1", IFF_UP);
	add_addr("eth2", "203.0.113.1", 0);
	add_addr("wg0", "10.0.0.1", IFF_UP);
	add_addr("eth0", "2001:db8::1", IFF_UP);
	add_addr("port", "fe80::1", IFF_UP);
	ck_assert(n_list <= MAX);
}

static size_t
choose(const char *first, const char *second)
{
	struct addr listen[2];

	make_host();
	ck_assert_int_eq(addr_parse(&listen[0], first, 3478), 0);
	if (second != NULL)
		ck_assert_int_eq(addr_parse(&listen[1], second, 3478), 0);
	return netdevs_choose(devs, list, listen, second != NULL ? 2 : 1);
}

START_TEST(an_address_has_its_device)
{
	ck_assert_uint_eq(choose("198.51.100.1", NULL), 1);
	ck_assert_str_eq(devs[0].name, "eth1");
	ck_assert_uint_eq(devs[0].index, 3);
	ck_assert(devs[0].ipv4 && !devs[0].ipv6);
	ck_assert_uint_eq(choose("198.51.100.2", NULL), 0);
	ck_assert_uint_eq(choose("fe80::1", NULL), 1);
	ck_assert_str_eq(devs[0].name, "port");
}
END_TEST

START_TEST(both_families_of_a_device_are_one)
{
	ck_assert_uint_eq(choose("192.0.2.1", "2001:db8::1"), 1);
	ck_assert_str_eq(devs[0].name, "eth0");
	ck_assert(devs[0].ipv4 && devs[0].ipv6);
}
END_TEST

START_TEST(a_wildcard_has_all_of_its_family)
{
	ck_assert_uint_eq(choose("0.0.0.0", NULL), 2);
	ck_assert_str_eq(devs[0].name, "eth0");
	ck_assert_str_eq(devs[1].name, "eth1");
	ck_assert(devs[0].ipv4 && !devs[0].ipv6);
	/* Not a port of a bridge, which has a link-local address only. */
	ck_assert_uint_eq(choose("::", NULL), 1);
	ck_assert_str_eq(devs[0].name, "eth0");
	ck_assert(!devs[0].ipv4 && devs[0].ipv6);
}
END_TEST

START_TEST(some_devices_are_never_chosen)
{
	ck_assert_uint_eq(choose("127.0.0.1", NULL), 0);
	ck_assert_uint_eq(choose("203.0.113.1", NULL), 0);
	ck_assert_uint_eq(choose("10.0.0.1", NULL), 0);
}
END_TEST

START_TEST(modes_have_names)
{
	static const char *const names[] = { "off", "tc", "xdp", "auto" };
	enum kernel_mode mode;
	size_t i;

	for (i = 0; i < 4; i++) {
		ck_assert_int_eq(kernel_mode_parse(&mode, names[i]), 0);
		ck_assert_str_eq(kernel_mode_text(mode), names[i]);
	}
	ck_assert_int_lt(kernel_mode_parse(&mode, "XDP"), 0);
}
END_TEST

START_TEST(tells_what_it_does)
{
	struct kernel_stats stats = { .n_devices = 2 };
	char text[WHY_TEXT];
	size_t i;

	strcpy(stats.devices[0].name, "eth0");
	stats.devices[0].mode = KERNEL_XDP;
	strcpy(stats.devices[1].name, "eth0.7");
	stats.devices[1].mode = KERNEL_TC;
	stats.counts.flows[0].packets = 5;
	stats.counts.flows[1].packets = 6;
	stats.counts.passed[INKERNEL_NEW] = 2;
	stats.counts.passed[INKERNEL_REASONS_N - 1] = 1;
	kernel_stats_text(&stats, text);
	ck_assert_str_eq(text,
	    "eth0 xdp, eth0.7 tc; 11 packets relayed, 3 passed up");

	/* As many as there can be do not overflow. */
	stats.n_devices = KERNEL_DEVICES;
	for (i = 0; i < KERNEL_DEVICES; i++)
		strcpy(stats.devices[i].name, "a-very-long-one");
	kernel_stats_text(&stats, text);
	ck_assert_ptr_nonnull(strstr(text, "; 11 packets relayed"));
	stats.n_devices = 0;
	kernel_stats_text(&stats, text);
	ck_assert_str_eq(text, "on no device; 11 packets relayed, 3 passed up");
}
END_TEST

START_TEST(off_is_nothing)
{
	const struct kernel_options options = { .mode = KERNEL_OFF };
	struct kernel *kernel = kernel_new(&options);
	struct kernel_stats stats;

	ck_assert_ptr_nonnull(kernel);
	ck_assert_ptr_null(kernel_table(kernel));
	kernel_renew(kernel, 1);
	kernel_stats(kernel, &stats);
	ck_assert_uint_eq(stats.refused, 0);
	kernel_free(kernel);
	kernel_stats(NULL, &stats);
	ck_assert_ptr_null(kernel_table(NULL));
	kernel_renew(NULL, 1);
	kernel_free(NULL);
	/* It did not close what is not its own. */
	ck_assert_int_ge(fcntl(0, F_GETFD), 0);
}
END_TEST

UNIT_SUITE(kernel, an_address_has_its_device,
    both_families_of_a_device_are_one, a_wildcard_has_all_of_its_family,
    some_devices_are_never_chosen, modes_have_names, tells_what_it_does,
    off_is_nothing)
