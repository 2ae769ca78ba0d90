/*
 * The limits of users of other applications: how many allocations a user, a
 * network, a service and the whole may hold, and how much they may have
 * relayed. What one exceeds costs no other, and our own calls not at all.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "table/alloc.h"
#include "unit.h"

#define S CLOCK_S
#define KBIT 125		/* bytes */

static struct alloc_table *table;
static uint64_t now;
static uint16_t port;

static void
setup(const struct alloc_limits *limits)
{
	ck_assert_int_eq(alloc_table_new(&table, limits), 0);
	reclaim_join();
	now = clock_ns();
	port = 1000;
}

static void
teardown(void)
{
	reclaim_leave();
	alloc_table_free(table);
}

static struct addr
at(const char *text)
{
	struct addr addr;

	ck_assert_int_eq(addr_parse(&addr, text, 0), 0);
	return addr;
}

/* Add one of that user of a service, or of a call of ours. */
static int
add_cred(const struct turncred *cred, const char *from, struct alloc **out)
{
	struct addr client = at(from), local = at("192.0.2.1:3478");
	struct addr relayed = at("192.0.2.1");
	uint8_t transaction[STUN_TRANSACTION] = { 0 };
	struct stunauth_key key = { 0 };
	struct alloc_new new = {
		.client = &client, .local = &local, .relayed = &relayed,
		.username = cred->call, .cred = cred, .key = &key, .fd = -1,
		.transaction = transaction, .lifetime_s = 600
	};

	port++;
	addr_set_port(&client, port);
	memcpy(transaction, &port, sizeof(port));
	return alloc_add(table, &new, now, out);
}

static int
add(unsigned service, const char *user, const char *from, struct alloc **out)
{
	struct turncred cred = { .service = service };

	snprintf(cred.call, sizeof(cred.call), "%u %s", service, user);
	return add_cred(&cred, from, out);
}

static struct alloc *
added(unsigned service, const char *user, const char *from)
{
	struct alloc *a = NULL;

	ck_assert_int_eq(add(service, user, from, &a), 0);
	return a;
}

static struct alloc *
added_call(const char *from)
{
	struct turncred cred = { .ours = true, .call = "call" };
	struct alloc *a = NULL;

	ck_assert_int_eq(add_cred(&cred, from, &a), 0);
	return a;
}

static struct alloc_limited
limited(void)
{
	struct alloc_limited out;

	alloc_limited(table, &out);
	return out;
}

START_TEST(users_hold_so_many)
{
	static const struct alloc_limits limits = {
		.per_party = 1, .per_call = 1
	};
	struct alloc *a, *next;

	setup(&limits);
	alloc_set_service(table, 0,
	    &(struct alloc_service_limits){ .per_user = 2 });
	a = added(0, "a", "198.51.100.1");
	now += S;
	added(0, "a", "198.51.100.2");
	ck_assert_int_eq(add(0, "a", "203.0.113.1", &next), -EDQUOT);
	/* Other users have their own, and services without a limit none. */
	added(0, "b", "198.51.100.1");
	added(1, "a", "198.51.100.1");
	added(1, "a", "198.51.100.1");
	added(1, "a", "198.51.100.1");
	/* A call's limit is the call's. */
	added_call("198.51.100.1");
	ck_assert_uint_eq(limited().user, 1);
	ck_assert_uint_eq(limited().held, 0);
	ck_assert_uint_eq(alloc_service_counts(table, 0)->over_user, 1);
	ck_assert_uint_eq(alloc_service_counts(table, 0)->allocations, 3);
	ck_assert_uint_eq(alloc_service_counts(table, 1)->allocations, 3);
	/* One that was silent for long makes room, and so does one's end. */
	now += (ALLOC_SILENT_S - 1) * S;
	added(0, "a", "198.51.100.1");
	ck_assert_ptr_null(alloc_find(table, &a->tuple, now));
	ck_assert_uint_eq(limited().evicted, 1);
	ck_assert_uint_eq(alloc_service_counts(table, 0)->allocations, 3);
	teardown();
}
END_TEST

