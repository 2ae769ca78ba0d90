/*
 * Signs of a proxy that completes TCP for everybody. A switch that is only busy
 * must not make its clients ask all the others. On loopback all are equally
 * near, as through a proxy.
 */
#include "config.h"

#include <stdlib.h>

#include "net/tlsrace_private.h"
#include "tlsracehelp.h"

#define TRIES 8

/* Return the count for the next race, once the others were compared. */
static unsigned
races_after(struct world *w)
{
	struct timeval soon = { 0, 50000 };

	ck_assert_int_eq(w->err, 0);
	event_base_loopexit(w->loop, &soon);
	event_base_dispatch(w->loop);
	return tlsrace_proxy_races(w->race);
}

/* Its own other family is as near, and proves nothing. */
START_TEST(one_that_is_busy_does_not)
{
	struct world w;

	setup(&w);
	add(&w)->late_ms = 150;
	run(&w, TLSRACE_AUTO, 1, 5000);
	ck_assert_uint_eq(races_after(&w), 0);
	teardown(&w);

	setup(&w);
	add(&w)->late_ms = 600;
	run(&w, TLSRACE_AUTO, 0, 5000);
	ck_assert_uint_eq(races_after(&w), 0);
	teardown(&w);
}
END_TEST

/* Others that are as near, while the hello takes far longer, do: once each. */
START_TEST(those_that_are_alike_do)
{
	unsigned before;
	struct world w;
	size_t i;

	for (before = 0; before <= 1; before++) {
		setup(&w);
		for (i = 0; i < 3; i++)
			add(&w)->late_ms = 150;
		run(&w, TLSRACE_AUTO, before, 5000);
		ck_assert_uint_eq(races_after(&w), before + 1);
		ck_assert_int_eq(w.ready, 1);
		teardown(&w);
	}
}
END_TEST

/*
 * One race without evidence, and it all begins anew. Servers that wait for a busy
 * machine are late, but not in each of several races.
 */
START_TEST(a_quick_one_ends_it)
{
	unsigned tries = TRIES, races;
	struct world w;
	size_t i;

	do {
		setup(&w);
		for (i = 0; i < 3; i++)
			add(&w);
		run(&w, TLSRACE_AUTO, 1, 5000);
		races = races_after(&w);
		teardown(&w);
	} while (races > 0 && --tries > 0);
	ck_assert_uint_eq(races, 0);
}
END_TEST

/* Twice in a row, and the first ServerHello decides. */
START_TEST(then_hello_decides)
{
	unsigned tries = TRIES;
	struct world w;
	bool by_tls;
	size_t i;

	setup(&w);
	for (i = 0; i < 3; i++)
		add(&w)->late_ms = i == 1 ? 40 : 250;
	run(&w, TLSRACE_AUTO, TLSRACE_PROXY_RACES, 5000);
	ck_assert_uint_eq(w.entry, 1);
	ck_assert_uint_eq(races_after(&w), TLSRACE_PROXY_RACES);
	teardown(&w);

	/* TCP does if it is told to, whatever was suspected. */
	do {
		setup(&w);
		add(&w)->late_ms = 150;
		add(&w)->late_ms = 150;
		run(&w, TLSRACE_TCP, TLSRACE_PROXY_RACES, 5000);
		by_tls = w.race->by_tls;
		ck_assert_uint_eq(races_after(&w), TLSRACE_PROXY_RACES);
		teardown(&w);
	} while (by_tls && --tries > 0);
	ck_assert(!by_tls);
}
END_TEST

static int
compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Were the hellos of a race of mute servers sent in turns? */
static bool
in_turns(void)
{
	uint64_t begun[SERVERS];
	struct world w;
	size_t i;

	setup(&w);
	for (i = 0; i < SERVERS; i++)
		add_hung(&w);
	run(&w, TLSRACE_TLS, 0, 500);
	ck_assert_int_eq(w.err, -ETIMEDOUT);
	for (i = 0; i < SERVERS; i++) {
		ck_assert_int_lt(w.race->runners[i]->fd, 0);
		begun[i] = w.race->runners[i]->connected_ns;
		ck_assert_uint_gt(begun[i], 0);
	}
	qsort(begun, SERVERS, sizeof(begun[0]), compare);
	teardown(&w);
	/* In turns of one, one, two and four, of a millisecond each. */
	return begun[1] - begun[0] >= CLOCK_MS / 2 &&
	    begun[2] - begun[1] >= CLOCK_MS / 2 &&
	    begun[4] - begun[3] >= CLOCK_MS / 2;
}

/*
 * They are asked in turns, however many have connected at once. On a busy
 * machine one turn may be late, and the next one follows at once.
 */
START_TEST(hellos_are_staggered)
{
	unsigned tries = TRIES;

	while (!in_turns())
		ck_assert_uint_gt(--tries, 0);
}
END_TEST

/* Those that fail make way, and one that waits can be freed. */
START_TEST(turns_end_with_failures)
{
	struct tlsrace_options options = { .by = TLSRACE_TLS };
	struct world w;
	size_t i;

	setup(&w);
	for (i = 0; i < SERVERS - 1; i++)
		add(&w)->rubbish = true;
	add(&w);
	run(&w, TLSRACE_TLS, 0, 5000);
	ck_assert_int_eq(w.err, 0);
	ck_assert_uint_eq(w.entry, SERVERS - 1);
	teardown(&w);

	setup(&w);
	for (i = 0; i < SERVERS; i++)
		add_hung(&w);
	options.config = w.client_config;
	options.stream.server_name = "switch.test";
	ck_assert_int_eq(tlsrace_start(&w.race, w.loop, w.addrs, w.n,
	    &options, on_done, &w), 0);
	event_base_loop(w.loop, EVLOOP_ONCE);
	tlsrace_free(w.race);
	w.race = NULL;
	event_base_dispatch(w.loop);
	ck_assert_int_eq(w.calls, 0);
	teardown(&w);
}
END_TEST

UNIT_SUITE(tlsrace_proxy, one_that_is_busy_does_not, those_that_are_alike_do,
    a_quick_one_ends_it, then_hello_decides, hellos_are_staggered,
    turns_end_with_failures)
