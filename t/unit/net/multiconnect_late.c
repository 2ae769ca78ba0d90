/*
 * Races with latecomers. Addresses found later join, a winner that is not
 * proven stays beside the others, and an attempt that made room comes back. The
 * race is not reported as lost while an address or a proof may still come.
 */
#include <errno.h>
#include <unistd.h>

#include "racehelp.h"

/* An address that is found later joins, and wins where the first was none. */
START_TEST(added_ones_join)
{
	struct race r;

	setup(&r);
	add_refusing(&r);
	ck_assert_int_eq(multiconnect_start(&r.mc, r.loop, r.addrs, 1, NULL,
	    on_done, &r), 0);
	ck_assert_int_eq(multiconnect_add(r.mc, NULL, 0, true), 0);
	run_to(&r, 0, MULTICONNECT_FAILED);
	turn(&r);
	ck_assert_int_eq(r.calls, 0);
	add_live(&r);
	r.addrs[2] = r.addrs[0];
	ck_assert_int_eq(multiconnect_add(r.mc, &r.addrs[1], 2, true), 0);
	event_base_dispatch(r.loop);
	ck_assert_int_eq(r.calls, 1);
	ck_assert_int_eq(r.err, 0);
	ck_assert_uint_eq(r.entry, 1);
	check_text(&r, 0, "refused");
	teardown(&r);
}
END_TEST

/* That nobody is left is told once no more can come, from the loop. */
START_TEST(more_holds_the_end)
{
	struct race r;

	setup(&r);
	ck_assert_int_eq(multiconnect_start(&r.mc, r.loop, r.addrs, 0, NULL,
	    on_done, &r), 0);
	add_refusing(&r);
	ck_assert_int_eq(multiconnect_add(r.mc, r.addrs, 1, true), 0);
	run_to(&r, 0, MULTICONNECT_FAILED);
	turn(&r);
	ck_assert_int_eq(r.calls, 0);
	ck_assert_int_eq(multiconnect_add(r.mc, r.addrs, 1, false), 0);
	ck_assert_int_eq(r.calls, 0);
	event_base_dispatch(r.loop);
	ck_assert_int_eq(r.calls, 1);
	ck_assert_int_eq(r.err, -ECONNREFUSED);
	teardown(&r);
}
END_TEST

START_TEST(more_ends_at_the_deadline)
{
	struct race r;
	struct multiconnect_options options = { 100 };

	setup(&r);
	ck_assert_int_eq(multiconnect_start(&r.mc, r.loop, r.addrs, 0,
	    &options, on_done, &r), 0);
	ck_assert_int_eq(multiconnect_add(r.mc, NULL, 0, true), 0);
	event_base_dispatch(r.loop);
	ck_assert_int_eq(r.calls, 1);
	ck_assert_int_eq(r.err, -ETIMEDOUT);
	/* And what comes now changes nothing. */
	add_live(&r);
	ck_assert_int_eq(multiconnect_add(r.mc, r.addrs, 1, false), 0);
	turn(&r);
	ck_assert_int_eq(r.calls, 1);
	check_text(&r, 0, "waiting");
	teardown(&r);
}
END_TEST

/* While a winner is tried nothing starts; when it is struck, all do. */
START_TEST(added_after_the_win)
{
	struct race r;

	setup(&r);
	add_live(&r);
	run(&r, 2000);
	ck_assert(!multiconnect_has_others(r.mc));
	add_live(&r);
	ck_assert_int_eq(multiconnect_add(r.mc, &r.addrs[1], 1, false), 0);
	turn(&r);
	check_text(&r, 1, "waiting");
	ck_assert(multiconnect_has_others(r.mc));
	run_again(&r);
	ck_assert_int_eq(r.err, 0);
	ck_assert_uint_eq(r.entry, 1);
	teardown(&r);
}
END_TEST

/*
 * A prover that says nothing by itself.
 */

static int
begin_proof(int fd, size_t entry, void *arg)
{
	((struct race *)arg)->proving[entry] = fd;
	return 0;
}

static void
drop_proof(size_t entry, void *arg)
{
	struct race *r = arg;

	ck_assert_int_ge(r->proving[entry], 0);
	close(r->proving[entry]);
	r->proving[entry] = -1;
	r->dropped++;
}

static const struct multiconnect_prover prover = {
	begin_proof, drop_proof, "no proof"
};

/* A race by TCP whose winner is late: its descriptor stays the caller's. */
static void
run_late(struct race *r, uint32_t deadline_ms)
{
	memset(r->proving, -1, sizeof(r->proving));
	run(r, deadline_ms);
	ck_assert_int_eq(r->err, 0);
	r->proving[r->entry] = r->fd;
	r->fd = -1;
	multiconnect_prove_by(r->mc, &prover);
	multiconnect_late(r->mc, r->entry);
	ck_assert_int_eq(r->calls, 1);
}

