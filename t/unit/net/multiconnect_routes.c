/*
 * Races on a host that has no route, or a route to some addresses only. An
 * address without one is tried again until the deadline, and ends no race before
 * that unless the network has answered for another address.
 */
#include "config.h"

#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>

#include "racehelp.h"

/*
 * A network of this process's own, whose loopback is down: there is no route.
 * Return false where that is not allowed.
 */
static bool
leave_network(void)
{
	return unshare(CLONE_NEWNET) == 0 ||
	    unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0;
}

static void
set_loopback(bool up)
{
	struct ifreq request = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	request.ifr_flags = up ? IFF_UP : 0;
	ck_assert_int_eq(ioctl(fd, SIOCSIFFLAGS, &request), 0);
	close(fd);
}

static void
on_up(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	set_loopback(true);
}

static void
up_in(struct race *r, uint32_t ms)
{
	struct timeval tv = { ms / 1000, ms % 1000 * 1000 };

	event_base_once(r->loop, -1, EV_TIMEOUT, on_up, NULL, &tv);
}

/* An address that listens once loopback is up. */
static void
add_later(struct race *r)
{
	struct addr any;
	socklen_t len;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	ck_assert_int_eq(addr_parse(&any, "0.0.0.0:0", 0), 0);
	len = addr_len(&any);
	ck_assert_int_eq(bind(fd, &any.sa, len), 0);
	ck_assert_int_eq(listen(fd, 8), 0);
	ck_assert_int_eq(getsockname(fd, &any.sa, &len), 0);
	r->listeners[r->n_listeners++] = fd;
	ck_assert_int_eq(addr_parse(&r->addrs[r->n], "127.0.0.1:1", 0), 0);
	addr_set_port(&r->addrs[r->n++], addr_port(&any));
}

/* The timer would come after the deadline, so the change is noticed. */
START_TEST(a_route_comes_back)
{
	struct race r;

	if (!leave_network())
		return;
	setup(&r);
	add_later(&r);
	up_in(&r, 50);
	run(&r, 900);
	ck_assert_int_eq(r.err, 0);
	check_text(&r, 0, "won");
	teardown(&r);
}
END_TEST

/* The deadline ends it, and the reason is not that somebody was silent. */
START_TEST(no_route_comes)
{
	struct race r;

	if (!leave_network())
		return;
	setup(&r);
	add_later(&r);
	run(&r, 200);
	ck_assert_int_eq(r.err, -EHOSTUNREACH);
	ck_assert_uint_eq(multiconnect_left_ms(r.mc), 0);
	check_text(&r, 0, "unreachable");
	teardown(&r);
}
END_TEST

/*
 * The network is there and says no: a family without a route changes nothing.
 */
START_TEST(a_refusal_is_an_answer)
{
	struct race r;

	if (!leave_network())
		return;
	setup(&r);
	set_loopback(true);
	add_text(&r, "192.0.2.1");
	add_refusing(&r);
	run(&r, 20000);
	ck_assert_int_eq(r.err, -ECONNREFUSED);
	ck_assert_uint_gt(multiconnect_left_ms(r.mc), 0);
	check_text(&r, 0, "unreachable");
	teardown(&r);
}
END_TEST

/* A prover that says nothing by itself. */

static int
begin_proof(int fd, size_t i, void *arg)
{
	((struct race *)arg)->proving[i] = fd;
	return 0;
}

static void
drop_proof(size_t i, void *arg)
{
	struct race *r = arg;

	close(r->proving[i]);
	r->proving[i] = -1;
}

static const struct multiconnect_prover prover = {
	begin_proof, drop_proof, "no proof"
};

/* Nor does it keep others from having all the time there is. */
START_TEST(no_route_is_no_other)
{
	struct race r;

	if (!leave_network())
		return;
	setup(&r);
	set_loopback(true);
	memset(r.proving, -1, sizeof(r.proving));
	add_text(&r, "192.0.2.1");
	add_live(&r);
	run(&r, 400);
	ck_assert_int_eq(r.err, 0);
	ck_assert(!multiconnect_has_others(r.mc));
	r.proving[r.entry] = r.fd;
	r.fd = -1;
	multiconnect_prove_by(r.mc, &prover);
	multiconnect_late(r.mc, r.entry);
	event_base_dispatch(r.loop);
	ck_assert_int_eq(r.err, -ETIMEDOUT);
	check_text(&r, 1, "struck: no proof");
	teardown(&r);
}
END_TEST

/* A free while a route is awaited leaves nothing behind. */
START_TEST(free_cancels_the_watch)
{
	struct race r;
	int before;

	if (!leave_network())
		return;
	setup(&r);
	add_later(&r);
	before = count_open();
	ck_assert_int_eq(multiconnect_start(&r.mc, r.loop, r.addrs, r.n, NULL,
	    on_done, &r), 0);
	ck_assert_int_gt(count_open(), before);
	multiconnect_free(r.mc);
	r.mc = NULL;
	ck_assert_int_eq(count_open(), before);
	event_base_dispatch(r.loop);
	ck_assert_int_eq(r.calls, 0);
	teardown(&r);
}
END_TEST

UNIT_SUITE(multiconnect_routes, a_route_comes_back, no_route_comes,
    a_refusal_is_an_answer, no_route_is_no_other, free_cancels_the_watch)
