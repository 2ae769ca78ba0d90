/*
 * outsidehelp: what is outside of a relay and must be reached or not: plain
 * sockets, and addresses that lead inside.
 */
#ifndef RP_T_UNIT_OUTSIDEHELP_H
#define RP_T_UNIT_OUTSIDEHELP_H

#include <dirent.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "turnhelp.h"

/* Every address that a relay was ever talked into reaching. */
static const char *const inside_v4[] = {
	"127.0.0.3:1", "127.255.255.255:1", "10.0.0.1:1", "172.16.0.1:1",
	"172.31.255.255:1", "192.168.0.1:1", "169.254.169.254:80",
	"100.64.0.1:1", "0.0.0.0:1", "0.1.2.3:1", "224.0.0.1:1",
	"239.255.255.255:1", "240.0.0.1:1", "255.255.255.255:1",
	"192.0.0.1:1", "198.18.0.1:1", "192.0.2.1:1", "8.8.8.8:0"
};
static const char *const inside_v6[] = {
	"[::]:1", "[fe80::1]:1", "[febf::1]:1", "[fec0::1]:1", "[fc00::1]:1",
	"[fdff::1]:1", "[ff02::1]:1", "[::ffff:127.0.0.1]:1",
	"[::ffff:10.0.0.1]:1", "[::ffff:169.254.169.254]:80", "[::127.0.0.1]:1",
	"[::10.0.0.1]:1", "[::ffff:0:10.0.0.1]:1", "[64:ff9b::127.0.0.1]:1",
	"[64:ff9b::10.0.0.1]:1", "[64:ff9b::169.254.169.254]:80",
	"[64:ff9b:1::1]:1", "[2002:7f00:1::1]:1", "[2002:a00:1::1]:1",
	"[2001::1]:1", "[2001:db8::1]:1", "[100::1]:1",
	"[::ffff:8.8.8.8]:1", "[2001:0:4136:e378:8000:63bf:3fff:fdd2]:1",
	"[64:ff9b:1:ffff::10.0.0.1]:1", "[2002:c0a8:101::1]:1",
	"[2002:a9fe:a9fe::1]:80", "[ffff::1]:1", "[5f00::1]:1",
	/* public, but the relay's own by a way around */
	"[64:ff9b::9.9.9.9]:1", "[2002:909:909::1]:1"
};

/* Allocate an IPv6 relayed address, with the credential that it has. */
static inline void
allocate_six(struct tclient *c)
{
	tclient_begin(c, STUN_ALLOCATE);
	ck_assert_int_eq(tclient_ask(c), 401);
	tclient_begin(c, STUN_ALLOCATE);
	stun_add_first(&c->b, STUN_ATTR_REQUESTED_TRANSPORT, 17);
	stun_add_first(&c->b, STUN_ATTR_REQUESTED_ADDRESS_FAMILY, STUN_IPV6);
	ck_assert_int_eq(tclient_ask(c), 0);
	ck_assert_int_eq(stun_get_xor_addr(&c->msg,
	    STUN_ATTR_XOR_RELAYED_ADDRESS, &c->relayed), 0);
}

static inline void
forbids(struct tclient *c, const char *text)
{
	struct addr peer = at(text);

	ck_assert_msg(tclient_permit(c, &peer) == 403 &&
	    tclient_bind(c, 0x4000, &peer) == 403, "%s", text);
}

/* Nothing that is inside is a peer, of the family that it has. */
static inline void
forbids_inside(struct tclient *c)
{
	bool v4 = addr_is_v4(&c->relayed);
	size_t i, n = v4 ? sizeof(inside_v4) / sizeof(inside_v4[0]) :
	    sizeof(inside_v6) / sizeof(inside_v6[0]);

	for (i = 0; i < n; i++)
		forbids(c, v4 ? inside_v4[i] : inside_v6[i]);
}

/* A plain UDP socket of the world. */
static inline int
outside(const char *text, struct addr *addr)
{
	socklen_t len = sizeof(*addr);
	int fd;

	*addr = at(text);
	fd = socket(addr->sa.sa_family, SOCK_DGRAM, 0);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(bind(fd, &addr->sa, addr_len(addr)), 0);
	ck_assert_int_eq(getsockname(fd, &addr->sa, &len), 0);
	return fd;
}

static inline ssize_t
receive(int fd, void *data, size_t max, struct addr *from)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	socklen_t len = sizeof(*from);

	if (poll(&pfd, 1, 1000) <= 0)
		return -1;
	return recvfrom(fd, data, max, 0, &from->sa, &len);
}

static inline void
send_to(int fd, const struct addr *to, const char *text)
{
	ck_assert_int_eq(sendto(fd, text, strlen(text), 0, &to->sa,
	    addr_len(to)), (ssize_t)strlen(text));
}

static inline unsigned
descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned n = 0;

	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n;
}

#endif
