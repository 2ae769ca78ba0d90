/*
 * Whom an allocation meets: its siblings, the users of its service, or all. And
 * that a relayed address is one allocation's, while it lives and no longer.
 */
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>

#include "allochelp.h"

#define MANY 20000
#define CROWD 40000

static const struct alloc_limits service = { .reach = ALLOC_SERVICE };
static const struct alloc_limits all = { .reach = ALLOC_ALL };
static const struct alloc_limits calls = { .reach = ALLOC_CALL };

/* An allocation of another application's user. */
static struct alloc *
user(unsigned of, const char *name, uint16_t port)
{
	struct alloc *a = NULL;

	ck_assert_int_eq(add_wanted(&(const struct wanted){ .call = name,
	    .foreign = true, .service = of, .port = port }, &a), 0);
	return a;
}

static struct alloc *
party(const char *call, const char *name, uint16_t port)
{
	struct alloc *a = NULL;

	ck_assert_int_eq(add_wanted(&(const struct wanted){ .call = call,
	    .party = name, .port = port }, &a), 0);
	return a;
}

static bool
meets(const struct alloc *a, const struct alloc *b)
{
	struct alloc *peer = alloc_peer(table, a, &b->relayed, now);

	ck_assert(peer == b || peer == NULL || !addr_equal(&peer->relayed,
	    &b->relayed) || peer->space != b->space);
	return peer == b;
}

START_TEST(within_a_service)
{
	struct alloc *alice, *bob, *other, *a, *b;

	setup(&service);
	alice = user(0, "alice", 1);
	bob = user(0, "bob", 2);
	other = user(1, "alice.1", 3);
	a = party("c", "a", 4);
	b = party("c", "b", 5);
	ck_assert(meets(alice, bob) && meets(bob, alice));
	ck_assert(meets(alice, alice) && meets(a, b) && meets(b, a));
	ck_assert(!meets(alice, other) && !meets(other, bob));
	ck_assert(!meets(alice, a) && !meets(a, alice));
	teardown();
	/* Everybody. */
	setup(&all);
	alice = user(0, "alice", 1);
	other = user(1, "alice.1", 3);
	a = party("c", "a", 4);
	ck_assert(meets(alice, other) && meets(other, alice));
	ck_assert(meets(alice, a) && meets(a, other));
	teardown();
	/* A call is a call, whoever named it. */
	setup(&calls);
	alice = user(0, "alice", 1);
	bob = user(0, "bob", 2);
	other = user(0, "alice", 3);
	ck_assert(!meets(alice, bob) && meets(alice, other));
	teardown();
}
END_TEST

/* Two services may have one address, and each finds its own. */
START_TEST(services_share_ports)
{
	struct alloc *one, *two, *found;
	uint16_t i;

	setup(&service);
	for (i = 0; i < 2000; i++) {
		one = user(0, "one", (uint16_t)(1 + 2 * i));
		two = user(1, "two", (uint16_t)(2 + 2 * i));
		found = alloc_peer(table, one, &two->relayed, now);
		ck_assert(found == NULL || strcmp(found->username,
		    one->username) == 0);
		ck_assert(meets(one, one) && meets(two, two));
	}
	teardown();
}
END_TEST

START_TEST(no_longer_than_it_lives)
{
	struct alloc *a, *b;
	const struct chan *chan;

	setup(&service);
	a = user(0, "alice", 1);
	b = user(0, "bob", 2);
	/* A channel has no link, as there may be thousands of it. */
	ck_assert_int_eq(alloc_bind(table, a, 0x4000, &b->relayed, now), 0);
	chan = chan_find(&a->chans, 0x4000, now);
	ck_assert_ptr_null(chan_to(chan));
	ck_assert(meets(a, b));
	now += 600 * S - 1;
	ck_assert(meets(a, b));
	now += 1;
	ck_assert(!meets(a, b));
	now -= 1;
	alloc_delete(table, b);
	ck_assert(!meets(a, b));
	teardown();
}
END_TEST

