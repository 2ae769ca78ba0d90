/*
 * The relay's tables: calls, allocations, permissions and channels, and that
 * each expires to the second. Time is an argument here and costs nothing.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "allochelp.h"
#include "net/udp_batch.h"
#include "table/relayed_port.h"
#include "table/tombstones.h"

static const struct alloc_limits no_limits;

/* By a relay socket if fd is not -1. */
static int
add_socket(const char *call, const char *party, uint16_t port, int fd,
    struct alloc **out)
{
	return add_wanted(&(const struct wanted){ .call = call, .party = party,
	    .port = port, .fd = fd >= 0 ? &fd : NULL }, out);
}

static int
add(const char *call, const char *party, uint16_t port, struct alloc **out)
{
	return add_socket(call, party, port, -1, out);
}

static struct alloc *
added(const char *call, const char *party, uint16_t port)
{
	struct alloc *a = NULL;

	ck_assert_int_eq(add(call, party, port, &a), 0);
	return a;
}

START_TEST(finds)
{
	struct alloc *a, *b, *other;

	setup(&no_limits);
	a = added("c", "a", 1);
	b = added("c", "b", 2);
	other = added("d", "a", 3);
	ck_assert_ptr_eq(alloc_find(table, &a->tuple, now), a);
	ck_assert_ptr_eq(alloc_find(table, &b->tuple, now), b);
	ck_assert_ptr_eq(alloc_sibling(a, &b->relayed, now), b);
	ck_assert_ptr_eq(alloc_sibling(b, &a->relayed, now), a);
	/* Another call's is not reached, whatever its address. */
	if (!addr_equal(&other->relayed, &a->relayed) &&
	    !addr_equal(&other->relayed, &b->relayed))
		ck_assert_ptr_null(alloc_sibling(a, &other->relayed, now));
	ck_assert_ptr_null(alloc_sibling(other, &a->relayed, now));
	ck_assert_uint_eq(alloc_count(table), 3);
	alloc_delete(table, b);
	ck_assert_ptr_null(alloc_sibling(a, &b->relayed, now));
	ck_assert_uint_eq(alloc_count(table), 2);
	teardown();
}
END_TEST

/* Ports are random, from 49152 up, unique in the call, never the listener's. */
START_TEST(invents_ports)
{
	struct alloc *all[200];
	size_t i, j;

	setup(&no_limits);
	for (i = 0; i < 200; i++) {
		all[i] = added("c", "a", (uint16_t)(i + 1));
		ck_assert_uint_ge(addr_port(&all[i]->relayed), 49152);
		for (j = 0; j < i; j++)
			ck_assert(!addr_equal(&all[i]->relayed,
			    &all[j]->relayed));
	}
	ck_assert_uint_ne(addr_port(&all[0]->relayed) + 1u,
	    addr_port(&all[1]->relayed));
	teardown();
}
END_TEST

/* The caller's first allocation has the port that callees are told. */
START_TEST(keeps_a_port)
{
	const uint16_t kept = turncred_kept_port("c");
	struct wanted wanted = {
		.call = "c", .party = "a", .port = 1, .second = "2001:db8::1"
	};
	struct alloc *first, *second, *callee;

	setup(&no_limits);
	callee = added("c", "b0", 7);
	ck_assert_int_eq(add_wanted(&wanted, &first), 0);
	second = added("c", "a", 2);
	ck_assert_uint_eq(addr_port(&first->relayed), kept);
	ck_assert_uint_eq(addr_port(&first->second->relayed), kept);
	ck_assert_uint_ne(addr_port(&second->relayed), kept);
	ck_assert_uint_ne(addr_port(&callee->relayed), kept);
	ck_assert_ptr_eq(alloc_sibling(callee, &first->relayed, now), first);
	/* It is free again for her next one. */
	alloc_delete(table, first);
	ck_assert_uint_eq(addr_port(&added("c", "a", 3)->relayed), kept);
	teardown();
}
END_TEST

/* Nobody else gets it, however many there are. */
START_TEST(keeps_it_from_others)
{
	char call[TURNCRED_CALL];
	struct alloc *a;
	int i, j;

	setup(&no_limits);
	for (i = 0; i < 5000; i++) {
		snprintf(call, sizeof(call), "%d", i);
		for (j = 0; j < 30; j++) {
			a = added(call, j % 2 == 0 ? "b0" : "",
			    (uint16_t)(j + 1));
			ck_assert_uint_ne(addr_port(&a->relayed),
			    turncred_kept_port(call));
		}
		alloc_end_call(table, call);
	}
	teardown();
}
END_TEST