START_TEST(users_make_so_many)
{
	static const struct alloc_limits limits = { .per_pace = 3 };
	struct alloc *a;
	int i;

	setup(&limits);
	alloc_set_service(table, 0,
	    &(struct alloc_service_limits){ .per_user = 2 });
	alloc_set_service(table, 1,
	    &(struct alloc_service_limits){ .per_user = 5 });
	for (i = 0; i < 3; i++)
		alloc_delete(table, added(0, "a", "198.51.100.1"));
	ck_assert_int_eq(add(0, "a", "198.51.100.1", &a), -EDQUOT);
	ck_assert_uint_eq(limited().user_paced, 1);
	alloc_delete(table, added(0, "b", "198.51.100.1"));
	/* As many as it may hold at least, and without that limit any. */
	for (i = 0; i < 5; i++)
		alloc_delete(table, added(1, "a", "198.51.100.1"));
	ck_assert_int_eq(add(1, "a", "198.51.100.1", &a), -EDQUOT);
	for (i = 0; i < 20; i++)
		alloc_delete(table, added(2, "a", "198.51.100.1"));
	teardown();
}
END_TEST

START_TEST(networks_hold_so_many)
{
	static const struct alloc_limits limits = { .per_prefix = 2 };
	struct alloc *a, *next;

	setup(&limits);
	a = added(0, "a", "198.51.100.1");
	added(1, "b", "198.51.100.255");
	ck_assert_int_eq(add(2, "c", "198.51.100.7", &next), -EUSERS);
	added(0, "c", "198.51.101.7");
	added_call("198.51.100.7");
	/* A household has an IPv6 /56. */
	added(0, "d", "2001:db8:1:100::1");
	added(0, "e", "2001:db8:1:1ff::1");
	ck_assert_int_eq(add(0, "f", "2001:db8:1:133::1", &next), -EUSERS);
	added(0, "f", "2001:db8:1:200::1");
	ck_assert_uint_eq(limited().prefix, 2);
	alloc_delete(table, a);
	a = added(0, "c", "198.51.100.7");
	/* They leave with time, too. */
	alloc_delete(table, a);
	added(0, "c", "198.51.100.7");
	ck_assert_int_eq(add(0, "c", "198.51.100.7", &next), -EUSERS);
	teardown();
}
END_TEST

START_TEST(services_hold_so_many)
{
	static const struct alloc_limits limits = { .total = 5 };
	struct alloc_service_limits two = { .allocations = 2 };
	struct alloc *a, *next;

	setup(&limits);
	alloc_set_service(table, 1, &two);
	a = added(1, "a", "198.51.100.1");
	added(1, "b", "198.51.100.1");
	ck_assert_int_eq(add(1, "c", "198.51.100.1", &next), -ENOBUFS);
	ck_assert_uint_eq(limited().service, 1);
	ck_assert_uint_eq(alloc_service_counts(table, 1)->over_service, 1);
	added(0, "c", "198.51.100.1");
	alloc_delete(table, a);
	added(1, "c", "198.51.100.1");
	/* A reload raises it, up to what all may hold. */
	two.allocations = 0;
	alloc_set_service(table, 1, &two);
	added(1, "c", "198.51.100.1");
	added(1, "c", "198.51.100.1");
	ck_assert_int_eq(add(1, "c", "198.51.100.1", &next), -ENOSPC);
	ck_assert_uint_eq(limited().total, 1);
	teardown();
}
END_TEST

START_TEST(calls_keep_places)
{
	static const struct alloc_limits limits = { .total = 16 };
	struct alloc *a;
	int i;

	setup(&limits);
	for (i = 0; i < 14; i++)
		added(0, "bob", "192.0.2.7");
	ck_assert_int_eq(add(0, "bob", "192.0.2.7", &a), -ENOSPC);
	ck_assert_uint_eq(limited().total, 1);
	added_call("192.0.2.8");
	added_call("192.0.2.9");
	ck_assert_uint_eq(limited().total, 1);
	teardown();
}
END_TEST

