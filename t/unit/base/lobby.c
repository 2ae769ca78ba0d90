/*
 * Connections without a credential, by nested prefixes: what is counted where,
 * and which one gives way.
 */
#include "base/lobby.h"

#include <stdio.h>
#include <stdlib.h>

#include "unit.h"

#define MANY 4096

static struct lobby *lobby;
static struct lobby_member members[MANY];
static size_t n_members;

static void
setup(void)
{
	lobby = lobby_new();
	ck_assert_ptr_nonnull(lobby);
	n_members = 0;
}

static void
teardown(void)
{
	while (n_members > 0)
		lobby_leave(lobby, &members[--n_members]);
	ck_assert_uint_eq(lobby_count(lobby), 0);
	ck_assert_ptr_null(lobby_first(lobby));
	lobby_free(lobby);
	lobby_free(NULL);
}

static struct addr
at(const char *text)
{
	struct addr addr;

	ck_assert_int_eq(addr_parse(&addr, text, 1), 0);
	return addr;
}

static struct lobby_member *
enter(const char *text)
{
	struct lobby_member *member = &members[n_members++];
	struct addr addr = at(text);

	ck_assert_uint_le(n_members, MANY);
	ck_assert_int_eq(lobby_enter(lobby, member, &addr), 0);
	return member;
}

static size_t
count(const char *text, enum lobby_level level)
{
	struct addr addr = at(text);

	return lobby_count_of(lobby, &addr, level);
}

#define COUNTS(text, address, network, block)				\
	ck_assert_msg(count(text, LOBBY_ADDRESS) == (address) &&	\
	    count(text, LOBBY_NETWORK) == (network) &&			\
	    count(text, LOBBY_BLOCK) == (block),			\
	    "%s: %zu %zu %zu", text, count(text, LOBBY_ADDRESS),	\
	    count(text, LOBBY_NETWORK), count(text, LOBBY_BLOCK))

START_TEST(counts_nested_prefixes)
{
	struct lobby_member *gone;

	enter("192.0.2.1");
	enter("192.0.2.1");
	enter("192.0.2.255");
	enter("192.0.3.1");
	enter("192.1.2.1");
	enter("2001:db8:1:1::1");
	enter("2001:db8:1:1::2");	/* of the same /64 */
	enter("2001:db8:1:ff::1");	/* /56 */
	gone = enter("2001:db8:1:100::1");	/* /48 */
	enter("2001:db8:2::1");
	ck_assert_uint_eq(lobby_count(lobby), 10);
	COUNTS("192.0.2.1", 2, 3, 4);
	COUNTS("192.0.2.77", 0, 3, 4);
	COUNTS("192.0.77.1", 0, 0, 4);
	COUNTS("192.1.2.1", 1, 1, 1);
	COUNTS("193.0.2.1", 0, 0, 0);
	COUNTS("2001:db8:1:1::77", 2, 3, 4);
	COUNTS("2001:db8:1:100::1", 1, 1, 4);
	COUNTS("2001:db8:2::1", 1, 1, 1);
	lobby_leave(lobby, gone);
	lobby_leave(lobby, gone);
	COUNTS("2001:db8:1:100::1", 0, 0, 3);
	ck_assert_uint_eq(lobby_count(lobby), 9);
}
END_TEST

/* An IPv6 address whose bytes begin as an IPv4 address's do is another. */
START_TEST(tells_families_apart)
{
	enter("32.1.13.184");
	COUNTS("2001:db8::1", 0, 0, 0);
	COUNTS("32.1.13.184", 1, 1, 1);
}
END_TEST

static const struct lobby_limits limits = { { 2, 3, 4 }, 6 };

static void
gives_way(const struct lobby_member *newest, struct lobby_member *wanted,
    enum lobby_level limit)
{
	enum lobby_level got = LOBBY_ADDRESS;
	struct lobby_member *who = lobby_over(lobby, newest, &limits, &got);

	ck_assert_ptr_eq(who, wanted);
	if (who == NULL)
		return;
	ck_assert_int_eq(got, limit);
	lobby_leave(lobby, who);
	ck_assert_ptr_null(lobby_over(lobby, newest, &limits, &got));
}

START_TEST(limits_each_prefix)
{
	struct lobby_member *of_one, *of_network, *first;

	first = enter("198.51.100.1");		/* the oldest of all */
	of_one = enter("192.0.2.1");
	gives_way(enter("192.0.2.1"), NULL, 0);
	of_network = enter("192.0.2.2");
	gives_way(of_network, NULL, 0);
	gives_way(enter("192.0.2.1"), of_one, LOBBY_ADDRESS);
	/* Of the network the address that holds the most. */
	gives_way(enter("192.0.2.3"), &members[2], LOBBY_NETWORK);
	gives_way(enter("192.0.3.1"), NULL, 0);
	/* Of the block the network that holds the most. */
	gives_way(enter("192.0.4.1"), &members[4], LOBBY_BLOCK);
	ck_assert_ptr_eq(lobby_first(lobby)->address, of_network->address);
	lobby_leave(lobby, first);
}
END_TEST