/* The server's own port is not given, nor an odd one for EVEN-PORT. */
START_TEST(keeps_no_other)
{
	struct addr own = at("192.0.2.1");
	struct wanted wanted = { .party = "a", .port = 2, .even = true };
	struct alloc *a;
	char call[16];
	int i;

	setup(&no_limits);
	addr_set_port(&own, turncred_kept_port("c"));
	alloc_avoid_ports(table, &own, 1);
	ck_assert_uint_ne(addr_port(&added("c", "a", 1)->relayed),
	    addr_port(&own));
	wanted.call = call;
	for (i = 0; i < 100; i++, wanted.port++) {
		snprintf(call, sizeof(call), "e%d", i);
		ck_assert_int_eq(add_wanted(&wanted, &a), 0);
		ck_assert_uint_eq(addr_port(&a->relayed) % 2, 0);
	}
	teardown();
}
END_TEST

/* Users of other applications have no calls of ours. */
START_TEST(keeps_none_for_others)
{
	struct wanted wanted = { .party = "a", .foreign = true };
	unsigned kept = 0;
	struct alloc *a;
	char call[16];

	setup(&no_limits);
	wanted.call = call;
	for (wanted.port = 1; wanted.port <= 100; wanted.port++) {
		snprintf(call, sizeof(call), "e%u", wanted.port);
		ck_assert_int_eq(add_wanted(&wanted, &a), 0);
		kept += addr_port(&a->relayed) == turncred_kept_port(call);
	}
	ck_assert_uint_lt(kept, 10);
	teardown();
}
END_TEST

START_TEST(expires_to_the_second)
{
	struct alloc *a, *b;

	setup(&no_limits);
	a = added("c", "a", 1);
	ck_assert_ptr_eq(alloc_find(table, &a->tuple, now + 600 * S - 1), a);
	ck_assert_ptr_null(alloc_find(table, &a->tuple, now + 600 * S));
	ck_assert_int_eq(alloc_refresh(table, a, AF_UNSPEC, 700,
	    now + 10 * S), 0);
	ck_assert_ptr_eq(alloc_find(table, &a->tuple, now + 710 * S - 1), a);
	ck_assert_ptr_null(alloc_find(table, &a->tuple, now + 710 * S));
	/* A new one may take its 5-tuple at once. */
	ck_assert_int_eq(add("c", "a", 1, &b), -EEXIST);
	now += 710 * S;
	ck_assert_int_eq(add("c", "a", 1, &b), 0);
	ck_assert_int_eq(alloc_refresh(table, a, AF_UNSPEC, 600, now),
	    -ENOENT);
	ck_assert_uint_eq(alloc_count(table), 1);
	teardown();
}
END_TEST

START_TEST(permissions_expire_to_the_second)
{
	struct addr peer = at("192.0.2.1:7"), other = at("192.0.2.2");
	struct addr mapped = at("[::ffff:192.0.2.1]:7");
	struct alloc *a;

	setup(&no_limits);
	a = added("c", "a", 1);
	ck_assert(!perm_allows(&a->perms, &peer, now));
	ck_assert_int_eq(alloc_permit(table, a, &peer, 1, now), 0);
	addr_set_port(&peer, 8);	/* any port of it */
	ck_assert(perm_allows(&a->perms, &peer, now + 300 * S - 1));
	ck_assert(perm_allows(&a->perms, &mapped, now + 300 * S - 1));
	ck_assert(!perm_allows(&a->perms, &peer, now + 300 * S));
	ck_assert(!perm_allows(&a->perms, &other, now));
	ck_assert_int_eq(alloc_permit(table, a, &peer, 1, now + 200 * S), 0);
	ck_assert(perm_allows(&a->perms, &peer, now + 500 * S - 1));
	ck_assert(!perm_allows(&a->perms, &peer, now + 500 * S));
	alloc_delete(table, a);
	ck_assert_int_eq(alloc_permit(table, a, &peer, 1, now), -ENOENT);
	teardown();
}
END_TEST

