/* Which ways the kernel is taught, and how they are described to it. */
#include "teachhelp.h"
#include "relay/inbox.h"
#include "relay/teach.h"

START_TEST(way_of_call)
{
	begin_call();
	say(a, 0x4001);
	check_way(a, 0x4001, b, 0x4002);
	ck_assert_ptr_eq(&kernel.shares[only()->party], a->share);
	ck_assert_ptr_eq(&kernel.shares[only()->call], alloc_call_share(a));
	ck_assert_uint_eq(only()->service, INKERNEL_NONE);
	ck_assert_uint_eq(kernel.keys[0].client[10], 0xff);
	ck_assert_uint_eq(kernel.keys[0].client[12], 198);
	/* What user space relays is in the same sums. */
	ck_assert_uint_eq(kernel.traffic[only()->from].packets, 1);
	ck_assert_uint_eq(kernel.traffic[only()->from].bytes, 5);
	ck_assert_uint_eq(kernel.traffic[only()->from].lock, 0);
	ck_assert_uint_ne(kernel.shares[only()->party].sent.full_ns, 0);
	/* It is taught once. */
	say(a, 0x4001);
	ck_assert_uint_eq(kernel.asked, 1);
	say(b, 0x4002);
	ck_assert_uint_eq(kernel.n, 2);
	end();
}
END_TEST

START_TEST(way_of_ipv6)
{
	begin();
	a = add(&(const struct wanted){ CALL, "a", .port = 1,
	    .client = "[2001:db8::1]", .local = "[2001:db8::99]:3478" });
	b = add(&(const struct wanted){ CALL, "b0", .port = 2,
	    .client = "[2001:db8::2]", .local = "[2001:db8::99]:3478" });
	bind_to(a, 0x4001, b);
	bind_to(b, 0x4002, a);
	say(a, 0x4001);
	check_way(a, 0x4001, b, 0x4002);
	ck_assert_uint_eq(only()->flow, CALLSTATS_FLOW(CALLSTATS_UDP, true));
	ck_assert_uint_eq(kernel.keys[0].client[0], 0x20);
	end();
}
END_TEST

/* A user's datagrams are taken from his rate, his service's and the total. */
START_TEST(way_of_users)
{
	begin_limited(&(const struct alloc_limits){ .reach = ALLOC_SERVICE });
	alloc_set_service(table, 3, &(const struct alloc_service_limits){
	    .kbps_per_user = 1000, .kbps = 8000 });
	a = add(&(const struct wanted){ "u", .foreign = true, .service = 3,
	    .port = 1 });
	b = add(&(const struct wanted){ "v", .foreign = true, .service = 3,
	    .port = 2 });
	bind_to(a, 0x4001, b);
	bind_to(b, 0x4002, a);
	say(a, 0x4001);
	check_way(a, 0x4001, b, 0x4002);
	ck_assert_uint_eq(only()->service, 1 + 3);
	ck_assert_uint_eq(only()->party, INKERNEL_NONE);
	ck_assert_ptr_eq(&kernel.shares[only()->call], alloc_call_share(a));
	ck_assert_uint_ne(kernel.shares[only()->call].sent.full_ns, 0);
	ck_assert_uint_eq(kernel.rates[1 + 3].users, 2);
	ck_assert_uint_eq(kernel.rates[0].users, 2);
	ck_assert_uint_eq(kernel.rates[1 + 3].byte_ps, 1000000);
	ck_assert_uint_eq(kernel.rates[1 + 3].user_byte_ps, 8000000);
	ck_assert_uint_ne(kernel.rates[1 + 3].meter.full_ns, 0);
	end();
}
END_TEST

/* Credentials that name no party have the call's share alone. */
START_TEST(way_of_nameless)
{
	begin();
	a = party(NULL, 1);
	b = party(NULL, 2);
	bind_to(a, 0x4001, b);
	bind_to(b, 0x4002, a);
	say(a, 0x4001);
	ck_assert_uint_eq(only()->party, INKERNEL_NONE);
	ck_assert_uint_eq(kernel.shares[only()->call].half, 1);
	end();
}
END_TEST

/* Neither to nor from a stream, to another family, or to no channel. */
START_TEST(not_to_stream)
{
	struct inbox *inbox;

	begin();
	ck_assert_int_eq(inbox_new(&inbox, 2), 0);
	a = party("a", 1);
	b = add(&(const struct wanted){ CALL, "b0", .port = 2,
	    .inbox = inbox });
	bind_both();
	say(a, 0x4001);
	ck_assert_uint_eq(a->traffic->packets, 1);
	ck_assert_uint_eq(kernel.asked, 0);
	ck_assert_ptr_eq(b->traffic, &b->own);
	end();
	inbox_free(inbox);
}
END_TEST

START_TEST(not_to_other_family)
{
	begin();
	a = party("a", 1);
	b = add(&(const struct wanted){ CALL, "b0", .port = 2,
	    .client = "[2001:db8::2]", .local = "[2001:db8::99]:3478" });
	bind_both();
	say(a, 0x4001);
	ck_assert_uint_eq(a->traffic->packets, 1);
	ck_assert_uint_eq(kernel.asked, 0);
	end();
}
END_TEST

