/*
 * Races whose addresses are all known at the start: the winner, the losers, and
 * the end when none wins.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "racehelp.h"

START_TEST(the_live_one_wins)
{
	struct race r;
	int on = 0, before;
	socklen_t len = sizeof(on);

	setup(&r);
	add_refusing(&r);
	add_black_hole(&r);
	add_live(&r);
	before = count_open();
	run(&r, 2000);
	ck_assert_int_eq(r.err, 0);
	ck_assert_uint_eq(r.entry, 2);
	/* The black hole was closed before done: one descriptor more. */
	ck_assert_int_eq(r.open_in_done, before + 1);
	check_text(&r, 0, "refused");
	check_text(&r, 1, "lost");
	check_text(&r, 2, "won");
	ck_assert(entry(&r, 2)->ms > 0 && entry(&r, 2)->ms < 500);
	ck_assert(entry(&r, 2)->connect_ms > 0);
	ck_assert(entry(&r, 2)->connect_ms <= entry(&r, 2)->ms);
	ck_assert_int_eq(getsockopt(r.fd, IPPROTO_TCP, TCP_NODELAY, &on, &len),
	    0);
	ck_assert_int_ne(on, 0);
	teardown(&r);
}
END_TEST

START_TEST(all_refuse)
{
	struct race r;

	setup(&r);
	add_refusing(&r);
	add_refusing(&r);
	run(&r, 2000);
	ck_assert_int_eq(r.err, -ECONNREFUSED);
	ck_assert_int_eq(r.fd, -1);
	teardown(&r);
}
END_TEST

/* Neither an empty list nor addresses that fail at once call done early. */
START_TEST(none_can_be_tried)
{
	struct race r;

	setup(&r);
	run(&r, 2000);
	ck_assert_int_eq(r.err, -EHOSTUNREACH);
	teardown(&r);

	setup(&r);
	add_text(&r, "255.255.255.255");
	add_text(&r, "[ff02::1]:9");
	run(&r, 2000);
	ck_assert_int_eq(r.err, -EHOSTUNREACH);
	teardown(&r);
}
END_TEST

START_TEST(immediate_errors_cost_nothing)
{
	struct race r;
	size_t i;

	setup(&r);
	for (i = 0; i < 40; i++) {
		char text[ADDR_TEXT];

		snprintf(text, sizeof(text), "[ff02::1:%zx]:9", i);
		add_text(&r, text);
	}
	add_live(&r);
	run(&r, 2000);
	ck_assert_int_eq(r.err, 0);
	ck_assert_uint_eq(r.entry, 40);
	teardown(&r);
}
END_TEST

START_TEST(the_deadline_ends_black_holes)
{
	struct race r;
	uint64_t start = clock_ms();

	setup(&r);
	add_black_hole(&r);
	add_black_hole(&r);
	run(&r, 300);
	ck_assert_int_eq(r.err, -ETIMEDOUT);
	ck_assert_uint_ge(clock_ms() - start, 295);
	ck_assert_uint_le(clock_ms() - start, 600);
	check_text(&r, 0, "timeout");
	ck_assert_uint_eq(multiconnect_left_ms(r.mc), 0);
	teardown(&r);
}
END_TEST

START_TEST(duplicates_are_dropped)
{
	struct race r;
	size_t n;

	setup(&r);
	add_refusing(&r);
	add_live(&r);
	r.addrs[2] = r.addrs[1];
	r.addrs[3] = r.addrs[0];
	r.addrs[4] = r.addrs[1];
	addr_set_port(&r.addrs[4], 1);	/* another port is another switch */
	r.n = 5;
	run(&r, 2000);
	ck_assert_int_eq(r.err, 0);
	multiconnect_entries(r.mc, &n);
	ck_assert_uint_eq(n, 3);
	teardown(&r);
}
END_TEST

static void
count_racing(evutil_socket_t fd, short what, void *arg)
{
	struct race *r = arg;
	size_t i, n, racing = 0;
	const struct multiconnect_entry *entries =
	    multiconnect_entries(r->mc, &n);

	(void)fd;
	(void)what;
	for (i = 0; i < n; i++)
		racing += entries[i].outcome == MULTICONNECT_RACING;
	if (racing > r->most_racing)
		r->most_racing = racing;
}

/* The live one stands last behind more than 200 that refuse or swallow. */
START_TEST(many_addresses)
{
	struct race r;
	struct multiconnect_options options = { 3000 };
	struct timeval often = { 0, 1000 };
	struct event *ticker;
	uint64_t start;
	size_t i;

	setup(&r);
	for (i = 0; i < 70; i++)
		add_black_hole(&r);
	for (i = 0; i < 140; i++)
		add_refusing(&r);
	add_live(&r);
	ticker = event_new(r.loop, -1, EV_PERSIST, count_racing, &r);
	start = clock_ms();
	ck_assert_int_eq(multiconnect_start(&r.mc, r.loop, r.addrs, r.n,
	    &options, on_done, &r), 0);
	count_racing(-1, 0, &r);
	event_add(ticker, &often);
	event_base_dispatch(r.loop);
	ck_assert_int_eq(r.err, 0);
	ck_assert_uint_eq(r.entry, 210);
	ck_assert_uint_eq(r.most_racing, MULTICONNECT_AT_ONCE);
	/* Three turns of patience, each a share of the deadline. */
	ck_assert_uint_le(clock_ms() - start, 2500);
	event_free(ticker);
	teardown(&r);
}
END_TEST