START_TEST(permissions_are_bounded)
{
	struct addr peers[PERM_MAX + 1];
	struct alloc *a;
	char text[32];
	size_t i;

	setup(&no_limits);
	a = added("c", "a", 1);
	for (i = 0; i <= PERM_MAX; i++) {
		snprintf(text, sizeof(text), "192.0.2.%zu", i);
		peers[i] = at(text);
	}
	/* All of them or none. */
	ck_assert_int_eq(alloc_permit(table, a, peers, PERM_MAX + 1, now),
	    -ENOSPC);
	ck_assert(!perm_allows(&a->perms, &peers[0], now));
	ck_assert_int_eq(alloc_permit(table, a, peers, PERM_MAX, now), 0);
	ck_assert_int_eq(alloc_permit(table, a, &peers[PERM_MAX], 1, now),
	    -ENOSPC);
	/* The expired make room. */
	now += 300 * S;
	ck_assert_int_eq(alloc_permit(table, a, &peers[PERM_MAX], 1, now), 0);
	ck_assert(perm_allows(&a->perms, &peers[PERM_MAX], now));
	teardown();
}
END_TEST

START_TEST(channels)
{
	struct addr nobody = at("192.0.2.1:49151");
	struct alloc *a, *b;
	const struct chan *chan;

	setup(&no_limits);
	a = added("c", "a", 1);
	b = added("c", "b", 2);
	ck_assert_ptr_null(chan_find(&a->chans, 0x4000, now));
	ck_assert_int_eq(alloc_bind(table, a, 0x4000, &b->relayed, now), 0);
	chan = chan_find(&a->chans, 0x4000, now + 600 * S - 1);
	ck_assert_ptr_nonnull(chan);
	ck_assert_ptr_eq(chan_to(chan), b);
	ck_assert_ptr_null(chan_find(&a->chans, 0x4000, now + 600 * S));
	ck_assert_uint_eq(chan_number(&a->chans, b, AF_INET, now), 0x4000);
	ck_assert_uint_eq(chan_number(&a->chans, b, AF_INET, now + 600 * S), 0);
	/* A permission comes with it, for five minutes. */
	ck_assert(perm_allows(&a->perms, &b->relayed, now + 300 * S - 1));
	ck_assert(!perm_allows(&a->perms, &b->relayed, now + 300 * S));
	/* Neither half may be bound twice, both renew. */
	ck_assert_int_eq(alloc_bind(table, a, 0x4000, &nobody, now), -EEXIST);
	ck_assert_int_eq(alloc_bind(table, a, 0x4001, &b->relayed, now),
	    -EEXIST);
	ck_assert_int_eq(alloc_bind(table, a, 0x4000, &b->relayed,
	    now + 240 * S), 0);
	ck_assert_ptr_nonnull(chan_find(&a->chans, 0x4000,
	    now + 840 * S - 1));
	ck_assert_ptr_null(chan_find(&a->chans, 0x4000, now + 840 * S));
	/* After its end the number may stand for another. */
	now += 840 * S;
	ck_assert_int_eq(alloc_bind(table, a, 0x4000, &nobody, now), 0);
	ck_assert_ptr_null(chan_to(chan_find(&a->chans, 0x4000, now)));
	teardown();
}
END_TEST

/* Where a permission guards nothing, it lasts as long as the channel. */
START_TEST(channels_permit)
{
	static const struct alloc_limits limits = { .channel_permit_s = 600 };
	struct alloc *a, *b;

	setup(&limits);
	a = added("c", "a", 1);
	b = added("c", "b", 2);
	ck_assert_int_eq(alloc_bind(table, a, 0x4000, &b->relayed, now), 0);
	ck_assert(perm_allows(&a->perms, &b->relayed, now + 600 * S - 1));
	ck_assert(!perm_allows(&a->perms, &b->relayed, now + 600 * S));
	/* A permission of five minutes takes nothing from it. */
	ck_assert_int_eq(alloc_permit(table, a, &b->relayed, 1, now + S), 0);
	ck_assert(perm_allows(&a->perms, &b->relayed, now + 600 * S - 1));
	ck_assert_int_eq(alloc_bind(table, a, 0x4000, &b->relayed,
	    now + 500 * S), 0);
	ck_assert(perm_allows(&a->perms, &b->relayed, now + 1100 * S - 1));
	teardown();
}
END_TEST

