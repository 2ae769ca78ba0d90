/*
 * How the limit of open files is shared out, and when the gate is closed
 * because few are left.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "conf/settings.h"
#include "net/loop.h"
#include "ops/descriptors.h"
#include "ops/gate.h"
#include "ops/metrics.h"
#include "unit.h"

static size_t connections;

static size_t
count_connections(void *arg)
{
	(void)arg;
	return connections;
}

START_TEST(shares_out)
{
	struct descriptors_plan plan;
	struct settings s;
	unsigned long limit;

	ck_assert_int_eq(settings_defaults(&s), 0);
	ck_assert_int_eq(settings_set_list(&s.relay_tls_listen, "127.0.0.1:0"),
	    0);
	descriptors_plan(&plan, &s, 1048576);
	ck_assert(!plan.lowered);
	ck_assert_uint_eq(plan.connections, 16384);
	ck_assert_uint_eq(plan.streams, 4096);
	for (limit = 16; limit <= 16384; limit *= 2) {
		descriptors_plan(&plan, &s, limit);
		ck_assert(plan.lowered);
		ck_assert_uint_ge(plan.connections, 2);
		ck_assert_uint_ge(plan.streams, 1);
		ck_assert_uint_lt(plan.connections + plan.streams, limit);
	}
	/* What remains is for everything else. */
	descriptors_plan(&plan, &s, 1024);
	ck_assert_uint_le(plan.connections + plan.streams, 1024 - 100);
	ck_assert_uint_gt(plan.connections, plan.streams);
	/* Without streams all is for connections. */
	settings_free(&s);
	ck_assert_int_eq(settings_defaults(&s), 0);
	s.max_connections = 500;
	descriptors_plan(&plan, &s, 1024);
	ck_assert(!plan.lowered);
	ck_assert_uint_eq(plan.connections, 500);
	/* Sockets of allocations have half. */
	ck_assert_int_eq(conf_set(&s.relay_peers, "any"), 0);
	descriptors_plan(&plan, &s, 1024);
	ck_assert(plan.lowered);
	ck_assert_uint_le(plan.connections, 512);
	ck_assert_uint_ge(plan.connections, 256);
	/* Those of clients have none, but for a way out. */
	ck_assert_int_eq(conf_set(&s.relay_peers, "clients"), 0);
	descriptors_plan(&plan, &s, 1024);
	ck_assert(!plan.lowered);
	ck_assert_int_eq(settings_set_list(&s.relay_allowed_peers,
	    "192.0.2.1/32"), 0);
	descriptors_plan(&plan, &s, 1024);
	ck_assert(plan.lowered);
	settings_free(&s);
}
END_TEST

/* What the page may take is taken from no call while it is in use. */
START_TEST(sets_aside_for_pages)
{
	struct descriptors_plan without, with;
	struct settings s;

	ck_assert_int_eq(settings_defaults(&s), 0);
	descriptors_plan(&without, &s, 1024);
	ck_assert_uint_eq(without.pages, 0);
	ck_assert_int_eq(settings_set_list(&s.web_listen, "127.0.0.1:0"), 0);
	descriptors_plan(&with, &s, 1024);
	ck_assert_uint_eq(with.pages, 1024 / 16 + 1);
	ck_assert_uint_le(with.connections + with.streams + with.pages,
	    without.connections + without.streams);
	s.web_connections = 64;
	descriptors_plan(&with, &s, 1024);
	ck_assert_uint_eq(with.pages, 64);
	settings_free(&s);
}
END_TEST

/* Turn the loop until the gate has these reasons. */
static void
wait_for(struct event_base *loop, struct gate *gate, unsigned reasons)
{
	while (gate_reasons(gate) != reasons)
		loop_run_once(loop);
}

static void
set_limit(rlim_t n, struct rlimit *was)
{
	struct rlimit files;

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, was), 0);
	files = *was;
	files.rlim_cur = n;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &files), 0);
}

START_TEST(closes_the_gate)
{
	struct event_base *loop = loop_new();
	struct metrics *metrics = metrics_new();
	struct gate *gate = gate_new(metrics);
	struct descriptors *d;
	struct rlimit was;
	struct settings s;
	int fds[128], n = 0;

	ck_assert_int_eq(settings_defaults(&s), 0);
	gate_set(gate, GATE_STARTING, false);
	set_limit(128, &was);
	d = descriptors_new(loop, gate, &s);
	ck_assert_ptr_nonnull(d);
	ck_assert_uint_eq(descriptors_now(d)->limit, 128);
	ck_assert_int_eq(descriptors_watch(d, count_connections, NULL), 0);
	ck_assert_uint_lt(descriptors_most(d, true), 128);
	ck_assert_uint_ge(descriptors_most(d, false),
	    descriptors_most(d, true));
	/* As many connections as there may be. */
	connections = descriptors_most(d, true);
	wait_for(loop, gate, GATE_NO_DESCRIPTORS);
	connections = 0;
	wait_for(loop, gate, 0);
	/* None left, whoever has them. */
	while (n < 128 && (fds[n] = open("/dev/null", O_RDONLY)) >= 0)
		n++;
	ck_assert_int_lt(n, 128);
	wait_for(loop, gate, GATE_NO_DESCRIPTORS);
	while (n > 0)
		close(fds[--n]);
	wait_for(loop, gate, 0);
	/* Told by accept, at once. */
	descriptors_exhausted(d);
	ck_assert_uint_eq(gate_reasons(gate), GATE_NO_DESCRIPTORS);
	wait_for(loop, gate, 0);
	descriptors_free(d);
	setrlimit(RLIMIT_NOFILE, &was);
	settings_free(&s);
	gate_free(gate);
	metrics_free(metrics);
	loop_free(loop);
}
END_TEST

UNIT_SUITE(descriptors, shares_out, sets_aside_for_pages, closes_the_gate)