/* Take kilobits in small datagrams; return how many bytes went through. */
static size_t
flood(const struct alloc *a, bool sent, unsigned kbits)
{
	size_t left = (size_t)kbits * KBIT, taken = 0;

	for (; left >= KBIT; left -= KBIT)
		if (alloc_users_take(a, sent, KBIT, now) == ALLOC_RATES)
			taken += KBIT;
	return taken / KBIT;
}

static uint64_t
dropped(unsigned service, enum alloc_rate rate)
{
	return alloc_service_counts(table, service)->dropped[rate];
}

/* A user that exceeds its rate loses just that, and takes nobody's. */
START_TEST(rate_of_a_user)
{
	static const struct alloc_limits limits = { .kbps = 1000 };
	static const struct alloc_service_limits service = {
		.kbps_per_user = 100, .kbps = 300
	};
	struct alloc *a, *b, *again;

	setup(&limits);
	alloc_set_service(table, 1, &service);
	a = added(1, "a", "198.51.100.1");
	again = added(1, "a", "198.51.100.1");
	b = added(1, "b", "198.51.100.1");
	ck_assert_uint_eq(flood(a, true, 5000), 100);
	ck_assert_uint_eq(flood(again, true, 5000), 0);
	ck_assert_uint_eq(dropped(1, ALLOC_RATE_USER), 4900 + 5000);
	/* What was refused was taken from neither the service nor the whole. */
	ck_assert_uint_eq(flood(b, true, 100), 100);
	/* Each has half of the service's. */
	ck_assert_uint_eq(flood(a, false, 150), 50);
	ck_assert_uint_eq(flood(b, false, 100), 50);
	ck_assert_uint_eq(dropped(1, ALLOC_RATE_SERVICE), 100 + 50);
	now += S / 2;
	ck_assert_uint_eq(flood(a, true, 5000), 50);
	ck_assert_uint_eq(dropped(1, ALLOC_RATE_TOTAL), 0);
	teardown();
}
END_TEST

/* To come back is not to begin anew, whatever was relayed. */
START_TEST(rate_after_a_return)
{
	static const struct alloc_limits limits = { 0 };
	struct alloc *a;
	int sent;

	for (sent = 0; sent < 2; sent++) {
		setup(&limits);
		alloc_set_service(table, 0,
		    &(struct alloc_service_limits){ .kbps_per_user = 100 });
		a = added(0, "a", "198.51.100.1");
		ck_assert_uint_eq(flood(a, sent, 200), 100);
		alloc_delete(table, a);
		a = added(0, "a", "198.51.100.1");
		ck_assert_uint_eq(flood(a, sent, 200), 0);
		teardown();
	}
}
END_TEST

START_TEST(rate_of_a_service_and_all)
{
	static const struct alloc_limits limits = { .kbps = 600 };
	static const struct alloc_service_limits service = { .kbps = 300 };
	struct alloc *one, *two, *ours;

	setup(&limits);
	alloc_set_service(table, 1, &service);
	one = added(1, "a", "198.51.100.1");
	two = added(2, "a", "198.51.100.1");
	ours = added_call("198.51.100.1");
	ck_assert_ptr_null(ours->service);
	ck_assert_uint_eq(flood(one, true, 1000), 300);
	ck_assert_uint_eq(dropped(1, ALLOC_RATE_SERVICE), 700);
	/* Our own calls count in the whole. */
	alloc_users_note(table, 100 * KBIT, now);
	ck_assert_uint_eq(flood(two, true, 1000), 200);
	ck_assert_uint_eq(dropped(2, ALLOC_RATE_TOTAL), 800);
	ck_assert_uint_eq(dropped(1, ALLOC_RATE_TOTAL), 0);
	/* They never make users wait longer than its depth. */
	alloc_users_note(table, 1000 * KBIT, now);
	now += S;
	ck_assert_uint_eq(flood(two, true, 1000), 300);
	teardown();
}
END_TEST

