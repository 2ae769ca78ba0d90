/*
 * relay.peers = "any": an allocation has a socket and reaches the Internet, but
 * neither inner networks, in any form of their addresses, nor the switch.
 */
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>

#include "outsidehelp.h"

/* A session as our signalling names it: other names are one user each. */
#define CALL "00112233445566778899aabbccddeeff"

static void
start_at(const char *listen, const struct addr *external, const char *allow)
{
	struct addr addrs[2] = { at(listen), at("[::1]:0") };
	char *items[] = { (char *)allow };
	struct conf_strings allowed = { items, 1 };
	struct turn_options options = {
		.listen = addrs, .n_listen = 2, .peers = TURN_ANY,
		.external = external, .allowed_peers = &allowed
	};

	start_with(&options);
}

static void
start(const char *allow)
{
	start_at("127.0.0.1:0", NULL, allow);
}

/* The next IPv4 datagram to that port has DF set, or not. */
static bool
has_df(int raw, const struct addr *to)
{
	struct iphdr ip;
	struct udphdr udp;
	uint8_t packet[128];
	ssize_t n;

	do {
		n = receive(raw, packet, sizeof(packet), &(struct addr){ 0 });
		ck_assert_int_ge(n, (ssize_t)(sizeof(ip) + sizeof(udp)));
		memcpy(&ip, packet, sizeof(ip));
		memcpy(&udp, packet + ip.ihl * 4, sizeof(udp));
	} while (udp.dest != to->v4.sin_port ||
	    ip.daddr != to->v4.sin_addr.s_addr);
	return (ntohs(ip.frag_off) & IP_DF) != 0;
}

static void
send_unfragmented(struct tclient *c, const struct addr *peer)
{
	tclient_begin(c, STUN_SEND | STUN_INDICATION);
	stun_add(&c->b, STUN_ATTR_DONT_FRAGMENT, NULL, 0);
	stun_add_xor_addr(&c->b, STUN_ATTR_XOR_PEER_ADDRESS, peer);
	stun_add(&c->b, STUN_ATTR_DATA, "x", 1);
	ck_assert_int_eq(send(c->fd, c->out, c->b.len, 0),
	    (ssize_t)c->b.len);
}

START_TEST(reaches_the_world)
{
	struct addr peer, stranger, from;
	struct tclient c;
	char got[64];
	int fd, other;

	start("127.0.0.0/8");
	fd = outside("127.0.0.2:0", &peer);
	other = outside("127.0.0.3:0", &stranger);
	join(&c, CALL, "a");
	ck_assert_int_eq(tclient_permit(&c, &peer), 0);
	ck_assert_int_eq(tclient_send(&c, &peer, "hello", 5), 0);
	ck_assert_int_eq(receive(fd, got, sizeof(got), &from), 5);
	ck_assert_mem_eq(got, "hello", 5);
	ck_assert(addr_equal(&from, &c.relayed));
	send_to(fd, &c.relayed, "world");
	hears(&c, 0, &peer, "world", 5);
	ck_assert_int_eq(tclient_bind(&c, 0x4000, &peer), 0);
	ck_assert_int_eq(tclient_send_channel(&c, 0x4000, "hi", 2), 0);
	ck_assert_int_eq(receive(fd, got, sizeof(got), &from), 2);
	send_to(fd, &c.relayed, "there");
	hears(&c, 0x4000, NULL, "there", 5);
	/* Who has no permission is not heard. */
	send_to(other, &c.relayed, "psst");
	ck_assert(drops("peer_refuses", 1));
	ck_assert_int_eq(tclient_send(&c, &stranger, "x", 1), 0);
	ck_assert(drops("no_permission", 1));
	ck_assert_uint_eq(counter("rp_relay_packets_total"), 4);
	tclient_close(&c);
	close(fd);
	close(other);
	stop();
}
END_TEST

/* DONT-FRAGMENT is for the datagram that has it, and for no other. */
START_TEST(does_not_fragment)
{
	struct addr peer, from;
	struct tclient c;
	char got[8];
	int fd, raw;

	start("127.0.0.0/8");
	fd = outside("127.0.0.2:0", &peer);
	raw = socket(AF_INET, SOCK_RAW, IPPROTO_UDP);
	join(&c, CALL, "a");
	ck_assert_int_eq(tclient_bind(&c, 0x4000, &peer), 0);
	ck_assert_int_eq(tclient_send(&c, &peer, "x", 1), 0);
	ck_assert(raw < 0 || !has_df(raw, &peer));
	send_unfragmented(&c, &peer);
	ck_assert(raw < 0 || has_df(raw, &peer));
	ck_assert_int_eq(tclient_send_channel(&c, 0x4000, "x", 1), 0);
	ck_assert(raw < 0 || !has_df(raw, &peer));
	/* Who may not look at headers sees that they all arrive. */
	ck_assert_int_eq(receive(fd, got, sizeof(got), &from), 1);
	ck_assert_int_eq(receive(fd, got, sizeof(got), &from), 1);
	ck_assert_int_eq(receive(fd, got, sizeof(got), &from), 1);
	tclient_close(&c);
	close(fd);
	close(raw);
	stop();
}
END_TEST

