/*
 * Places of known clients. A subscriber has no more of them than an address,
 * wherever it connects from, and a connection counts for whom it is now. Before
 * they have the reserve of those who call, the gate closes.
 */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "conf/settings.h"
#include "net/loop.h"
#include "ops/descriptors.h"
#include "ops/gate.h"
#include "ops/metrics.h"
#include "signal/client.h"
#include "signal/places.h"
#include "unit.h"

#define ALL 60
#define PER_ADDRESS 3

static struct settings settings;
static struct event_base *loop;
static struct gate *gate;
static struct metrics *metrics;
static struct descriptors *descriptors;
static struct places *places;
static struct client clients[ALL];

static void
set_up(void)
{
	memset(clients, 0, sizeof(clients));
	ck_assert_int_eq(settings_defaults(&settings), 0);
	settings.max_connections = ALL;
	settings.max_connections_per_address = PER_ADDRESS;
	loop = loop_new();
	metrics = metrics_new();
	gate = gate_new(metrics);
	descriptors = descriptors_new(loop, gate, &settings);
	places = places_new(&settings, descriptors, gate, metrics);
	ck_assert_ptr_nonnull(places);
}

static void
tear_down(void)
{
	size_t i;

	for (i = 0; i < ALL; i++)
		places_leave(places, &clients[i]);
	ck_assert_uint_eq(places_count(places), 0);
	places_free(places);
	descriptors_free(descriptors);
	gate_free(gate);
	metrics_free(metrics);
	loop_free(loop);
	settings_free(&settings);
}

/* A client comes from an address of its own, and authenticates. */
static bool
know(int i, const char *number)
{
	char text[ADDR_TEXT];

	snprintf(text, sizeof(text), "192.0.2.%d:1", i + 1);
	ck_assert_int_eq(addr_parse(&clients[i].who.peer, text, 0), 0);
	ck_assert_int_eq(places_enter(places, &clients[i]), 0);
	return places_know(places, &clients[i], number, false);
}

START_TEST(bounds_a_subscriber)
{
	int i;

	for (i = 0; i < PER_ADDRESS; i++)
		ck_assert(know(i, "alice"));
	ck_assert(!know(i, "alice"));
	ck_assert_uint_eq(places_known(places), PER_ADDRESS);
	ck_assert(places_know(places, &clients[i], "bob", false));
	ck_assert(places_know(places, &clients[0], "alice", false));
	places_leave(places, &clients[0]);
	ck_assert(know(0, "alice"));
}
END_TEST

/* A client that is another now leaves room for one of the first. */
START_TEST(moves_with_the_client)
{
	int i;

	for (i = 0; i < PER_ADDRESS; i++)
		ck_assert(know(i, "alice"));
	ck_assert(know(i, "bob"));
	ck_assert(!places_know(places, &clients[i], "alice", false));
	ck_assert(places_know(places, &clients[0], "bob", false));
	ck_assert(places_know(places, &clients[i], "alice", false));
	ck_assert_uint_eq(places_known(places), PER_ADDRESS + 1);
}
END_TEST

/* Where few descriptors lower connections.max, a subscriber has less too. */
START_TEST(shrinks_with_the_plan)
{
	struct rlimit files;
	size_t most;
	int n = 0;

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &files), 0);
	files.rlim_cur = 1024;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &files), 0);
	settings.max_connections = 16384;
	settings.max_connections_per_address = 1024;
	descriptors_reload(descriptors);
	most = descriptors_most(descriptors, false);
	ck_assert_uint_lt(most, 1024);
	while (n < ALL && know(n, "alice"))
		n++;
	ck_assert_int_eq(n, (int)(1024 * most / 16384));
	ck_assert(places_know(places, &clients[n], "bob", false));
}
END_TEST

static bool
is_closed(void)
{
	return (gate_reasons(gate) & GATE_CONNECTIONS) != 0;
}

/* The gate is closed while known clients have what is not reserved. */
START_TEST(closes_the_gate)
{
	size_t max = descriptors_most(descriptors, true), i;
	char number[24];

	for (i = 0; i < max; i++) {
		ck_assert(!is_closed());
		snprintf(number, sizeof(number), "%zu", i);
		ck_assert(know((int)i, number));
	}
	ck_assert(is_closed());
	for (; i * 8 > max * 7; i--) {
		ck_assert(is_closed());
		places_leave(places, &clients[i - 1]);
	}
	ck_assert(!is_closed());
	/* Another limit counts from the next look. */
	settings.max_connections = (long)i;
	descriptors_reload(descriptors);
	places_press(places, false);
	ck_assert(is_closed());
	settings.max_connections = ALL;
	descriptors_reload(descriptors);
	places_press(places, false);
	ck_assert(!is_closed());
}
END_TEST

UNIT_SUITE_WITH(places, set_up, tear_down, bounds_a_subscriber,
    moves_with_the_client, shrinks_with_the_plan, closes_the_gate)