/* Who has an address after another has neither its permissions nor channels. */
START_TEST(replaced)
{
	struct wanted wanted = { .call = "bob", .foreign = true, .port = 2,
		.relayed = "192.0.2.1:5000" };
	struct alloc *a, *b, *c, *found;
	int fd[2];

	setup(&service);
	ck_assert_int_ge(fd[0] = socket(AF_INET, SOCK_DGRAM, 0), 0);
	ck_assert_int_ge(fd[1] = socket(AF_INET, SOCK_DGRAM, 0), 0);
	a = user(0, "alice", 1);
	wanted.fd = &fd[0];
	ck_assert_int_eq(add_wanted(&wanted, &b), 0);
	ck_assert_int_eq(alloc_bind(table, a, 0x4000, &b->relayed, now), 0);
	ck_assert_int_eq(alloc_bind(table, b, 0x4000, &a->relayed, now), 0);
	/* One address is never two allocations', even behind a 1:1 NAT. */
	wanted.call = "carol";
	wanted.port = 3;
	wanted.fd = &fd[1];
	ck_assert_int_eq(add_wanted(&wanted, &c), -ENOSPC);
	ck_assert(alloc_is_relayed(table, &b->relayed));
	alloc_delete(table, b);
	ck_assert(!alloc_is_relayed(table, &b->relayed));
	ck_assert_int_eq(add_wanted(&wanted, &c), 0);
	found = alloc_peer(table, a, &c->relayed, now);
	ck_assert_ptr_eq(found, c);
	ck_assert(!perm_allows(&found->perms, &a->relayed, now));
	ck_assert_uint_eq(chan_number_of(&found->chans, &a->relayed, now), 0);
	teardown();
}
END_TEST

/* A call with relay sockets is found by its own only, and known to be here. */
START_TEST(sockets_of_calls)
{
	struct alloc *a, *b;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	setup(&service);
	ck_assert_int_ge(fd, 0);
	a = user(0, "alice", 1);
	ck_assert_int_eq(add_wanted(&(const struct wanted){ .call = "c",
	    .party = "a", .port = 2, .fd = &fd, .relayed = "192.0.2.1:5000" },
	    &b), 0);
	ck_assert(!meets(a, b));
	ck_assert(alloc_is_relayed(table, &b->relayed));
	alloc_delete(table, b);
	ck_assert(!alloc_is_relayed(table, &b->relayed));
	teardown();
}
END_TEST

START_TEST(both_families)
{
	struct alloc *a, *b = NULL;
	struct addr six;

	setup(&service);
	a = user(0, "alice", 1);
	ck_assert_int_eq(add_wanted(&(const struct wanted){ .call = "bob",
	    .foreign = true, .port = 2, .second = "2001:db8::1" }, &b), 0);
	six = b->second->relayed;
	ck_assert_uint_ge(addr_port(&six), 1024);
	ck_assert(meets(a, b));
	ck_assert_ptr_eq(alloc_peer(table, a, &six, now), b);
	/* One ends before the other. */
	ck_assert_int_eq(alloc_refresh(table, b, AF_INET6, 0, now), 0);
	ck_assert_ptr_null(alloc_peer(table, a, &six, now));
	ck_assert(meets(a, b));
	ck_assert_int_eq(alloc_refresh(table, b, AF_INET, 0, now), 0);
	ck_assert(!meets(a, b));
	ck_assert(!alloc_is_relayed(table, &b->relayed));
	ck_assert(!alloc_is_relayed(table, &six));
	teardown();
}
END_TEST

/* As many as an address has ports, less those of the server. */
START_TEST(ports_of_a_service)
{
	static bool seen[65536];
	struct addr ours[] = { at("192.0.2.1:3478"), at("[::1]:5349"),
	    at("192.0.2.9:443") };
	struct addr odd = at("192.0.2.1:1");
	unsigned i, port, low = 0;
	struct alloc *a;
	char name[16];

	setup(&service);
	alloc_avoid_ports(table, ours, 3);
	ck_assert(alloc_avoids_port(table, 5349));
	ck_assert(!alloc_avoids_port(table, 5350));
	for (port = 1; port < 65536; port += 64) {
		addr_set_port(&odd, (uint16_t)port);
		alloc_avoid_ports(table, &odd, 1);
	}
	for (i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "user%u", i % 2000);
		a = user(0, name, (uint16_t)(i + 1));
		port = addr_port(&a->relayed);
		ck_assert_uint_ge(port, 1024);
		ck_assert_uint_ne(port % 64, 1);
		ck_assert(port != 3478 && port != 5349);
		ck_assert(!seen[port]);
		seen[port] = true;
		low += port < 49152;
	}
	ck_assert_uint_gt(low, MANY / 2);
	ck_assert_uint_eq(alloc_count(table), MANY);
	/* A call has a range of its own. */
	ck_assert_uint_ge(addr_port(&party("c", "a", 65000)->relayed), 49152);
	teardown();
}
END_TEST