/* Parties of a call meet as ever, by no socket. */
START_TEST(reaches_the_call)
{
	struct tclient a, b;

	start("192.0.2.0/24");
	join(&a, CALL, "a");
	join(&b, CALL, "b0");
	ck_assert_int_eq(tclient_bind(&a, 0x4000, &b.relayed), 0);
	ck_assert_int_eq(tclient_bind(&b, 0x4001, &a.relayed), 0);
	ck_assert_int_eq(tclient_send_channel(&a, 0x4000, "x", 1), 0);
	hears(&b, 0x4001, NULL, "x", 1);
	tclient_close(&a);
	tclient_close(&b);
	stop();
}
END_TEST

START_TEST(denies_what_is_inside)
{
	struct addr external = at("9.9.9.9"), peer;
	struct tclient four, six;

	start_at("127.0.0.1:0", &external, "203.0.113.0/24");
	join(&four, "c", "a");
	forbids_inside(&four);
	peer = at("8.8.8.8:53");
	ck_assert_int_eq(tclient_permit(&four, &peer), 0);
	peer = at("203.0.113.9:53");
	ck_assert_int_eq(tclient_permit(&four, &peer), 0);
	peer = at("[::ffff:8.8.8.8]:53");	/* of the other family */
	ck_assert_int_eq(tclient_permit(&four, &peer), 443);

	ck_assert_int_eq(tclient_open(&six, &server), 0);
	tclient_credential(&six, "c", "b", 600, SECRET);
	allocate_six(&six);
	forbids_inside(&six);
	peer = at("[2606:4700::1]:53");
	ck_assert_int_eq(tclient_permit(&six, &peer), 0);
	peer = at("[64:ff9b::8.8.8.8]:53");
	ck_assert_int_eq(tclient_permit(&six, &peer), 0);
	tclient_close(&four);
	tclient_close(&six);
	stop();
}
END_TEST

/* What else listens on the switch's own address is inside as well. */
START_TEST(denies_the_switch_itself)
{
	struct addr service;
	struct tclient c;
	char got[8];
	int fd;

	start("127.0.0.0/8");
	fd = outside("127.0.0.1:0", &service);
	join(&c, CALL, "a");
	ck_assert_int_eq(tclient_bind(&c, 0x4000, &service), 0);
	ck_assert_int_eq(tclient_send_channel(&c, 0x4000, "x", 1), 0);
	ck_assert(drops("no_peer", 1));
	ck_assert_int_eq(tclient_send(&c, &service, "x", 1), 0);
	ck_assert(drops("no_peer", 2));
	ck_assert_int_eq(recvfrom(fd, got, sizeof(got), MSG_DONTWAIT, NULL,
	    NULL), -1);
	tclient_close(&c);
	close(fd);
	stop();
	/* And on another address of this host, where the relay does not. */
	start_at("127.0.0.9:0", NULL, "127.0.0.0/8");
	fd = outside("127.0.0.1:0", &service);
	join(&c, CALL, "a");
	ck_assert_int_eq(tclient_bind(&c, 0x4000, &service), 0);
	ck_assert_int_eq(tclient_send_channel(&c, 0x4000, "x", 1), 0);
	ck_assert(drops("no_peer", 1));
	ck_assert_int_eq(recvfrom(fd, got, sizeof(got), MSG_DONTWAIT, NULL,
	    NULL), -1);
	tclient_close(&c);
	close(fd);
	stop();
}
END_TEST

/*
 * A client of the relay is a peer, whatever its user name, and by no socket. So
 * what was permitted is never dropped, and nobody's permission is left out.
 */
START_TEST(finds_its_clients)
{
	struct tclient a, b;

	start("127.0.0.0/8");
	join(&a, "c", "a");
	join(&b, "d", "b");
	ck_assert_int_eq(tclient_bind(&a, 0x4000, &b.relayed), 0);
	ck_assert_int_eq(tclient_send_channel(&a, 0x4000, "x", 1), 0);
	ck_assert_int_eq(tclient_send(&a, &b.relayed, "x", 1), 0);
	ck_assert(drops("peer_refuses", 2));
	ck_assert_int_eq(tclient_permit(&b, &a.relayed), 0);
	ck_assert_int_eq(tclient_send_channel(&a, 0x4000, "yes", 3), 0);
	hears(&b, 0, &a.relayed, "yes", 3);
	ck_assert_int_eq(tclient_bind(&b, 0x4001, &a.relayed), 0);
	ck_assert_int_eq(tclient_send(&a, &b.relayed, "and", 3), 0);
	hears(&b, 0x4001, NULL, "and", 3);
	/* An address that is nobody's any more is an address of this host. */
	ck_assert_int_eq(tclient_refresh(&b, 0), 0);
	ck_assert_int_eq(tclient_send_channel(&a, 0x4000, "x", 1), 0);
	ck_assert(drops("no_peer", 1));
	tclient_close(&a);
	tclient_close(&b);
	stop();
}
END_TEST

