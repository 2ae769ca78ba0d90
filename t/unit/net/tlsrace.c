/*
 * TLS races between real servers on loopback, some of them behind a proxy that
 * completes TCP for everybody. They test the ServerHello rule, race = tls, and
 * auto, which learns.
 */
#include "config.h"

#include <errno.h>

#include "tlsracehelp.h"

START_TEST(a_stream_changes_hands)
{
	struct world w;

	setup(&w);
	add(&w);
	run(&w, TLSRACE_AUTO, false, 5000);
	ck_assert_int_eq(w.err, 0);
	ck_assert_int_eq(w.ready, 1);
	check_text(&w, 0, "won");
	ck_assert(!tlsrace_suspects_proxy(w.race));
	teardown(&w);
}
END_TEST

/*
 * Seven hang after TCP and are as near as the live one: whatever TCP chooses,
 * the ServerHello rule is paid once, because then all are asked.
 */
START_TEST(hung_ones_cost_one_wait)
{
	struct world w;

	setup(&w);
	add(&w);
	while (w.n < SERVERS)
		add_hung(&w);
	run(&w, TLSRACE_AUTO, false, 5000);
	ck_assert_int_eq(w.err, 0);
	ck_assert_uint_eq(w.entry, 0);
	ck_assert_uint_le(clock_ms() - w.start_ms, 250 + 150);
	teardown(&w);
}
END_TEST

/* By TCP too: whoever is late has company. */
START_TEST(by_tcp_hung_ones_cost_one_wait)
{
	struct world w;

	setup(&w);
	add(&w);
	while (w.n < SERVERS)
		add_hung(&w);
	run(&w, TLSRACE_TCP, false, 5000);
	ck_assert_int_eq(w.err, 0);
	ck_assert_uint_eq(w.entry, 0);
	ck_assert_uint_le(clock_ms() - w.start_ms, 250 + 150);
	teardown(&w);
}
END_TEST

/* All complete TCP at once, as through a proxy; the nearest says hello first. */
START_TEST(the_first_hello_wins)
{
	struct world w;
	size_t i;

	setup(&w);
	for (i = 0; i < 5; i++)
		add(&w)->late_ms = i == 3 ? 20 : 120;
	run(&w, TLSRACE_TLS, false, 5000);
	ck_assert_int_eq(w.err, 0);
	ck_assert_uint_eq(w.entry, 3);
	ck_assert_int_eq(w.ready, 1);
	check_text(&w, 0, "lost");
	teardown(&w);
}
END_TEST

START_TEST(a_proxy_is_suspected)
{
	struct world w;

	setup(&w);
	add(&w)->late_ms = 150;
	run(&w, TLSRACE_AUTO, false, 5000);
	ck_assert_int_eq(w.err, 0);
	ck_assert(tlsrace_suspects_proxy(w.race));
	teardown(&w);

	/* And what it suspects_proxy the last time decides this time. */
	setup(&w);
	add(&w)->late_ms = 150;
	add(&w)->late_ms = 10;
	add(&w)->late_ms = 150;
	run(&w, TLSRACE_AUTO, true, 5000);
	ck_assert_uint_eq(w.entry, 1);
	ck_assert(tlsrace_suspects_proxy(w.race));
	teardown(&w);
}
END_TEST

START_TEST(what_is_no_tls_is_struck)
{
	struct world w;

	setup(&w);
	add(&w)->rubbish = true;
	run(&w, TLSRACE_AUTO, false, 5000);
	ck_assert_int_eq(w.err, -EPROTO);
	teardown(&w);

	setup(&w);
	add(&w)->rubbish = true;
	add(&w)->late_ms = 50;
	run(&w, TLSRACE_TLS, false, 5000);
	ck_assert_int_eq(w.err, 0);
	ck_assert_uint_eq(w.entry, 1);
	teardown(&w);
}
END_TEST

/* Struck after its hello, as by a 503: the others race, the struck never. */
START_TEST(strikes_after_hello)
{
	struct world w;
	size_t first;

	setup(&w);
	add(&w);
	add(&w);
	run(&w, TLSRACE_TLS, false, 5000);
	first = w.entry;
	tls_free(w.stream);
	w.stream = NULL;
	tlsrace_strike(w.race, first, -EBUSY, "503", "full or draining");
	ck_assert_int_eq(w.calls, 1);
	event_base_dispatch(w.loop);
	ck_assert_int_eq(w.calls, 2);
	ck_assert_int_eq(w.err, 0);
	ck_assert_uint_ne(w.entry, first);
	check_text(&w, first, "struck: 503");
	tls_free(w.stream);
	w.stream = NULL;
	tlsrace_strike(w.race, w.entry, -EBUSY, "503", "full or draining");
	event_base_dispatch(w.loop);
	ck_assert_int_eq(w.err, -EBUSY);
	ck_assert_str_eq(w.why, "full or draining");
	teardown(&w);
}
END_TEST

START_TEST(the_deadline_holds)
{
	struct world w;

	setup(&w);
	add_hung(&w);
	add_hung(&w);
	run(&w, TLSRACE_TLS, false, 300);
	ck_assert_int_eq(w.err, -ETIMEDOUT);
	ck_assert_uint_ge(clock_ms() - w.start_ms, 295);
	ck_assert_uint_le(clock_ms() - w.start_ms, 500);
	teardown(&w);
}
END_TEST

START_TEST(free_cancels)
{
	struct world w;
	struct tlsrace_options options = { .by = TLSRACE_TLS };
	struct timeval soon = { 0, 50000 };

	setup(&w);
	add(&w)->late_ms = 30;
	add_hung(&w);
	options.config = w.client_config;
	options.stream.server_name = "switch.test";
	ck_assert_int_eq(tlsrace_start(&w.race, w.loop, w.addrs, w.n,
	    &options, on_done, &w), 0);
	event_base_loopexit(w.loop, &soon);
	event_base_loop(w.loop, EVLOOP_ONCE);
	tlsrace_free(w.race);
	w.race = NULL;
	event_base_dispatch(w.loop);
	ck_assert_int_eq(w.calls, 0);
	teardown(&w);
}
END_TEST

START_TEST(parses)
{
	enum tlsrace_by by;

	ck_assert_int_eq(tlsrace_by_parse(&by, "tls"), 0);
	ck_assert_int_eq(by, TLSRACE_TLS);
	ck_assert_int_eq(tlsrace_by_parse(&by, "udp"), -EINVAL);
}
END_TEST

UNIT_SUITE(tlsrace, a_stream_changes_hands, hung_ones_cost_one_wait,
    by_tcp_hung_ones_cost_one_wait, the_first_hello_wins, a_proxy_is_suspected,
    what_is_no_tls_is_struck, strikes_after_hello, the_deadline_holds,
    free_cancels, parses)