/* All refuse or are struck but the last: 200 do no harm. */
START_TEST(refusals_are_quick)
{
	struct race r;
	uint64_t start;
	size_t i;

	setup(&r);
	for (i = 0; i < 220; i++)
		add_refusing(&r);
	add_live(&r);
	start = clock_ms();
	run(&r, 5000);
	ck_assert_int_eq(r.err, 0);
	ck_assert_uint_eq(r.entry, 220);
	ck_assert_uint_le(clock_ms() - start, 500);
	teardown(&r);
}
END_TEST

/* With three descriptors left, all are tried, in turns. */
START_TEST(descriptors_run_out)
{
	struct race r;
	struct rlimit was, few;
	size_t i;

	setup(&r);
	for (i = 0; i < 20; i++)
		add_refusing(&r);
	add_live(&r);
	getrlimit(RLIMIT_NOFILE, &was);
	few = was;
	few.rlim_cur = (rlim_t)(count_open() - 3 + 3 + 2);
	setrlimit(RLIMIT_NOFILE, &few);
	run(&r, 2000);
	setrlimit(RLIMIT_NOFILE, &was);
	ck_assert_int_eq(r.err, 0);
	ck_assert_uint_eq(r.entry, 20);
	check_text(&r, 0, "refused");
	teardown(&r);
}
END_TEST

START_TEST(no_descriptor_at_all)
{
	struct race r;
	struct rlimit was, few;

	setup(&r);
	add_live(&r);
	getrlimit(RLIMIT_NOFILE, &was);
	few = was;
	few.rlim_cur = 0;
	setrlimit(RLIMIT_NOFILE, &few);
	ck_assert_int_eq(multiconnect_start(&r.mc, r.loop, r.addrs, r.n, NULL,
	    on_done, &r), 0);
	setrlimit(RLIMIT_NOFILE, &was);
	event_base_dispatch(r.loop);
	ck_assert_int_eq(r.err, -EHOSTUNREACH);
	check_text(&r, 0, "no descriptor left");
	teardown(&r);
}
END_TEST

START_TEST(strikes_and_races_again)
{
	struct race r;
	size_t first, second;

	setup(&r);
	add_live(&r);
	add_refusing(&r);
	add_live(&r);
	run(&r, 2000);
	ck_assert_int_eq(r.err, 0);
	first = r.entry;
	run_again(&r);
	ck_assert_int_eq(r.err, 0);
	second = r.entry;
	ck_assert_uint_ne(first, second);
	ck_assert_uint_ne(second, 1);
	check_text(&r, first, "struck: no ServerHello");
	ck_assert(entry(&r, first)->connect_ms > 0);
	run_again(&r);
	ck_assert_int_eq(r.err, -EPROTO);
	check_text(&r, second, "struck: no ServerHello");
	teardown(&r);
}
END_TEST

/* One deadline for all races: a strike starts no new one. */
START_TEST(one_deadline_for_all_races)
{
	struct race r;
	uint64_t start = clock_ms();

	setup(&r);
	add_live(&r);
	add_black_hole(&r);
	run(&r, 300);
	ck_assert_uint_eq(r.entry, 0);
	usleep(200 * 1000);
	run_again(&r);
	ck_assert_int_eq(r.err, -ETIMEDOUT);
	ck_assert_uint_le(clock_ms() - start, 450);
	teardown(&r);
}
END_TEST

/*
 * The loop was late and two had completed: the kernel's figures decide, and
 * the loser gets a reset.
 */
START_TEST(late_loop_resets_the_loser)
{
	struct race r;
	char byte;
	int loser;

	setup(&r);
	add_live(&r);
	add_live(&r);
	ck_assert_int_eq(multiconnect_start(&r.mc, r.loop, r.addrs, r.n, NULL,
	    on_done, &r), 0);
	usleep(20 * 1000);
	event_base_dispatch(r.loop);
	ck_assert_int_eq(r.err, 0);
	loser = accept(r.listeners[1 - r.entry], NULL, NULL);
	ck_assert(loser < 0 || read(loser, &byte, 1) < 0);
	ck_assert(errno == ECONNRESET || errno == ECONNABORTED);
	if (loser >= 0)
		close(loser);
	teardown(&r);
}
END_TEST

START_TEST(free_cancels)
{
	struct race r;

	setup(&r);
	add_live(&r);
	add_black_hole(&r);
	ck_assert_int_eq(multiconnect_start(&r.mc, r.loop, r.addrs, r.n, NULL,
	    on_done, &r), 0);
	multiconnect_free(r.mc);
	r.mc = NULL;
	event_base_dispatch(r.loop);
	ck_assert_int_eq(r.calls, 0);
	teardown(&r);
}
END_TEST

UNIT_SUITE(multiconnect, the_live_one_wins, all_refuse, none_can_be_tried,
    immediate_errors_cost_nothing, the_deadline_ends_black_holes,
    duplicates_are_dropped, many_addresses, refusals_are_quick,
    descriptors_run_out, no_descriptor_at_all, strikes_and_races_again,
    one_deadline_for_all_races, late_loop_resets_the_loser, free_cancels)