static void
allocate_both(struct tclient *c, struct addr *six)
{
	struct stun_attr attr = { 0 };

	ck_assert_int_eq(tclient_open(c, &server), 0);
	tclient_credential(c, CALL, "a", 600, SECRET);
	tclient_begin(c, STUN_ALLOCATE);
	ck_assert_int_eq(tclient_ask(c), 401);
	tclient_begin(c, STUN_ALLOCATE);
	stun_add_first(&c->b, STUN_ATTR_REQUESTED_TRANSPORT, 17);
	stun_add_first(&c->b, STUN_ATTR_ADDITIONAL_ADDRESS_FAMILY, STUN_IPV6);
	ck_assert_int_eq(tclient_ask(c), 0);
	while (stun_next(&c->msg, &attr))
		if (attr.type == STUN_ATTR_XOR_RELAYED_ADDRESS)
			ck_assert_int_eq(stun_attr_xor_addr(&c->msg, &attr,
			    attr.len == 20 ? six : &c->relayed), 0);
}

/* A socket of each family, and what one peer says comes by its own. */
START_TEST(both_families)
{
	struct addr peer, six, from;
	unsigned before;
	struct tclient c;
	char got[8];
	int fd;

	/* No other address of this host is IPv6, so the relay is its peer. */
	start("::/0");
	fd = outside("[::1]:0", &peer);
	before = descriptors();
	allocate_both(&c, &six);
	ck_assert_uint_eq(descriptors(), before + 3);
	ck_assert(addr_is_v4(&c.relayed) && addr_is_v6(&six));
	ck_assert_int_eq(tclient_permit(&c, &peer), 0);
	send_to(fd, &six, "hi");
	hears(&c, 0, &peer, "hi", 2);
	/* Ours, so not to be sent to. */
	ck_assert_int_eq(tclient_send(&c, &peer, "x", 1), 0);
	ck_assert(drops("no_peer", 1));
	/* With its half of the allocation its socket says no more. */
	tclient_begin(&c, STUN_REFRESH);
	stun_add_u32(&c.b, STUN_ATTR_LIFETIME, 0);
	stun_add_first(&c.b, STUN_ATTR_REQUESTED_ADDRESS_FAMILY, STUN_IPV6);
	ck_assert_int_eq(tclient_ask(&c), 0);
	send_to(fd, &six, "ho");
	ck_assert(drops("no_allocation", 1));
	send_to(fd, &six, "hm");
	ck_assert(drops("no_allocation", 2));
	ck_assert_int_eq(tclient_refresh(&c, 0), 0);
	ck_assert_uint_eq(counter("rp_relay_packets_total"), 1);
	ck_assert_int_eq(recvfrom(fd, got, sizeof(got), MSG_DONTWAIT,
	    &from.sa, &(socklen_t){ sizeof(from) }), -1);
	tclient_close(&c);
	close(fd);
	stop();
}
END_TEST

/* A socket each, and none is left behind. */
START_TEST(closes_its_sockets)
{
	struct tclient c[4];
	unsigned before, i;
	uint64_t end_ms;

	start("127.0.0.0/8");
	before = descriptors();
	for (i = 0; i < 4; i++)
		join(&c[i], CALL, "a");
	ck_assert_uint_eq(descriptors(), before + 8);	/* and the clients' */
	ck_assert_int_eq(tclient_allocate(&c[0]), 437);
	ck_assert_uint_eq(descriptors(), before + 8);
	ck_assert_int_eq(tclient_refresh(&c[0], 0), 0);
	turn_end_call(turn, CALL);
	end_ms = clock_ms() + 5000;
	while (descriptors() != before + 4 && clock_ms() < end_ms)
		usleep(1000);
	ck_assert_uint_eq(descriptors(), before + 4);
	for (i = 0; i < 4; i++)
		tclient_close(&c[i]);
	stop();
}
END_TEST

UNIT_SUITE(peers, reaches_the_world, does_not_fragment, reaches_the_call,
    denies_what_is_inside, denies_the_switch_itself, finds_its_clients,
    both_families, closes_its_sockets)