/*
 * A client that crashed leaves allocations: the one that has been silent the
 * longest makes room, whenever it was made.
 */
START_TEST(silent_ones_make_room)
{
	static const struct alloc_limits limits = { .per_party = 4 };
	static const int order[] = { 1, 0, 3 };
	struct alloc *a[4], *other, *next;
	struct alloc_limited limited;
	struct tuple gone;
	int i;

	setup(&limits);
	other = added("c", "b", 9);
	for (i = 0; i < 4; i++) {
		a[i] = added("c", "a", (uint16_t)(i + 1));
		now += S;
	}
	ck_assert_int_eq(add("c", "a", 5, &next), -EDQUOT);
	a[0]->traffic->last_ns = now - 2 * S;
	now += ALLOC_SILENT_S * S;
	a[2]->traffic->last_ns = now - (ALLOC_SILENT_S - 1) * S;
	for (i = 0; i < 3; i++) {
		gone = a[order[i]]->tuple;
		ck_assert_ptr_nonnull(alloc_find(table, &gone, now));
		ck_assert_int_eq(add("c", "a", (uint16_t)(5 + i), &next), 0);
		ck_assert_ptr_null(alloc_find(table, &gone, now));
	}
	ck_assert_ptr_nonnull(alloc_find(table, &a[2]->tuple, now));
	/* The other party's is not taken, however long it is silent. */
	ck_assert_ptr_nonnull(alloc_find(table, &other->tuple, now));
	ck_assert_int_eq(add("c", "a", 8, &next), -EDQUOT);
	alloc_limited(table, &limited);
	ck_assert_uint_eq(limited.held, 2);
	ck_assert_uint_eq(limited.evicted, 3);
	ck_assert_uint_eq(limited.paced, 0);
	teardown();
}
END_TEST

/* A party that makes and frees without end gets so many in ten seconds. */
START_TEST(makes_so_many_only)
{
	static const struct alloc_limits limits = { .per_pace = 5 };
	struct alloc_limited limited;
	struct alloc *a;
	int i;

	setup(&limits);
	for (i = 0; i < 5; i++)
		alloc_delete(table, added("c", "a", (uint16_t)(i + 1)));
	ck_assert_int_eq(add("c", "a", 6, &a), -EDQUOT);
	alloc_delete(table, added("c", "b", 7));
	alloc_delete(table, added("d", "a", 8));
	now += ALLOC_PACE_MS / 5 * CLOCK_MS;
	alloc_delete(table, added("c", "a", 6));
	ck_assert_int_eq(add("c", "a", 9, &a), -EDQUOT);
	alloc_limited(table, &limited);
	ck_assert_uint_eq(limited.paced, 2);
	ck_assert_uint_eq(limited.held, 0);
	teardown();
}
END_TEST

START_TEST(channels_are_bounded)
{
	struct addr peer = at("192.0.2.1:1");
	struct alloc *a;
	uint16_t i;

	setup(&no_limits);
	a = added("c", "a", 1);
	for (i = 0; i < CHAN_MAX; i++) {
		addr_set_port(&peer, (uint16_t)(i + 1));
		ck_assert_int_eq(alloc_bind(table, a, (uint16_t)(0x4000 + i),
		    &peer, now), 0);
	}
	addr_set_port(&peer, 999);
	ck_assert_int_eq(alloc_bind(table, a, 0x4fff, &peer, now), -ENOSPC);
	now += 600 * S;
	ck_assert_int_eq(alloc_bind(table, a, 0x4fff, &peer, now), 0);
	teardown();
}
END_TEST

/* A channel leads to whoever has its address, now and then. */
START_TEST(channels_follow)
{
	struct alloc *a, *b;
	struct addr address;
	const struct chan *chan;

	setup(&no_limits);
	a = added("c", "a", 1);
	b = added("c", "b", 2);
	ck_assert_int_eq(alloc_bind(table, a, 0x4000, &b->relayed, now), 0);
	address = b->relayed;
	chan = chan_find(&a->chans, 0x4000, now);
	alloc_delete(table, b);
	ck_assert_ptr_null(chan_to(chan));
	/* Its address is somebody's again: rare, but the ports are random. */
	b = added("c", "b", 2);
	chan_link(a->chans, &address, b);
	ck_assert_ptr_eq(chan_to(chan_find(&a->chans, 0x4000, now)), b);
	teardown();
}
END_TEST