/* It stays in the race, and wins if it is the first to prove itself. */
START_TEST(a_late_one_may_win)
{
	struct race r;
	size_t late, other;

	setup(&r);
	add_live(&r);
	add_live(&r);
	run_late(&r, 2000);
	late = r.entry;
	other = 1 - late;
	while (r.proving[other] < 0)
		turn(&r);
	check_text(&r, late, "racing");
	multiconnect_proved(r.mc, late, 0);
	ck_assert_int_eq(r.calls, 2);
	ck_assert_int_eq(r.err, 0);
	ck_assert_int_eq(r.fd, -1);
	ck_assert_uint_eq(r.entry, late);
	ck_assert_int_eq(r.dropped, 1);
	check_text(&r, late, "won");
	check_text(&r, other, "lost");
	ck_assert(entry(&r, late)->connect_ms > 0);
	close(r.proving[late]);
	teardown(&r);
}
END_TEST

/* Or it is overtaken, and races again if the other is not a switch either. */
START_TEST(a_late_one_is_overtaken)
{
	struct race r;
	size_t late, other;

	setup(&r);
	add_live(&r);
	add_live(&r);
	run_late(&r, 2000);
	late = r.entry;
	other = 1 - late;
	while (r.proving[other] < 0)
		turn(&r);
	multiconnect_proved(r.mc, other, 0);
	ck_assert_uint_eq(r.entry, other);
	ck_assert_int_eq(r.dropped, 1);
	ck_assert_int_lt(r.proving[late], 0);
	check_text(&r, late, "struck: no proof");
	close(r.proving[other]);
	ck_assert(multiconnect_has_others(r.mc));
	multiconnect_strike(r.mc, other, -EBUSY, "full");
	while (r.proving[late] < 0)
		turn(&r);
	multiconnect_proved(r.mc, late, 0);
	ck_assert_int_eq(r.calls, 3);
	ck_assert_uint_eq(r.entry, late);
	check_text(&r, other, "struck: full");
	close(r.proving[late]);
	teardown(&r);
}
END_TEST

/* With nobody beside it, it has the time that is left, and no more. */
START_TEST(a_late_one_has_the_deadline)
{
	struct race r;

	setup(&r);
	add_live(&r);
	add_refusing(&r);
	run_late(&r, 400);
	event_base_dispatch(r.loop);
	ck_assert_int_eq(r.calls, 2);
	ck_assert_int_eq(r.err, -ETIMEDOUT);
	ck_assert_uint_eq(multiconnect_left_ms(r.mc), 0);
	ck_assert_int_eq(r.dropped, 1);
	check_text(&r, 0, "struck: no proof");
	teardown(&r);
}
END_TEST

START_TEST(a_late_one_that_fails_is_out)
{
	struct race r;

	setup(&r);
	add_live(&r);
	run_late(&r, 2000);
	close(r.proving[0]);
	multiconnect_proved(r.mc, 0, -ECONNRESET);
	event_base_dispatch(r.loop);
	ck_assert_int_eq(r.calls, 2);
	ck_assert_int_eq(r.err, -ECONNREFUSED);
	ck_assert_int_eq(r.dropped, 0);
	check_text(&r, 0, "reset");
	teardown(&r);
}
END_TEST

/*
 * The first of too many makes room for the last. That refuses, and there is
 * room for the first again, which listens by now.
 */
START_TEST(who_made_room_comes_back)
{
	struct race r;
	struct multiconnect_options options = { 1500 };
	size_t i;

	setup(&r);
	for (i = 0; i < MULTICONNECT_AT_ONCE; i++)
		add_black_hole(&r);
	add_refusing(&r);
	ck_assert_int_eq(multiconnect_start(&r.mc, r.loop, r.addrs, r.n,
	    &options, on_done, &r), 0);
	check_text(&r, r.n - 1, "waiting");
	close(accept(r.listeners[0], NULL, NULL));
	event_base_dispatch(r.loop);
	check_text(&r, r.n - 1, "refused");
	ck_assert_int_eq(r.err, 0);
	ck_assert_uint_eq(r.entry, 0);
	teardown(&r);
}
END_TEST

UNIT_SUITE(multiconnect_late, added_ones_join, more_holds_the_end,
    more_ends_at_the_deadline, added_after_the_win, a_late_one_may_win,
    a_late_one_is_overtaken, a_late_one_has_the_deadline,
    a_late_one_that_fails_is_out, who_made_room_comes_back)