/*
 * One who takes all that a service or the whole has leaves others an even share,
 * and gets what they leave.
 */
START_TEST(even_shares)
{
	static const struct alloc_limits whole = { .kbps = 1000 }, none = { 0 };
	static const struct alloc_service_limits service = { .kbps = 1000 };
	struct alloc *greedy, *quiet, *gone;
	unsigned of, i;
	size_t got = 0;

	for (of = 0; of < 2; of++) {
		setup(of == 0 ? &whole : &none);
		if (of == 1)
			alloc_set_service(table, 1, &service);
		greedy = added(1, "greedy", "198.51.100.1");
		quiet = added(1, "quiet", "198.51.100.1");
		gone = added(1, "gone", "198.51.100.1");
		added(1, "idle", "198.51.100.1");
		added(1, "idle", "198.51.100.1");
		alloc_delete(table, gone);
		for (i = 0; i < 100; i++) {
			got += flood(greedy, true, 1000);
			ck_assert_uint_eq(flood(quiet, true, 3), 3);
			got += flood(greedy, false, 1000);
			now += S / 100;
		}
		/* 700 in that second, and the half that may be used at once. */
		ck_assert_uint_ge(got, 700 + 500 - 20);
		got = 0;
		/* What was too much is not held against it. */
		now += S;
		ck_assert_uint_ge(flood(greedy, true, 1000), 500);
		teardown();
	}
}
END_TEST

/* An empty datagram is not free. */
START_TEST(small_ones)
{
	static const struct alloc_limits limits = { .kbps = 8 };
	struct alloc *a;
	unsigned i, n = 0;

	setup(&limits);
	a = added(0, "a", "198.51.100.1");
	for (i = 0; i < 100; i++)
		n += alloc_users_take(a, true, i % 2, now) == ALLOC_RATES;
	ck_assert_uint_eq(n, 1000 / ALLOC_DATAGRAM_MIN);
	teardown();
}
END_TEST

/* Another service with a number of before begins to count anew. */
START_TEST(services_follow_others)
{
	static const struct alloc_limits limits = { 0 };
	static const struct alloc_service_limits service = {
		.kbps_per_user = 1
	};
	struct alloc *a;

	setup(&limits);
	alloc_set_service(table, 1, &service);
	a = added(1, "a", "198.51.100.1");
	flood(a, true, 1000);
	ck_assert_uint_gt(dropped(1, ALLOC_RATE_USER), 0);
	alloc_renew_service(table, 1);
	ck_assert_uint_eq(dropped(1, ALLOC_RATE_USER), 0);
	ck_assert_uint_eq(alloc_service_counts(table, 1)->allocations, 1);
	teardown();
}
END_TEST

START_TEST(no_limits)
{
	static const struct alloc_limits limits = { 0 };
	struct alloc *a;
	int i;

	setup(&limits);
	for (i = 0; i < 100; i++)
		a = added(ALLOC_SERVICES - 1, "a", "198.51.100.1");
	ck_assert_uint_eq(flood(a, true, 100000), 100000);
	alloc_users_note(table, 100, now);
	/* Fast rates are not rounded to none. */
	alloc_set_service(table, ALLOC_SERVICES - 1,
	    &(struct alloc_service_limits){ .kbps = 100000000 });
	ck_assert_uint_eq(alloc_users_take(a, true, 12500000, now),
	    ALLOC_RATES);
	for (i = 0; i < 999; i++)
		(void)alloc_users_take(a, true, 12500000, now);
	ck_assert_uint_eq(alloc_users_take(a, true, 12500000, now),
	    ALLOC_RATE_SERVICE);
	teardown();
}
END_TEST

UNIT_SUITE(alloc_limits, users_hold_so_many, users_make_so_many,
    networks_hold_so_many, services_hold_so_many, calls_keep_places,
    rate_of_a_user, rate_after_a_return, rate_of_a_service_and_all, even_shares,
    small_ones, services_follow_others, no_limits)
