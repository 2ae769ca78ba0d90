/*
 * A lost SYN. The kernel repeats it after a second; a race connects once more
 * long before that, beside the first try, and within its bounds.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "racehelp.h"

/* Let the last black hole answer from now on. */
static void
drain(struct race *r)
{
	int fd = accept(r->listeners[r->n_listeners - 2], NULL, NULL);

	ck_assert_int_ge(fd, 0);
	close(fd);
}

static void
on_drain(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	drain(arg);
}

static unsigned
resent(int fd)
{
	struct tcp_info info = { 0 };
	socklen_t len = sizeof(info);

	ck_assert_int_eq(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len),
	    0);
	return info.tcpi_total_retrans;
}

/* Return how often the kernel had to repeat the winner's SYN. */
static unsigned
run_with_a_loss(void)
{
	static const struct timeval soon = { 0, 20 * 1000 };
	struct event *draining;
	struct race r;
	unsigned sent;
	int before;

	setup(&r);
	add_black_hole(&r);
	draining = evtimer_new(r.loop, on_drain, &r);
	event_add(draining, &soon);
	before = count_open();
	run(&r, 10000);
	ck_assert_int_eq(r.err, 0);
	ck_assert_int_eq(r.open_in_done, before + 1);
	check_text(&r, 0, "won");
	sent = resent(r.fd);
	event_free(draining);
	teardown(&r);
	return sent;
}

/*
 * The second SYN wins, before the kernel repeats the first. A busy machine may
 * sleep through both, so one race of five is enough.
 */
START_TEST(a_lost_syn_waits_for_no_kernel)
{
	unsigned i;

	for (i = 0; i < 5; i++)
		if (run_with_a_loss() == 0)
			return;
	ck_abort_msg("each winner's SYN was repeated by the kernel");
}
END_TEST

static void
turn_until_open(struct race *r, int n)
{
	uint64_t end_ms = clock_ms() + 10000;

	while (count_open() != n && clock_ms() < end_ms)
		turn(r);
	ck_assert_int_eq(count_open(), n);
}

/* Both tries stay, and all but the winner's descriptor is closed. */
START_TEST(the_first_goes_on)
{
	struct multiconnect_options options = { 10000 };
	struct race r;
	int before;

	setup(&r);
	add_black_hole(&r);
	before = count_open();
	ck_assert_int_eq(multiconnect_start(&r.mc, r.loop, r.addrs, r.n,
	    &options, on_done, &r), 0);
	turn_until_open(&r, before + 2);
	drain(&r);
	event_base_dispatch(r.loop);
	ck_assert_int_eq(r.err, 0);
	ck_assert_int_eq(r.open_in_done, before + 1);
	ck_assert_uint_gt(resent(r.fd), 0);
	teardown(&r);
}
END_TEST

/* Second tries take free places only, and give them up to latecomers. */
START_TEST(places_are_for_first_tries)
{
	struct multiconnect_options options = { 10000 };
	struct race r;
	int before;
	size_t i;

	setup(&r);
	for (i = 0; i < 40; i++)
		add_black_hole(&r);
	before = count_open();
	ck_assert_int_eq(multiconnect_start(&r.mc, r.loop, r.addrs, 30,
	    &options, on_done, &r), 0);
	ck_assert_int_eq(count_open(), before + 30);
	turn_until_open(&r, before + MULTICONNECT_AT_ONCE);
	ck_assert_int_eq(multiconnect_add(r.mc, &r.addrs[30], 10, false), 0);
	for (i = 0; i < 40; i++)
		ck_assert_int_eq(entry(&r, i)->outcome, MULTICONNECT_RACING);
	ck_assert_int_le(count_open(), before + MULTICONNECT_AT_ONCE);
	teardown(&r);
}
END_TEST

/* At the deadline and by a free nothing is left behind. */
START_TEST(all_are_closed)
{
	struct multiconnect_options options = { 10000 };
	struct race r;
	int before;

	setup(&r);
	add_black_hole(&r);
	before = count_open();
	run(&r, 700);
	ck_assert_int_eq(r.err, -ETIMEDOUT);
	ck_assert_int_eq(r.open_in_done, before);
	multiconnect_free(r.mc);
	ck_assert_int_eq(multiconnect_start(&r.mc, r.loop, r.addrs, r.n,
	    &options, on_done, &r), 0);
	turn_until_open(&r, before + 2);
	multiconnect_free(r.mc);
	r.mc = NULL;
	ck_assert_int_eq(count_open(), before);
	teardown(&r);
}
END_TEST

UNIT_SUITE(multiconnect_second, a_lost_syn_waits_for_no_kernel,
    the_first_goes_on, places_are_for_first_tries, all_are_closed)