/* Leave just two ports, 2000 and 2001. */
static void
avoid_all_others(void)
{
	struct addr other = at("192.0.2.1:1");
	unsigned port;

	for (port = 1; port < 65536; port++) {
		addr_set_port(&other, (uint16_t)port);
		if (port != 2000 && port != 2001)
			alloc_avoid_ports(table, &other, 1);
	}
}

/* Ask until one of the two ports is hit, which takes a thousand times. */
static struct alloc *
insists(struct wanted wanted)
{
	struct alloc *a = NULL;
	unsigned i;

	for (i = 0; i < 20000 && a == NULL; i++)
		if (add_wanted(&wanted, &a) == 0)
			return a;
	return NULL;
}

/* Return how many of so many clients get a port that another one had. */
static unsigned
come_and_go(bool had[static 65536], unsigned n)
{
	unsigned i, again = 0;
	struct alloc *a;

	for (i = 0; i < n; i++) {
		a = user(0, "alice", 1);
		again += had[addr_port(&a->relayed)];
		had[addr_port(&a->relayed)] = true;
		alloc_delete(table, a);
	}
	return again;
}

/* A channel stays when its peer has gone, so that its port rests as long. */
START_TEST(ports_rest)
{
	static bool had[65536];

	setup(&service);
	ck_assert_uint_eq(come_and_go(had, 2000), 0);
	now += CHAN_LIFETIME_S * S - 1;
	ck_assert_uint_eq(come_and_go(had, 1000), 0);
	/* Some come back then, and all of the first within as long again. */
	now += CHAN_LIFETIME_S * S;
	user(0, "alice", 2);
	now += CHAN_LIFETIME_S * S;
	ck_assert_uint_gt(come_and_go(had, 2000), 0);
	teardown();
}
END_TEST

/* A reserved port is nobody's but the holder's of its token. */
START_TEST(reserves)
{
	struct wanted rtp = { .call = "alice", .foreign = true, .port = 1,
		.even = true, .reserve = true };
	struct wanted rtcp = { .call = "alice", .foreign = true, .port = 2 };
	struct wanted other = { .call = "bob", .foreign = true, .port = 3 };
	struct alloc *a, *b;

	setup(&service);
	avoid_all_others();
	a = insists(rtp);
	ck_assert(a != NULL && a->token != 0);
	ck_assert_uint_eq(addr_port(&a->relayed), 2000);
	ck_assert_ptr_null(insists(other));
	ck_assert_ptr_null(insists(rtcp));
	rtcp.token = a->token;
	other.token = a->token;
	ck_assert_int_eq(add_wanted(&other, &b), -ENOSPC);
	ck_assert_int_eq(add_wanted(&rtcp, &b), 0);
	ck_assert_uint_eq(addr_port(&b->relayed), 2001);
	/* Both are in the table, and the next finds none. */
	other.token = 0;
	ck_assert(meets(a, b));
	ck_assert_ptr_null(insists(other));
	alloc_delete(table, b);
	ck_assert_ptr_nonnull(insists(other));
	/* Without a neighbour that is free there is no pair. */
	alloc_delete(table, a);
	ck_assert_ptr_null(insists(rtp));
	teardown();
}
END_TEST