struct glance {
	struct alloc *a;
	struct addr peer;
	uint64_t looked, missed;
	bool stop;
};

/* Another client's thread: does a let that peer in, and know its channel? */
static void *
glance(void *arg)
{
	struct glance *g = arg;

	reclaim_join();
	while (!__atomic_load_n(&g->stop, __ATOMIC_ACQUIRE)) {
		g->missed += !perm_allows(&g->a->perms, &g->peer, now);
		g->missed += chan_number_of(&g->a->chans, &g->peer,
		    now) != 0x4000;
		g->looked++;
		reclaim_sleep();
		reclaim_wake();
	}
	reclaim_leave();
	return NULL;
}

/* While more are added nobody misses, for a moment, those that are there. */
START_TEST(changes_unseen)
{
	struct glance g = { .peer = at("192.0.2.1:50000") };
	struct addr other;
	char text[ADDR_TEXT];
	pthread_t thread;
	uint64_t later;
	unsigned i;

	setup(&no_limits);
	g.a = added("call", "a", 1);
	later = now;
	ck_assert_int_eq(alloc_bind(table, g.a, 0x4000, &g.peer, later), 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, glance, &g), 0);
	for (i = 0; i < 20000; i++) {
		/* All but that one have expired by then. */
		later += CHAN_LIFETIME_S * S / 2;
		ck_assert_int_eq(alloc_bind(table, g.a, 0x4000, &g.peer,
		    later), 0);
		snprintf(text, sizeof(text), "192.0.3.%u:%u", i % 250 + 1,
		    i + 1);
		other = at(text);
		ck_assert_int_eq(alloc_bind(table, g.a,
		    (uint16_t)(0x4001 + i % 4), &other, later), 0);
	}
	__atomic_store_n(&g.stop, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	ck_assert_uint_gt(g.looked, 0);
	ck_assert_uint_eq(g.missed, 0);
	teardown();
}
END_TEST

START_TEST(keeps_limits)
{
	static const struct alloc_limits some = {
		.per_party = 2, .per_call = 3, .total = 4
	};
	struct alloc *a, *b;

	setup(&some);
	a = added("c", "a", 1);
	added("c", "a", 2);
	ck_assert_int_eq(add("c", "a", 3, &b), -EDQUOT);
	added("c", "b", 4);
	ck_assert_int_eq(add("c", "b", 5, &b), -EDQUOT);	/* the call's */
	added("d", "a", 6);
	ck_assert_int_eq(add("e", "a", 7, &b), -ENOSPC);	/* all */
	alloc_delete(table, a);
	added("c", "a", 8);
	teardown();
}
END_TEST

START_TEST(ends_a_call)
{
	struct alloc *a, *b, *other;
	struct alloc_sums sums;

	setup(&no_limits);
	ck_assert_int_eq(alloc_sums(table, "c", &sums), -ENOENT);
	a = added("c", "a", 1);
	b = added("c", "b", 2);
	other = added("d", "a", 3);
	a->traffic->packets = 5;
	a->traffic->bytes = 500;
	a->traffic->last_ns = 7;
	b->traffic->packets = 1;
	ck_assert_int_eq(alloc_sums(table, "c", &sums), 0);
	ck_assert_uint_eq(sums.allocations, 2);
	ck_assert_uint_eq(sums.packets, 6);
	ck_assert_uint_eq(sums.bytes, 500);
	ck_assert_uint_eq(sums.last_ns, 7);
	/* What went with an allocation still counts for the call. */
	alloc_delete(table, a);
	ck_assert_int_eq(alloc_sums(table, "c", &sums), 0);
	ck_assert_uint_eq(sums.packets, 6);
	ck_assert_uint_eq(sums.last_ns, 7);

	alloc_end_call(table, "c");
	ck_assert_int_eq(alloc_sums(table, "c", &sums), -ENOENT);
	ck_assert_ptr_null(alloc_find(table, &b->tuple, now));
	ck_assert_ptr_eq(alloc_find(table, &other->tuple, now), other);
	ck_assert_int_eq(add("c", "a", 9, &a), -ECANCELED);
	now = clock_ns() + 1800 * S;
	ck_assert_int_eq(add("c", "a", 9, &a), -ECANCELED);
	now = clock_ns() + TOMBSTONES_S * S + S;
	ck_assert_int_eq(add("c", "a", 9, &a), 0);
	alloc_end_call(table, "never was");
	teardown();
}
END_TEST

