/* CreatePermission and ChannelBind, with each error of RFC 8656. */
#include "turnreqhelp.h"

START_TEST(peers)
{
	struct world w;
	struct client c;
	struct addr relayed, local_addrs = at("192.0.2.1:50000");
	struct addr wrong = at("192.0.2.2:50000");
	struct addr other = at("192.0.2.1:49999");
	unsigned i;

	build(&w);
	arrive(&c, &w, "198.51.100.1:1000", "c:a", 600);
	ck_assert_int_eq(allocate(&c, &relayed), 0);
	ck_assert_int_eq(permit(&c, &local_addrs), 0);
	ck_assert_int_eq(permit(&c, &wrong), 403);
	/* One that is wrong among good ones spoils them all. */
	begin(&c, STUN_CREATE_PERMISSION);
	stun_add_xor_addr(&c.b, STUN_ATTR_XOR_PEER_ADDRESS, &local_addrs);
	stun_add_xor_addr(&c.b, STUN_ATTR_XOR_PEER_ADDRESS, &wrong);
	ck_assert_int_eq(send_signed(&c), 403);
	begin(&c, STUN_CREATE_PERMISSION);
	ck_assert_int_eq(send_signed(&c), 400);
	begin(&c, STUN_CREATE_PERMISSION);
	stun_add(&c.b, STUN_ATTR_XOR_PEER_ADDRESS, "\0\1aa", 4);
	ck_assert_int_eq(send_signed(&c), 400);
	begin(&c, STUN_CREATE_PERMISSION);
	for (i = 0; i < 17; i++)
		stun_add_xor_addr(&c.b, STUN_ATTR_XOR_PEER_ADDRESS, &local_addrs);
	ck_assert_int_eq(send_signed(&c), 508);

	ck_assert_int_eq(bind_channel(&c, 0x4000, &local_addrs), 0);
	ck_assert_int_eq(bind_channel(&c, 0x4000, &local_addrs), 0);
	ck_assert_int_eq(bind_channel(&c, 0x4001, &local_addrs), 400);
	ck_assert_int_eq(bind_channel(&c, 0x3fff, &local_addrs), 400);
	ck_assert_int_eq(bind_channel(&c, 0x8000, &local_addrs), 400);
	/* RFC 5766's range, from which coturn's clients choose. */
	ck_assert_int_eq(bind_channel(&c, 0x7fff, &other), 0);
	ck_assert_int_eq(bind_channel(&c, 0x4001, NULL), 400);
	ck_assert_int_eq(bind_channel(&c, 0x4001, &wrong), 403);
	begin(&c, STUN_CHANNEL_BIND);
	stun_add_xor_addr(&c.b, STUN_ATTR_XOR_PEER_ADDRESS, &local_addrs);
	ck_assert_int_eq(send_signed(&c), 400);
	raze(&w);
}
END_TEST

/* What else the host has is inside, though it is its own. */
START_TEST(other_addresses_of_the_host)
{
	struct world w;
	struct client c;
	struct addr relayed, inner = at("10.1.1.1:1"), loop = at("127.0.0.1:1");

	build(&w);
	w.local_addrs.addrs[w.local_addrs.n++] = inner;
	w.local_addrs.addrs[w.local_addrs.n++] = loop;
	arrive(&c, &w, "198.51.100.1:1000", "c:a", 600);
	ck_assert_int_eq(allocate(&c, &relayed), 0);
	ck_assert_int_eq(permit(&c, &inner), 403);
	ck_assert_int_eq(permit(&c, &loop), 403);
	/* A wildcard socket shows loopback to those who came by it. */
	w.local_addrs.n_shown = w.local_addrs.n;
	ck_assert_int_eq(permit(&c, &inner), 0);
	ck_assert_int_eq(permit(&c, &loop), 403);
	ck_assert_int_eq(bind_channel(&c, 0x4000, &loop), 403);
	ck_assert(local_addrs_shows(&w.local_addrs, &loop, &loop));
	raze(&w);
}
END_TEST

UNIT_SUITE(turnreq_peers, peers, other_addresses_of_the_host)
