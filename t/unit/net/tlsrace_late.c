/*
 * TLS races in which a ServerHello or an address is late. A late ServerHello is
 * waited for until another server answers, while the others race beside it.
 * Early data is sent once, and a race is reported as lost only when it is.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>

#include "net/tickets.h"
#include "tlsracehelp.h"

/* Nobody listens there. */
static void
add_refusing(struct world *w)
{
	struct server *s = add(w);

	event_del(s->accept);
	close(s->listener);
	s->listener = -1;
}

static void
wait_for(struct world *w, size_t i, enum multiconnect_outcome outcome)
{
	size_t n;

	while (tlsrace_entries(w->race, &n)[i].outcome != outcome)
		event_base_loop(w->loop, EVLOOP_ONCE | EVLOOP_NONBLOCK);
}

/*
 * Begin with the first of two; the second joins when TCP of the first stands, so
 * that it is the first which is late.
 */
static void
run_first(struct world *w, struct tlsrace_options *options)
{
	options->config = w->client_config;
	options->stream.server_name = "switch.test";
	ck_assert_int_eq(tlsrace_start(&w->race, w->loop, w->addrs, 1, options,
	    on_done, w), 0);
	wait_for(w, 0, MULTICONNECT_WON);
	ck_assert_int_eq(tlsrace_add(w->race, &w->addrs[1], 1, false, NULL),
	    0);
	event_base_dispatch(w->loop);
	ck_assert_int_eq(w->calls, 1);
}

/* A switch is busy, or a packet lost, and it is the only one. */
START_TEST(alone_it_is_waited_for)
{
	enum tlsrace_by by;
	struct world w;

	for (by = TLSRACE_AUTO; by <= TLSRACE_TLS; by++) {
		setup(&w);
		add(&w)->late_ms = 600;
		run(&w, by, false, 5000);
		ck_assert_int_eq(w.err, 0);
		ck_assert_int_eq(w.ready, 1);
		check_text(&w, 0, "won");
		teardown(&w);
	}
}
END_TEST

START_TEST(with_all_others_out_it_is_waited_for)
{
	struct world w;

	setup(&w);
	add_refusing(&w);
	add(&w)->late_ms = 500;
	add(&w)->rubbish = true;
	run(&w, TLSRACE_AUTO, false, 5000);
	ck_assert_int_eq(w.err, 0);
	ck_assert_uint_eq(w.entry, 1);
	check_text(&w, 0, "refused");
	teardown(&w);
}
END_TEST

/* Its hello comes while the other's is awaited. */
START_TEST(it_may_win_beside_others)
{
	struct tlsrace_options options = { .deadline_ms = 5000 };
	struct world w;

	setup(&w);
	add(&w)->late_ms = 400;
	add(&w)->late_ms = 3000;
	run_first(&w, &options);
	ck_assert_int_eq(w.err, 0);
	ck_assert_uint_eq(w.entry, 0);
	ck_assert_int_eq(w.servers[1].accepted, 1);
	check_text(&w, 1, "lost");
	teardown(&w);
}
END_TEST

/* It is overtaken, and closed so that nothing it has not sent ever leaves. */
START_TEST(it_is_overtaken)
{
	struct tlsrace_options options = { .deadline_ms = 5000 };
	struct world w;
	char bytes[4096];
	ssize_t n;
	int fd;

	setup(&w);
	add_hung(&w);
	add(&w);
	run_first(&w, &options);
	ck_assert_int_eq(w.err, 0);
	ck_assert_uint_eq(w.entry, 1);
	ck_assert_int_eq(w.ready, 1);
	check_text(&w, 0, "struck: no ServerHello");
	check_text(&w, 1, "won");
	fd = accept(w.servers[0].listener, NULL, NULL);
	ck_assert_int_ge(fd, 0);
	while ((n = read(fd, bytes, sizeof(bytes))) > 0)
		continue;
	ck_assert_int_lt(n, 0);
	ck_assert_int_eq(errno, ECONNRESET);
	close(fd);
	teardown(&w);
}
END_TEST

/* Who overtook it is full, and it has come to itself meanwhile. */
START_TEST(it_races_again)
{
	struct tlsrace_options options = { .deadline_ms = 5000 };
	struct world w;

	setup(&w);
	add_hung(&w);
	add(&w);
	run_first(&w, &options);
	ck_assert_uint_eq(w.entry, 1);
	ck_assert(tlsrace_has_others(w.race));
	tls_free(w.stream);
	w.stream = NULL;
	event_add(w.servers[0].accept, NULL);
	tlsrace_strike(w.race, 1, -EBUSY, "503", "full or draining");
	event_base_dispatch(w.loop);
	ck_assert_int_eq(w.calls, 2);
	ck_assert_int_eq(w.err, 0);
	ck_assert_uint_eq(w.entry, 0);
	check_text(&w, 1, "struck: 503");
	teardown(&w);
}
END_TEST