START_TEST(renews)
{
	struct lobby_member outside = { 0 };
	struct lobby_member *one = enter("192.0.2.1");
	struct lobby_member *two = enter("192.0.2.1");
	struct addr addr = at("192.0.2.1");

	ck_assert_ptr_eq(lobby_oldest_at(lobby, &addr), one);
	lobby_renew(lobby, one);
	lobby_renew(lobby, &outside);
	ck_assert_ptr_eq(lobby_oldest_at(lobby, &addr), two);
	ck_assert_ptr_eq(lobby_first(lobby), two);
	COUNTS("192.0.2.1", 2, 2, 2);
	ck_assert_uint_eq(lobby_count(lobby), 2);
}
END_TEST

START_TEST(limits_all)
{
	struct lobby_member *big, *newest;

	enter("198.51.100.1");
	big = enter("192.0.2.1");
	enter("192.0.3.1");
	enter("203.0.113.1");
	enter("2001:db8::1");
	gives_way(enter("100.64.0.1"), NULL, 0);
	/* The block that holds the most, and not who came first of all. */
	newest = enter("203.0.114.2");
	lobby_leave(lobby, &members[3]);
	gives_way(newest, NULL, 0);
	newest = enter("100.65.0.1");
	gives_way(newest, big, LOBBY_LEVELS);
	/* All blocks hold one: the oldest. */
	gives_way(enter("100.66.0.1"), &members[0], LOBBY_LEVELS);
}
END_TEST

/* Whoever owns many blocks cannot push out one that has a few. */
START_TEST(many_blocks)
{
	struct lobby_member *office;
	char text[ADDR_TEXT];
	int i;

	for (i = 0; i < 1000; i++) {
		snprintf(text, sizeof(text), "2001:db8:%x::1", i);
		enter(text);
	}
	office = enter("192.0.2.1");
	for (i = 0; i < 9; i++)
		enter("192.0.2.1");
	for (i = 0; i < 1000; i++) {
		ck_assert_ptr_eq(lobby_first(lobby), &members[i]);
		lobby_leave(lobby, &members[i]);
		snprintf(text, sizeof(text), "2001:db8:%x::2", i);
		enter(text);
	}
	COUNTS("192.0.2.1", 10, 10, 10);
	/* With more than a 64th it is the one that holds the most. */
	for (i = 0; i < 60; i++)
		enter("192.0.2.1");
	ck_assert_ptr_eq(lobby_first(lobby), office);
}
END_TEST

/* The same as a plain count of every prefix, however they come and go. */
START_TEST(as_counted)
{
	static const char *const where[] = {
		"192.0.2.1", "192.0.2.2", "192.0.3.1", "192.1.0.1", "10.0.0.1"
	};
	size_t of[5] = { 0 };
	int place[200], turn, i;

	for (i = 0; i < 200; i++)
		place[i] = -1;
	srand(7);
	n_members = 200;
	for (turn = 0; turn < 20000; turn++) {
		struct addr addr;

		i = rand() % 200;
		if (place[i] >= 0) {
			of[place[i]]--;
			lobby_leave(lobby, &members[i]);
			place[i] = -1;
			continue;
		}
		place[i] = rand() % 5;
		of[place[i]]++;
		addr = at(where[place[i]]);
		ck_assert_int_eq(lobby_enter(lobby, &members[i], &addr), 0);
		COUNTS("192.0.2.1", of[0], of[0] + of[1],
		    of[0] + of[1] + of[2]);
		COUNTS("192.1.0.1", of[3], of[3], of[3]);
		ck_assert_uint_eq(lobby_count(lobby), of[0] + of[1] + of[2] +
		    of[3] + of[4]);
	}
}
END_TEST

START_TEST(oldest_at_an_address)
{
	struct addr addr = at("192.0.2.1");

	ck_assert_ptr_null(lobby_oldest_at(lobby, &addr));
	enter("192.0.2.2");
	enter("192.0.2.1");
	enter("192.0.2.1");
	ck_assert_ptr_eq(lobby_oldest_at(lobby, &addr), &members[1]);
}
END_TEST

UNIT_SUITE_WITH(lobby, setup, teardown, counts_nested_prefixes,
    tells_families_apart, limits_each_prefix, limits_all, renews, many_blocks,
    as_counted, oldest_at_an_address)
