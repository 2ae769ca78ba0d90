/*
 * relay.peers = "clients": the users of a service meet by table entries, a call
 * of our own signalling stays among its parties, and nothing outside is reached
 * but what relay.allowed_peers names.
 */
#include <sys/socket.h>

#include "outsidehelp.h"

/* A call as our signalling names it. */
#define OURS "0123456789abcdef0123456789abcdef"

static void
start_at(const struct addr *external, const char *allow)
{
	struct addr addrs[2] = { at("127.0.0.1:0"), at("[::1]:0") };
	char *items[] = { (char *)allow };
	struct conf_strings allowed = { items, allow != NULL ? 1 : 0 };
	struct turn_options options = {
		.listen = addrs, .n_listen = 2, .peers = TURN_CLIENTS,
		.allowed_peers = &allowed, .external = external
	};

	start_with(&options);
}

static void
start(const char *allow)
{
	start_at(NULL, allow);
}

static void
join_as(struct tclient *c, const char *user)
{
	ck_assert_int_eq(tclient_open(c, &server), 0);
	tclient_user(c, user, 600, SECRET);
	ck_assert_int_eq(tclient_allocate(c), 0);
}

static void
hears_nothing(int fd)
{
	char got[8];

	ck_assert_int_eq(recvfrom(fd, got, sizeof(got), MSG_DONTWAIT, NULL,
	    NULL), -1);
}

START_TEST(users_meet)
{
	struct tclient a, b;

	start(NULL);
	join_as(&a, "alice");
	join_as(&b, "bob");
	/* By indications, and only with both permissions. */
	ck_assert_int_eq(tclient_send(&a, &b.relayed, "x", 1), 0);
	ck_assert(drops("no_permission", 1));
	ck_assert_int_eq(tclient_permit(&a, &b.relayed), 0);
	ck_assert_int_eq(tclient_send(&a, &b.relayed, "x", 1), 0);
	ck_assert(drops("peer_refuses", 1));
	ck_assert_int_eq(tclient_permit(&b, &a.relayed), 0);
	ck_assert_int_eq(tclient_send(&a, &b.relayed, "one", 3), 0);
	hears(&b, 0, &a.relayed, "one", 3);
	/* The sender has a channel, then the receiver, then both. */
	ck_assert_int_eq(tclient_bind(&a, 0x4000, &b.relayed), 0);
	ck_assert_int_eq(tclient_send_channel(&a, 0x4000, "two", 3), 0);
	hears(&b, 0, &a.relayed, "two", 3);
	ck_assert_int_eq(tclient_send(&b, &a.relayed, "three", 5), 0);
	hears(&a, 0x4000, NULL, "three", 5);
	ck_assert_int_eq(tclient_bind(&b, 0x4001, &a.relayed), 0);
	ck_assert_int_eq(tclient_send_channel(&b, 0x4001, "four", 4), 0);
	hears(&a, 0x4000, NULL, "four", 4);
	ck_assert_int_eq(tclient_send_channel(&a, 0x4000, "five", 4), 0);
	hears(&b, 0x4001, NULL, "five", 4);
	ck_assert_uint_eq(counter("rp_relay_packets_total"), 5);
	tclient_close(&a);
	tclient_close(&b);
	stop();
}
END_TEST

/* All clients share an address, so a permission for one is for all of them. */
START_TEST(permits_by_address)
{
	struct tclient a, b, c;

	start(NULL);
	join_as(&a, "alice");
	join_as(&b, "bob");
	join_as(&c, "carol");
	ck_assert_int_eq(tclient_permit(&b, &a.relayed), 0);
	ck_assert_int_eq(tclient_permit(&c, &a.relayed), 0);
	ck_assert_int_eq(tclient_send(&c, &b.relayed, "hi", 2), 0);
	hears(&b, 0, &c.relayed, "hi", 2);
	tclient_close(&a);
	tclient_close(&b);
	tclient_close(&c);
	stop();
}
END_TEST

static void
calls_stay_apart(void)
{
	struct tclient user, a, b;
	uint8_t got[TCLIENT_MESSAGE];
	struct addr from;
	uint16_t by;

	join_as(&user, "alice");
	join(&a, OURS, "a");
	join(&b, OURS, "b0");
	ck_assert_int_eq(tclient_bind(&a, 0x4000, &b.relayed), 0);
	ck_assert_int_eq(tclient_bind(&b, 0x4000, &a.relayed), 0);
	ck_assert_int_eq(tclient_bind(&user, 0x4000, &b.relayed), 0);
	ck_assert_int_eq(tclient_bind(&b, 0x4001, &user.relayed), 0);
	ck_assert_int_eq(tclient_send_channel(&user, 0x4000, "x", 1), 0);
	ck_assert_int_eq(tclient_send(&user, &b.relayed, "x", 1), 0);
	ck_assert_int_eq(tclient_send_channel(&b, 0x4001, "x", 1), 0);
	ck_assert_int_eq(tclient_send(&b, &user.relayed, "x", 1), 0);
	ck_assert(drops("no_peer", 4));
	ck_assert_int_eq(tclient_send_channel(&a, 0x4000, "hi", 2), 0);
	hears(&b, 0x4000, NULL, "hi", 2);
	ck_assert_int_eq(tclient_receive(&user, 0, &by, &from, got,
	    sizeof(got)), -1);
	tclient_close(&user);
	tclient_close(&a);
	tclient_close(&b);
}

START_TEST(keeps_calls_apart)
{
	start(NULL);
	calls_stay_apart();
	stop();
}
END_TEST