START_TEST(not_to_link_local)
{
	begin();
	a = add(&(const struct wanted){ CALL, "a", .port = 1,
	    .client = "[fe80::1]", .local = "[fe80::99]:3478" });
	b = add(&(const struct wanted){ CALL, "b0", .port = 2,
	    .client = "[fe80::2]", .local = "[fe80::99]:3478" });
	bind_both();
	say(a, 0x4001);
	ck_assert_uint_eq(a->traffic->packets, 1);
	ck_assert_uint_eq(kernel.asked, 0);
	end();
}
END_TEST

START_TEST(not_without_channel)
{
	begin();
	a = party("a", 1);
	b = party("b0", 2);
	bind_to(a, 0x4001, b);
	ck_assert_int_eq(alloc_permit(table, b, &a->relayed, 1, now), 0);
	say(a, 0x4001);
	ck_assert_uint_eq(a->traffic->packets, 1);
	ck_assert_uint_eq(kernel.asked, 0);
	bind_to(b, 0x4002, a);
	say(a, 0x4001);
	ck_assert_uint_eq(only()->expires_ns, now + PERM_LIFETIME_S * S);
	end();
}
END_TEST

START_TEST(not_without_permission)
{
	begin();
	a = party("a", 1);
	b = party("b0", 2);
	bind_to(a, 0x4001, b);
	say(a, 0x4001);
	ck_assert_uint_eq(a->traffic->packets, 0);
	ck_assert_uint_eq(a->traffic->dropped, 1);
	ck_assert_uint_eq(kernel.asked, 0);
	end();
}
END_TEST

START_TEST(not_from_indication)
{
	uint8_t room[UDP_BATCH_HEADROOM + 128], reply[RELAY_REPLY];
	uint8_t *data = room + UDP_BATCH_HEADROOM;
	const uint8_t transaction[STUN_TRANSACTION] = { 1 };
	struct udp_batch_datagram in = { .data = data };
	struct stun_builder builder;

	begin_call();
	in.from = a->client;
	in.local = a->local;
	stun_begin(&builder, data, 128, STUN_SEND | STUN_INDICATION,
	    transaction);
	stun_add_xor_addr(&builder, STUN_ATTR_XOR_PEER_ADDRESS, &b->relayed);
	stun_add(&builder, STUN_ATTR_DATA, "hello", 5);
	in.len = stun_end(&builder);
	relay_begin(relay);
	ck_assert_uint_eq(relay_message(relay, &in, reply), 0);
	relay_end(relay);
	reclaim_wake();
	ck_assert_uint_eq(a->traffic->packets, 1);
	ck_assert_uint_eq(kernel.asked, 0);
	end();
}
END_TEST

/* A full map is asked again after a pause, not for each packet. */
START_TEST(full)
{
	uint64_t pause_ns;

	begin_call();
	kernel.max = 0;
	say(a, 0x4001);
	say(a, 0x4001);
	ck_assert_uint_eq(kernel.asked, 1);
	ck_assert_uint_eq(a->traffic->packets, 2);
	kernel.max = WAYS;
	pause_ns = clock_ns() + TAUGHT_PAUSE_NS;
	while (clock_ns() < pause_ns)
		sched_yield();
	say(a, 0x4001);
	ck_assert_uint_eq(kernel.asked, 2);
	check_way(a, 0x4001, b, 0x4002);
	end();
}
END_TEST

/* Two channels of one place: the first keeps it, until it is revoked. */
START_TEST(same_place)
{
	struct alloc *c;

	begin_call();
	c = party("b1", 3);
	bind_to(a, 0x4001 + CHAN_MAX, c);
	bind_to(c, 0x4003, a);
	refresh(c, 500);
	say(a, 0x4001);
	say(a, 0x4001 + CHAN_MAX);
	ck_assert_uint_eq(kernel.asked, 1);
	refresh(a, 100);
	say(a, 0x4001 + CHAN_MAX);
	ck_assert_uint_eq(kernel.asked, 2);
	check_way(a, 0x4001 + CHAN_MAX, c, 0x4003);
	end();
}
END_TEST

/* A relay thread may still be at what was removed. */
START_TEST(not_after_removal)
{
	struct alloc **removed[] = { &a, &b };
	struct teach_way way;
	int i;

	for (i = 0; i < 2; i++) {
		begin_call();
		way = (struct teach_way){
			.from = a, .to = b, .source = &a->relayed,
			.chan = chan_find(&a->chans, 0x4001, now),
			.number = 0x4002
		};
		alloc_delete(table, *removed[i]);
		teach_way(&inkernel, &way, now);
		ck_assert_uint_eq(kernel.asked, 0);
		end();
	}
}
END_TEST

UNIT_SUITE(teach, way_of_call, way_of_ipv6, way_of_users, way_of_nameless,
    not_to_stream, not_to_other_family, not_to_link_local,
    not_without_channel, not_without_permission, not_from_indication,
    full, same_place, not_after_removal)
