/*
 * Until when the kernel knows a way, that changes revoke it, and that it is
 * forgotten with its sender.
 */
#include "teachhelp.h"

/* A way ends with the first thing that it needs. Lives are of 600 s. */
START_TEST(until_permission)
{
	begin_call();
	say(a, 0x4001);
	ck_assert_uint_eq(only()->expires_ns, now + PERM_LIFETIME_S * S);
	end();
}
END_TEST

/* Everything but the channels and allocations lasts much longer. */
static void
begin_lasting(void)
{
	begin_limited(&(const struct alloc_limits){
	    .channel_permit_s = 5000 });
	a = party("a", 1);
	b = party("b0", 2);
}

START_TEST(until_own_channel)
{
	begin_lasting();
	refresh(a, 4000);
	refresh(b, 4000);
	bind_to(a, 0x4001, b);
	now += 5 * S;
	bind_to(b, 0x4002, a);
	say(a, 0x4001);
	ck_assert_uint_eq(only()->expires_ns,
	    now - 5 * S + CHAN_LIFETIME_S * S);
	end();
}
END_TEST

START_TEST(until_other_channel)
{
	begin_lasting();
	refresh(a, 4000);
	refresh(b, 4000);
	bind_to(b, 0x4002, a);
	now += 5 * S;
	bind_to(a, 0x4001, b);
	say(a, 0x4001);
	ck_assert_uint_eq(only()->expires_ns,
	    now - 5 * S + CHAN_LIFETIME_S * S);
	end();
}
END_TEST

START_TEST(until_own_end)
{
	begin_lasting();
	bind_both();
	refresh(a, 99);
	refresh(b, 4000);
	say(a, 0x4001);
	ck_assert_uint_eq(only()->expires_ns, now + 99 * S);
	end();
}
END_TEST

START_TEST(until_other_end)
{
	begin_lasting();
	bind_both();
	refresh(a, 4000);
	refresh(b, 98);
	say(a, 0x4001);
	ck_assert_uint_eq(only()->expires_ns, now + 98 * S);
	end();
}
END_TEST

/* Of two families, that of the channel's peer counts, at both ends. */
static void
begin_two_families(void)
{
	begin_limited(&(const struct alloc_limits){
	    .channel_permit_s = 5000 });
	a = add(&(const struct wanted){ CALL, "a", .port = 1,
	    .second = "2001:db8::99" });
	b = add(&(const struct wanted){ CALL, "b0", .port = 2,
	    .second = "2001:db8::99" });
	ck_assert_int_eq(alloc_bind(table, a, 0x4001, &b->second->relayed,
	    now), 0);
	ck_assert_int_eq(alloc_bind(table, b, 0x4002, &a->second->relayed,
	    now), 0);
}

START_TEST(until_family)
{
	begin_two_families();
	ck_assert_int_eq(alloc_refresh(table, a, AF_INET6, 97, now), 0);
	ck_assert_int_eq(alloc_refresh(table, b, AF_INET, 96, now), 0);
	say(a, 0x4001);
	ck_assert_uint_eq(only()->expires_ns, now + 97 * S);
	end();
}
END_TEST

START_TEST(until_family_of_other)
{
	begin_two_families();
	ck_assert_int_eq(alloc_refresh(table, b, AF_INET6, 95, now), 0);
	say(a, 0x4001);
	ck_assert_uint_eq(only()->expires_ns, now + 95 * S);
	end();
}
END_TEST

/* It is taught anew, with the new end, when the known one is over. */
START_TEST(renewed)
{
	begin();
	now -= PERM_LIFETIME_S * S - S / 10;
	a = party("a", 1);
	b = party("b0", 2);
	bind_both();
	say(a, 0x4001);
	ck_assert_uint_eq(only()->expires_ns, now + PERM_LIFETIME_S * S);
	now = clock_ns();
	bind_both();
	while (clock_ns() < only()->expires_ns)
		sched_yield();
	say(a, 0x4001);
	ck_assert_uint_eq(only()->expires_ns, now + PERM_LIFETIME_S * S);
	ck_assert_uint_eq(kernel.asked, 2);
	end();
}
END_TEST