/* However many calls end, the memory is the same and the last are known. */
/* Numbers by party: those that are there and those that were. */
START_TEST(keeps_numbers)
{
	struct alloc *a, *again, *b;
	struct callstats stats;
	const struct callstats_party *p;
	char party[8];
	unsigned i;

	setup(&no_limits);
	ck_assert_int_eq(alloc_callstats(table, "c", &stats), -ENOENT);
	a = added("c", "a", 1);
	b = added("c", "b0", 2);
	ck_assert_int_eq(alloc_callstats(table, "c", &stats), 0);
	ck_assert_uint_eq(stats.n, 2);
	p = callstats_find(&stats, "a");
	ck_assert_uint_eq(p->allocations, 1);
	ck_assert_uint_eq(p->packets, 0);
	a->traffic->packets = 10;
	a->traffic->bytes = 1000;
	a->traffic->dropped = 2;
	a->traffic->last_ns = 5;
	a->traffic->media_ns = 4;
	a->traffic->rtp.packets = 7;
	a->traffic->rtp.source[0] = (struct rtpstats_source){
		.expected = 9, .received = 7, .jitter = 16 * 48
	};
	/* Their network changed: another allocation takes over. */
	again = added("c", "a", 3);
	again->traffic->packets = 20;
	again->traffic->last_ns = 9;
	again->traffic->media_ns = 8;
	again->traffic->rtp.source[0].jitter = 16 * 96;
	alloc_delete(table, a);
	ck_assert_int_eq(alloc_callstats(table, "c", &stats), 0);
	ck_assert_uint_eq(stats.n, 2);
	p = callstats_find(&stats, "a");
	ck_assert_uint_eq(p->allocations, 1);
	ck_assert_uint_eq(p->packets, 30);
	ck_assert_uint_eq(p->bytes, 1000);
	ck_assert_uint_eq(p->dropped, 2);
	ck_assert_uint_eq(p->rtp.packets, 7);
	ck_assert_uint_eq(p->rtp.lost, 2);
	ck_assert_uint_eq(p->rtp.jitter_us, 2000);	/* the later one's */
	ck_assert_uint_eq(p->last_ns, 9);
	ck_assert_uint_eq(p->media_ns, 4);	/* the first one's */
	/* Both freed theirs before they hung up: it is all still known. */
	alloc_delete(table, again);
	alloc_delete(table, b);
	ck_assert_int_eq(alloc_callstats(table, "c", &stats), 0);
	ck_assert_uint_eq(stats.n, 1);
	ck_assert_uint_eq(stats.party[0].packets, 30);
	ck_assert_uint_eq(stats.party[0].allocations, 0);
	/* And they may come back. */
	added("c", "b0", 4);
	ck_assert_int_eq(alloc_callstats(table, "c", &stats), 0);
	ck_assert_uint_eq(stats.n, 2);
	alloc_end_call(table, "c");
	ck_assert_int_eq(alloc_callstats(table, "c", &stats), -ENOENT);
	/* A call that did nothing leaves nothing. */
	alloc_delete(table, added("d", "a", 5));
	ck_assert_int_eq(alloc_callstats(table, "d", &stats), -ENOENT);
	/* More parties than a call has: the rest is one. */
	for (i = 0; i < 40; i++) {
		snprintf(party, sizeof(party), "p%u", i);
		a = added("e", party, (uint16_t)(10 + i));
		a->traffic->packets = 1;
		if (i % 2)
			alloc_delete(table, a);
	}
	ck_assert_int_eq(alloc_callstats(table, "e", &stats), 0);
	ck_assert_uint_eq(stats.n, CALLSTATS_PARTIES);
	for (i = 0; i < CALLSTATS_PARTIES - 1; i++)
		ck_assert_uint_eq(stats.party[i].packets, 1);
	ck_assert_uint_eq(stats.party[i].packets, 40 - i);
	teardown();
}
END_TEST

