/*
 * switches: what may happen to switches. Region eu has the switches a and b, of
 * which a is nearer; region us has c. Alice, by rp-dial, calls somebody who does
 * not come, again and again, each call some 12 s.
 *
 *   switches FOLDER SEED [LOSS]
 *
 * At 10 s she rings by a, which drains then; at 30 s she calls by b. At 50 s a
 * is undrained, and hangs at 60 s, when she calls; at 80 s b is killed while she
 * rings there. At 100 s a goes on, and loses power at 110 s, for a minute. All
 * but c are stopped in the end, a by a drain.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/sim.h"
#include "stand/stand.h"
#include "world/scenario.h"
#include "world/switch.h"

#define END_S 260

static struct scenario_dial alice = {
	.name = "alice", .args = { "--account", "alice.conf", "--json",
	    "alice.json", "bob" }
};

static void
call(void *arg)
{
	sim_record("calls", "who=alice");
	scenario_dial(arg);
	sim_at(sim_now() + 12 * SIM_S, scenario_hang_up, arg);
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
	alice.machine = sim_machine_new("alice");
	sim_machine_add(alice.machine, "198.51.100.1");
	sim_path_set(alice.machine, sim_switch_machine(sim_switch_find("b")), &far);
	scenario_account("alice", "eu", "");
	sim_directory_add("bob", "bob-secret-token", SCENARIO_PUSH);
	sim_child_tell(on_push);
}

int
main(int argc, char *argv[])
{
	static const unsigned calls_s[] = { 5, 30, 61, 80, 105, 190, 215 };
	size_t i;

	if (argc < 3 || chdir(argv[1]) < 0) {
		fprintf(stderr, "usage: switches FOLDER SEED [LOSS]\n");
		return 1;
	}
	scenario_begin(argv[2], argc > 3 ? argv[3] : NULL);
	make_world();
	for (i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		sim_at(events[i].at_s * SIM_S, happen, &events[i]);
	for (i = 0; i < sizeof(calls_s) / sizeof(calls_s[0]); i++)
		sim_at(calls_s[i] * SIM_S, call, &alice);
	for (i = 1; i < END_S / 5; i++)
		sim_at((5 * i + 1) * SIM_S, tell_state, NULL);
	scenario_end(argv[2], END_S * SIM_S);
	return 0;
}