/* A change that makes a way wrong, and one that does not. */
START_TEST(shorter_life_revokes)
{
	begin_call();
	say(a, 0x4001);
	refresh(a, 700);
	refresh(b, 700);
	ck_assert(holds(only()));
	refresh(a, 300);
	ck_assert(!holds(only()));
	say(a, 0x4001);
	ck_assert(holds(only()));
	refresh(b, 299);
	ck_assert(!holds(only()));
	say(a, 0x4001);
	ck_assert(holds(only()));
	ck_assert_uint_eq(only()->expires_ns, now + 299 * S);
	ck_assert_uint_eq(kernel.asked, 3);
	end();
}
END_TEST

START_TEST(end_of_family_revokes)
{
	begin_two_families();
	say(a, 0x4001);
	ck_assert_int_eq(alloc_refresh(table, b, AF_INET6, 0, now), 0);
	ck_assert(!holds(only()));
	/* The other one lives on, but nothing goes there. */
	say(a, 0x4001);
	ck_assert_uint_eq(kernel.asked, 1);
	end();
}
END_TEST

START_TEST(removal_revokes_and_forgets)
{
	struct inkernel_chan to_b, to_a;

	begin_call();
	say(a, 0x4001);
	to_b = *only();
	say(b, 0x4002);
	to_a = kernel.chans[1];
	ck_assert(holds(&to_b));
	ck_assert(holds(&to_a));
	alloc_delete(table, a);
	ck_assert(!holds(&to_b));
	ck_assert(!holds(&to_a));
	wait_for_ways(1);
	check_ip(kernel.keys[0].client, kernel.keys[0].client_port,
	    &b->client);
	alloc_end_call(table, CALL);
	wait_for_ways(0);
	end();
}
END_TEST

/* Who comes to a slot that was used begins with no sums, and another serial. */
START_TEST(slot_is_cleared)
{
	uint32_t from, serial;
	struct alloc *others[SLOTS - 2];
	size_t i;

	begin_call();
	say(a, 0x4001);
	from = only()->from;
	serial = only()->from_serial;
	for (i = 0; i < SLOTS - 2; i++)
		others[i] = party("a", (uint16_t)(10 + i));
	ck_assert_ptr_ne(others[SLOTS - 3]->traffic,
	    &others[SLOTS - 3]->own);
	/* None is left, and the next one has its own, of which nobody learns. */
	b = party("b0", 99);
	ck_assert_ptr_eq(b->traffic, &b->own);
	bind_to(b, 0x4007, a);
	ck_assert_int_eq(alloc_bind(table, a, 0x4003, &b->relayed, now), 0);
	say(b, 0x4007);
	say(a, 0x4003);
	ck_assert_uint_eq(kernel.asked, 1);
	ck_assert_uint_eq(b->own.packets, 1);
	alloc_delete(table, a);
	wait_for_ways(0);
	now += 3600 * S;
	a = party("a", 5);
	ck_assert_ptr_eq(a->traffic, &kernel.traffic[from]);
	ck_assert_uint_eq(a->traffic->packets, 0);
	ck_assert_uint_ne(a->traffic->serial, serial);
	end();
}
END_TEST

/* The shares of calls that are over are taken again, and are full. */
START_TEST(shares_come_back)
{
	unsigned tries = 0, i = 0;
	char name[16];
	bool shared;

	begin();
	while (i < 3 * SLOTS) {
		now += 10 * S;
		snprintf(name, sizeof(name), "c%u", tries++);
		a = add(&(const struct wanted){ name, "a", .port = 1 });
		shared = shared_share_slot(&inkernel, a->share) !=
		    INKERNEL_NONE && shared_share_slot(&inkernel,
		    alloc_call_share(a)) != INKERNEL_NONE;
		ck_assert_uint_eq(a->share->sent.full_ns, 0);
		a->share->sent.full_ns = 1;
		alloc_end_call(table, name);
		i += shared;
		reclaim_sleep();
		reclaim_wake();
	}
	end();
}
END_TEST

UNIT_SUITE(taught, until_permission, until_own_channel, until_other_channel,
    until_own_end, until_other_end, until_family, until_family_of_other,
    renewed, shorter_life_revokes, end_of_family_revokes,
    removal_revokes_and_forgets, slot_is_cleared, shares_come_back)