/* With sockets, too, though they are at an address that is allowed. */
START_TEST(keeps_sockets_apart)
{
	start("127.0.0.1/32");
	calls_stay_apart();
	stop();
}
END_TEST

START_TEST(reaches_nothing_outside)
{
	struct tclient four, six;
	struct addr beside;
	unsigned before;
	int fd;

	start(NULL);
	fd = outside("127.0.0.1:0", &beside);
	before = descriptors();
	join_as(&four, "alice");
	ck_assert_int_eq(tclient_open(&six, &server), 0);
	tclient_user(&six, "bob", 600, SECRET);
	allocate_six(&six);
	ck_assert_uint_eq(descriptors(), before + 2);	/* the clients' */
	forbids_inside(&four);
	forbids_inside(&six);
	forbids(&four, "8.8.8.8:53");
	forbids(&six, "[2606:4700::1]:53");
	forbids(&six, "[64:ff9b::8.8.8.8]:53");
	/* A program at the relay's address is not one of its clients. */
	ck_assert_int_eq(tclient_bind(&four, 0x4000, &beside), 0);
	ck_assert_int_eq(tclient_send_channel(&four, 0x4000, "x", 1), 0);
	ck_assert_int_eq(tclient_send(&four, &beside, "x", 1), 0);
	ck_assert(drops("no_peer", 2));
	hears_nothing(fd);
	tclient_close(&four);
	tclient_close(&six);
	close(fd);
	stop();
}
END_TEST

START_TEST(reaches_what_is_allowed)
{
	struct addr peer, other, from;
	struct tclient a, b;
	char got[8];
	int fd, other_fd;

	start("127.0.0.2/32");
	fd = outside("127.0.0.2:0", &peer);
	other_fd = outside("127.0.0.1:0", &other);
	join_as(&a, "alice");
	join_as(&b, "bob");
	ck_assert_int_eq(tclient_permit(&a, &peer), 0);
	ck_assert_int_eq(tclient_send(&a, &peer, "out", 3), 0);
	ck_assert_int_eq(receive(fd, got, sizeof(got), &from), 3);
	ck_assert(addr_equal(&from, &a.relayed));
	send_to(fd, &a.relayed, "in");
	hears(&a, 0, &peer, "in", 2);
	forbids_inside(&a);
	forbids(&a, "8.8.8.8:53");
	/* Its own address was not named, and users meet by no socket. */
	ck_assert_int_eq(tclient_permit(&a, &other), 0);
	ck_assert_int_eq(tclient_send(&a, &other, "x", 1), 0);
	ck_assert(drops("no_peer", 1));
	hears_nothing(other_fd);
	ck_assert_int_eq(tclient_bind(&a, 0x4000, &b.relayed), 0);
	ck_assert_int_eq(tclient_bind(&b, 0x4001, &a.relayed), 0);
	ck_assert_int_eq(tclient_send_channel(&a, 0x4000, "hi", 2), 0);
	hears(&b, 0x4001, NULL, "hi", 2);
	tclient_close(&a);
	tclient_close(&b);
	close(fd);
	close(other_fd);
	stop();
}
END_TEST

/* An SFU on the same host is a peer, if it is named. The relay itself is not. */
START_TEST(reaches_its_own_host)
{
	struct addr peer, from;
	struct tclient a;
	char got[8];
	int fd;

	start("127.0.0.1/32");
	fd = outside("127.0.0.1:0", &peer);
	join_as(&a, "alice");
	ck_assert_int_eq(tclient_bind(&a, 0x4000, &peer), 0);
	ck_assert_int_eq(tclient_send_channel(&a, 0x4000, "hi", 2), 0);
	ck_assert_int_eq(receive(fd, got, sizeof(got), &from), 2);
	ck_assert(addr_equal(&from, &a.relayed));
	send_to(fd, &a.relayed, "ho");
	hears(&a, 0x4000, NULL, "ho", 2);
	ck_assert_int_eq(tclient_bind(&a, 0x4001, &server), 0);
	ck_assert_int_eq(tclient_send_channel(&a, 0x4001, "x", 1), 0);
	ck_assert_int_eq(tclient_send(&a, &server, "x", 1), 0);
	ck_assert(drops("no_peer", 2));
	tclient_close(&a);
	close(fd);
	stop();
}
END_TEST

/* Nor are others' relay sockets, which behind a 1:1 NAT have two addresses. */
START_TEST(reaches_no_socket_of_another)
{
	struct addr external = at("203.0.113.9"), inner = at("127.0.0.1");
	struct tclient a, b;

	start_at(&external, "127.0.0.1/32");
	join_as(&a, "alice");
	join(&b, OURS, "b0");
	ck_assert(addr_equal_ip(&b.relayed, &external));
	addr_set_port(&inner, addr_port(&b.relayed));
	ck_assert_int_eq(tclient_permit(&a, &inner), 0);
	ck_assert_int_eq(tclient_permit(&b, &inner), 0);
	ck_assert_int_eq(tclient_send(&a, &inner, "x", 1), 0);
	ck_assert_int_eq(tclient_send(&a, &b.relayed, "x", 1), 0);
	ck_assert(drops("no_peer", 1));
	ck_assert(drops("no_permission", 1));
	tclient_close(&a);
	tclient_close(&b);
	stop();
}
END_TEST

UNIT_SUITE(clients, users_meet, permits_by_address, keeps_calls_apart,
    keeps_sockets_apart, reaches_nothing_outside, reaches_what_is_allowed,
    reaches_its_own_host, reaches_no_socket_of_another)