/* The deadline ends it, and what is said is what was seen. */
START_TEST(all_hang)
{
	enum tlsrace_by by;
	struct world w;

	for (by = TLSRACE_AUTO; by <= TLSRACE_TLS; by++) {
		setup(&w);
		add_hung(&w);
		add_hung(&w);
		add_refusing(&w);
		run(&w, by, false, 800);
		ck_assert_int_eq(w.err, -ETIMEDOUT);
		ck_assert_str_eq(w.why, "connected, but no ServerHello came");
		ck_assert_uint_eq(tlsrace_left_ms(w.race), 0);
		check_text(&w, 0, "struck: no ServerHello");
		check_text(&w, 1, "struck: no ServerHello");
		check_text(&w, 2, "refused");
		teardown(&w);
	}
}
END_TEST

/* All that DNS had at first refuse; what it has later does not. */
START_TEST(latecomers_join)
{
	struct tlsrace_options options = { .deadline_ms = 5000, .more = true };
	struct world w;

	setup(&w);
	add_refusing(&w);
	add(&w);
	options.config = w.client_config;
	options.stream.server_name = "switch.test";
	ck_assert_int_eq(tlsrace_start(&w.race, w.loop, w.addrs, 1, &options,
	    on_done, &w), 0);
	wait_for(&w, 0, MULTICONNECT_FAILED);
	event_base_loop(w.loop, EVLOOP_NONBLOCK);
	ck_assert_int_eq(w.calls, 0);
	ck_assert_int_eq(tlsrace_add(w.race, w.addrs, 2, false, NULL), 0);
	event_base_dispatch(w.loop);
	ck_assert_int_eq(w.calls, 1);
	ck_assert_int_eq(w.err, 0);
	ck_assert_uint_eq(w.entry, 1);
	teardown(&w);
}
END_TEST

/* None is found, and why not is said too. */
START_TEST(what_is_missing_is_said)
{
	struct tlsrace_options options = { .deadline_ms = 5000, .more = true };
	struct world w;

	setup(&w);
	add_refusing(&w);
	options.config = w.client_config;
	options.stream.server_name = "switch.test";
	ck_assert_int_eq(tlsrace_start(&w.race, w.loop, w.addrs, 1, &options,
	    on_done, &w), 0);
	wait_for(&w, 0, MULTICONNECT_FAILED);
	ck_assert_int_eq(tlsrace_add(w.race, NULL, 0, false, "no IPv4"), 0);
	ck_assert_int_eq(w.calls, 0);
	event_base_dispatch(w.loop);
	ck_assert_int_eq(w.calls, 1);
	ck_assert_int_eq(w.err, -ECONNREFUSED);
	ck_assert_str_eq(w.why, "Connection refused; no IPv4");
	teardown(&w);
}
END_TEST

/* A session that both servers know, because they have one key. */
static void
get_session(struct world *w, struct tickets *tickets)
{
	struct timeval soon = { 0, 1000 };
	void *session;
	size_t bytes, i;

	run(w, TLSRACE_AUTO, false, 5000);
	ck_assert_int_eq(w->err, 0);
	while (tls_session(w->stream, &session, &bytes) < 0) {
		event_base_loopexit(w->loop, &soon);
		event_base_dispatch(w->loop);
	}
	for (i = 0; i < 2; i++)
		ck_assert_int_eq(tickets_keep(tickets, "switch.test",
		    &w->addrs[i], tls_config_trust(w->client_config), session,
		    bytes), 0);
	free(session);
	tls_free(w->stream);
	tlsrace_free(w->race);
	w->race = NULL;
	w->stream = NULL;
	w->calls = w->servers[0].ready = w->servers[1].ready = 0;
}

static void
wait_for_server(struct world *w, size_t i)
{
	while (w->servers[i].ready == 0)
		event_base_loop(w->loop, EVLOOP_ONCE);
}

/* Beside one that is late nothing is sent early: it may have taken it. */
START_TEST(nothing_is_early_beside_it)
{
	struct tlsrace_options options = { .deadline_ms = 5000 };
	struct tickets *tickets;
	struct world w;

	setup(&w);
	ck_assert_int_eq(tls_config_take_early(w.server_config), 0);
	add(&w);
	add(&w);
	ck_assert_int_eq(tickets_new(&tickets, "/nonexistent"), 0);
	get_session(&w, tickets);
	w.servers[0].late_ms = 3000;
	options.tickets = tickets;
	options.stream.early = "INITIATE";
	options.stream.early_bytes = 8;
	run_first(&w, &options);
	ck_assert_int_eq(w.err, 0);
	ck_assert_uint_eq(w.entry, 1);
	ck_assert(tls_resumed(w.stream) && !tls_early(w.stream));
	wait_for_server(&w, 1);
	ck_assert_uint_eq(w.servers[1].early_bytes, 0);
	teardown(&w);

	/* Where the first is not late, it is. */
	setup(&w);
	ck_assert_int_eq(tls_config_take_early(w.server_config), 0);
	add(&w);
	add(&w);
	get_session(&w, tickets);
	run_first(&w, &options);
	ck_assert_uint_eq(w.entry, 0);
	ck_assert(tls_early(w.stream));
	teardown(&w);
	tickets_free(tickets);
}
END_TEST

UNIT_SUITE(tlsrace_late, alone_it_is_waited_for,
    with_all_others_out_it_is_waited_for, it_may_win_beside_others,
    it_is_overtaken, it_races_again, all_hang, latecomers_join,
    what_is_missing_is_said, nothing_is_early_beside_it)
