/*
 * fourth: what may happen to switches. Region eu has the switches a and b, of
 * which a is nearer; region us has c. Alice, by rp-dial, calls somebody who does
 * not come, again and again, each call some 12 s.
 *
 *   fourth FOLDER SEED [LOSS]
 *
 * At 10 s she rings by a, which drains then; at 30 s she calls by b. At 50 s a
 * is undrained, and hangs at 60 s, when she calls; at 80 s b is killed while she
 * rings there. At 100 s a goes on, and loses power at 110 s, for a minute. All
 * but c are stopped in the end, a by a drain.
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "core/sim.h"
#include "dns.h"
#include "stand/stand.h"
#include "world/switch.h"

#define END_S 260

int sim_dial_main(int argc, char *argv[]);

static struct sim_machine *alice;
static struct sim_process *dials;

static int
run_dial(void *arg)
{
	static char *argv[] = {
		"rp-dial", "--account", "alice.conf", "--json", "alice.json",
		"bob", NULL
	};

	(void)arg;
	optind = 0;
	return sim_dial_main(6, argv);
}

static void
on_dial_ended(struct sim_process *process, int status)
{
	sim_record("ended", "process=%s status=%d", sim_process_name(process),
	    status);
	dials = NULL;
}

static void
hang_up(void *arg)
{
	(void)arg;
	if (dials != NULL)
		sim_process_signal(dials, 15);
}

static void
call(void *arg)
{
	(void)arg;
	sim_record("calls", "who=alice");
	dials = sim_process_new(alice, "alice", run_dial, NULL,
	    on_dial_ended);
	sim_at(sim_now() + 12 * SIM_S, hang_up, NULL);
}

static void
on_push(struct sim_process *process, const char *text, size_t len)
{
	(void)text;
	(void)len;
	sim_record("push", "by=%s", sim_switch_name(sim_switch_of(process)));
}

static void
on_ended(struct sim_switch *sw, int status, bool ghost)
{
	sim_record("told", "ended=%s status=%d ghost=%d", sim_switch_name(sw),
	    status, ghost);
}

static void
on_drained(struct sim_switch *sw)
{
	sim_record("told", "drained=%s", sim_switch_name(sw));
}

static void
tell_state(void *arg)
{
	struct sim_switch_state state;
	struct sim_switch *sw;
	size_t i;

	(void)arg;
	for (i = 0; (sw = sim_switch_at(i)) != NULL; i++) {
		sim_switch_state(sw, &state);
		sim_record("state", "switch=%s runs=%d open=%d draining=%d "
		    "calls=%zu known=%zu allocations=%zu", sim_switch_name(sw),
		    sim_switch_runs(sw), state.open, state.draining,
		    state.calls, state.known, state.allocations);
	}
}

/* What happens when. */
enum act {
	START, KILL, HANG, RESUME, DRAIN, UNDRAIN, DRAIN_STOP, STOP, OFF, ON
};

struct event {
	unsigned at_s;
	enum act act;
	const char *name;
};

static struct event events[] = {
	{ 0, START, "a" }, { 0, START, "b" }, { 0, START, "c" },
	{ 10, DRAIN, "a" }, { 50, UNDRAIN, "a" }, { 60, HANG, "a" },
	{ 82, KILL, "b" }, { 90, START, "b" }, { 100, RESUME, "a" },
	{ 110, OFF, "a" }, { 170, ON, "a" }, { 175, START, "a" },
	{ 200, DRAIN_STOP, "a" }, { 230, STOP, "b" },
};

static void
happen(void *arg)
{
	const struct event *event = arg;
	struct sim_switch *sw = sim_switch_find(event->name);

	switch (event->act) {
	case START:
		sim_switch_start(sw);
		return;
	case KILL:
		sim_switch_kill(sw);
		return;
	case HANG:
	case RESUME:
		sim_switch_hang(sw, event->act == HANG);
		return;
	case DRAIN:
	case DRAIN_STOP:
		sim_switch_drain(sw, event->act == DRAIN_STOP);
		return;
	case UNDRAIN:
		sim_switch_undrain(sw);
		return;
	case STOP:
		sim_switch_stop(sw);
		return;
	case OFF:
	case ON:
		sim_switch_power(sw, event->act == ON);
		return;
	}
}

static void
write_account(void)
{
	FILE *out = fopen("alice.conf", "w");

	if (out == NULL)
		abort();
	fprintf(out, "number = \"alice\";\ntoken = \"alice-secret-token\";\n"
	    "switch = \"eu.example\";\nca = \"ca.pem\";\n"
	    "identity = \"alice.pem\";\nknown_peers = \"alice.peers\";\n");
	fclose(out);
}

static void
make_world(void)
{
	static const struct sim_path far = { .delay_us = 60000 };
	static const struct sim_switch_handlers handlers = {
		on_ended, on_drained
	};

	sim_switch_on(&handlers);
	sim_switch_new("a", "eu", "203.0.113.1", false);
	sim_switch_new("b", "eu", "203.0.113.2", false);
	sim_switch_new("c", "us", "203.0.113.3", false);
	alice = sim_machine_new("alice");
	sim_machine_add(alice, "198.51.100.1");
	sim_path_set(alice, sim_switch_machine(sim_switch_find("b")), &far);
	sim_directory_add("alice", "alice-secret-token", "");
	sim_directory_add("bob", "bob-secret-token-ab",
	    "{\"type\":\"command\",\"to\":{\"x\":\"y\"}}");
	sim_child_tell(on_push);
}

int
main(int argc, char *argv[])
{
	static const unsigned calls_s[] = { 5, 30, 61, 80, 105, 190, 215 };
	struct sim_path path = { .delay_us = 20000, .jitter_us = 5000 };
	size_t i;

	if (argc < 3 || chdir(argv[1]) < 0) {
		fprintf(stderr, "usage: fourth FOLDER SEED [LOSS]\n");
		return 1;
	}
	if (argc > 3)
		path.loss = (uint32_t)atoi(argv[3]);
	write_account();
	json_object_seed(1);
	sim_begin(strtoull(argv[2], NULL, 10));
	sim_record_to(stdout);
	sim_path_usual(&path);
	make_world();
	for (i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		sim_at(events[i].at_s * SIM_S, happen, &events[i]);
	for (i = 0; i < sizeof(calls_s) / sizeof(calls_s[0]); i++)
		sim_at(calls_s[i] * SIM_S, call, NULL);
	for (i = 1; i < END_S / 5; i++)
		sim_at((5 * i + 1) * SIM_S, tell_state, NULL);
	sim_run(END_S * SIM_S);
	printf("seed=%s lines=%llu hash=%016llx\n", argv[2],
	    (unsigned long long)sim_record_count(),
	    (unsigned long long)sim_record_hash());
	sim_end();
	sim_directory_reset();
	sim_dns_reset();
	sim_switch_reset();
	return 0;
}