/* It stays so for its user when the one that reserved it is gone. */
START_TEST(reserves_for_its_user)
{
	struct wanted rtp = { .call = "alice", .foreign = true, .port = 1,
		.even = true, .reserve = true };
	struct wanted rtcp = { .call = "alice", .foreign = true, .port = 2 };
	struct wanted other = { .call = "bob", .foreign = true, .port = 3,
		.even = true };
	struct alloc *a, *b;

	setup(&service);
	/* It keeps the user known. */
	(void)user(0, "alice", 4);
	avoid_all_others();
	a = insists(rtp);
	ck_assert_ptr_nonnull(a);
	alloc_delete(table, a);
	b = insists(other);
	ck_assert_ptr_nonnull(b);
	ck_assert_uint_eq(addr_port(&b->relayed), 2000);
	ck_assert_ptr_null(insists(rtcp));
	/* The memory of one that is gone stays, as this thread is awake. */
	rtcp.token = a->token;
	ck_assert_int_eq(add_wanted(&rtcp, &b), 0);
	ck_assert_uint_eq(addr_port(&b->relayed), 2001);
	teardown();
}
END_TEST

/*
 * Clients that share one user name cost no more than others: the time that a
 * test has is too short for a walk along all of them each time.
 */
START_TEST(many_of_one_user)
{
	static struct alloc *some[CROWD];
	struct wanted wanted = { .call = "all", .foreign = true,
		.port = CROWD + 1 };
	struct alloc *a;
	uint16_t i;

	setup(&service);
	alloc_set_service(table, 0,
	    &(struct alloc_service_limits){ .per_user = CROWD });
	for (i = 0; i < CROWD; i++)
		some[i] = user(0, "all", i + 1);
	for (i = 0; i < CROWD; i++)
		ck_assert_int_eq(add_wanted(&wanted, &a), -EDQUOT);
	/* One that is silent is still found, and only then. */
	now += ALLOC_SILENT_S * S - 1;
	ck_assert_int_eq(add_wanted(&wanted, &a), -EDQUOT);
	now += 1;
	ck_assert_int_eq(add_wanted(&wanted, &a), 0);
	ck_assert_ptr_null(alloc_find(table, &some[CROWD - 1]->tuple, now));
	for (i = 0; i < CROWD - 1; i++)
		alloc_delete(table, some[i]);
	ck_assert_uint_eq(alloc_count(table), 1);
	teardown();
}
END_TEST

struct glance {
	const struct alloc *a, *stays;
	uint64_t looked, missed, wrong;
	bool stop;
};

/* Another client's thread finds what stays, and never one that has gone. */
static void *
glance(void *arg)
{
	struct glance *g = arg;
	const struct alloc *found;
	struct addr any = at("192.0.2.1:1");
	uint16_t port = 1024;

	reclaim_join();
	while (!__atomic_load_n(&g->stop, __ATOMIC_ACQUIRE)) {
		g->missed += alloc_peer(table, g->a, &g->stays->relayed,
		    now) != g->stays;
		addr_set_port(&any, port++);
		found = alloc_peer(table, g->a, &any, now);
		g->wrong += found != NULL && !addr_equal(&found->relayed,
		    &any);
		g->looked++;
		reclaim_sleep();
		reclaim_wake();
	}
	reclaim_leave();
	return NULL;
}

START_TEST(looks_while_others_change)
{
	static struct alloc *some[200];
	struct glance g = { 0 };
	pthread_t thread;
	unsigned i;

	setup(&service);
	g.a = user(0, "alice", 60000);
	g.stays = user(0, "bob", 60001);
	ck_assert_int_eq(pthread_create(&thread, NULL, glance, &g), 0);
	for (i = 0; i < MANY; i++) {
		if (some[i % 200] != NULL)
			alloc_delete(table, some[i % 200]);
		some[i % 200] = user(0, "carol", (uint16_t)(1 + i % 200));
		if (i % 100 == 0) {
			/* This thread reads as well, and lets memory go. */
			reclaim_sleep();
			reclaim_wake();
		}
	}
	__atomic_store_n(&g.stop, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	ck_assert_uint_gt(g.looked, 0);
	ck_assert_uint_eq(g.missed, 0);
	ck_assert_uint_eq(g.wrong, 0);
	teardown();
}
END_TEST

UNIT_SUITE(alloc_reach, within_a_service, services_share_ports,
    no_longer_than_it_lives, replaced, sockets_of_calls, both_families,
    ports_of_a_service, many_of_one_user, ports_rest, reserves, reserves_for_its_user,
    looks_while_others_change)