/* What the kernel dropped at a relay socket is known when it is closed. */
START_TEST(counts_overruns)
{
	struct udp_batch_socket socket, sender;
	struct addr addr = at("127.0.0.1:0"), any = addr;
	static const uint8_t data[1000];
	struct alloc *a;
	int i;

	setup(&no_limits);
	ck_assert_int_eq(udp_batch_socket_open(&socket, &addr, false), 0);
	ck_assert_int_eq(udp_batch_socket_open(&sender, &any, false), 0);
	ck_assert_int_eq(add_socket("c", "a", 1, socket.fd, &a), 0);
	for (i = 0; i < 100000 && udp_batch_socket_overruns(&socket) < 7; i++)
		ck_assert_int_eq(sendto(sender.fd, data, sizeof(data), 0,
		    &addr.sa, addr_len(&addr)), sizeof(data));
	ck_assert_uint_eq(alloc_overruns(table), 0);
	alloc_delete(table, a);
	ck_assert_uint_eq(alloc_overruns(table), 7);
	udp_batch_socket_close(&sender);
	teardown();
}
END_TEST

START_TEST(remembers_the_last_ended)
{
	static struct tombstones ended;
	uint64_t i, hash = 0, known = 0;

	for (i = 1; i <= 100000; i++)
		tombstones_add(&ended, i * 0x9e3779b97f4a7c15ull, i);
	for (i = 100000; i > 100000 - 4000; i--) {
		hash = i * 0x9e3779b97f4a7c15ull;
		known += tombstones_has(&ended, hash, 100001);
	}
	ck_assert_uint_ge(known, 3950);
	ck_assert(!tombstones_has(&ended, 1, 100001));
	ck_assert(!tombstones_has(&ended, hash, 100001 + TOMBSTONES_S * S));
}
END_TEST

static void
ports_from(uint16_t least)
{
	unsigned i, port, odd = 0, low = 65535, high = 0;

	for (i = 0; i < 20000; i++) {
		port = relayed_port_random(least, false);
		odd += port & 1;
		low = port < low ? port : low;
		high = port > high ? port : high;
		port = relayed_port_random(least, true);
		ck_assert_uint_eq(port & 1, 0);
		ck_assert_uint_ge(port, least);
	}
	/* None is outside, and the whole range is in use. */
	ck_assert_uint_ge(low, least);
	ck_assert_uint_lt(low, least + 100);
	ck_assert_uint_gt(high, 65535 - 100);
	ck_assert_uint_gt(odd, 5000);
}

START_TEST(ports_are_dynamic)
{
	ports_from(49152);
	ports_from(1024);
}
END_TEST

START_TEST(wheel_turns)
{
	static struct wheel wheel;
	struct wheel_entry e[4] = { 0 };

	wheel_init(&wheel, 1000);
	wheel_set(&wheel, &e[0], 1005);
	wheel_set(&wheel, &e[1], 1005);
	wheel_set(&wheel, &e[2], 1000 + 3 * WHEEL_SLOTS);
	wheel_set(&wheel, &e[3], 10);		/* past */
	ck_assert_ptr_eq(wheel_pop(&wheel, 1000), &e[3]);
	ck_assert_ptr_null(wheel_pop(&wheel, 1004));
	wheel_set(&wheel, &e[0], 1010);		/* moved */
	ck_assert_ptr_eq(wheel_pop(&wheel, 1009), &e[1]);
	ck_assert_ptr_null(wheel_pop(&wheel, 1009));
	wheel_clear(&e[0]);
	wheel_clear(&e[0]);
	ck_assert_ptr_null(wheel_pop(&wheel, 999 + 3 * WHEEL_SLOTS));
	ck_assert_ptr_eq(wheel_pop(&wheel, 1000 + 3 * WHEEL_SLOTS), &e[2]);
	ck_assert_ptr_null(wheel_pop(&wheel, 1000 + 9 * WHEEL_SLOTS));
}
END_TEST

UNIT_SUITE(alloc, finds, invents_ports, keeps_a_port, keeps_it_from_others,
    keeps_no_other, keeps_none_for_others, expires_to_the_second,
    permissions_expire_to_the_second, permissions_are_bounded, channels,
    channels_permit, silent_ones_make_room, makes_so_many_only,
    channels_are_bounded, channels_follow, changes_unseen, keeps_limits,
    ends_a_call, keeps_numbers, counts_overruns, remembers_the_last_ended,
    ports_are_dynamic, wheel_turns)
