/*
 * directories: what may happen to the directory. The switches a and b, of which
 * a is nearer, read a replica beside a, or the primary. Alice, by rp-dial, calls
 * somebody who does not come.
 *
 *   directories FOLDER SEED
 *
 * See `events` for what happens when; a call lasts 3 s.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/sim.h"
#include "stand/stand.h"
#include "world/scenario.h"
#include "world/switch.h"

#define END_S 300

static struct scenario_dial alice = {
	.name = "alice", .args = { "--account", "alice.conf", "--json",
	    "alice.json", NULL }
};
static struct scenario_dial dave = {
	.name = "dave", .args = { "--account", "dave.conf", "--answer",
	    "--push-listen", "198.51.100.2:8080" }
};
#define CALLEE 4			/* where it stands in alice.args */

enum act { FATE, CALL, ADD, ANSWER };

static const struct event {
	unsigned at_s;
	enum act act;
	const char *name;	/* of a switch, or a number; NULL: all */
	struct sim_directory_fate fate;
} events[] = {
	{ 5, CALL, "bob", { 0 } },
	{ 10, FATE, "a", { .away = true } },
	{ 15, CALL, "bob", { 0 } },
	{ 20, FATE, "a", { .delay_us = 500 } },
	{ 25, CALL, "bob", { 0 } },
	{ 30, FATE, "a", { .silent = true } },
	{ 40, CALL, "bob", { 0 } },
	{ 45, FATE, "a", { .delay_us = 500 } },
	{ 50, FATE, NULL, { .away = true } },
	{ 55, CALL, "bob", { 0 } },
	{ 70, FATE, "a", { .replica = true, .lag_ms = 60000 } },
	{ 71, ADD, "bob", { 0 } },
	{ 72, ADD, "carol", { 0 } },
	{ 75, CALL, "bob", { 0 } },
	{ 80, CALL, "carol", { 0 } },
	{ 90, FATE, "a", { .replica = true, .lag_ms = 60000,
	    .primary_away = true } },
	{ 95, CALL, "carol", { 0 } },
	{ 100, FATE, "a", { .replica = true, .lag_ms = 10000 } },
	{ 105, CALL, "bob", { 0 } },
	{ 110, FATE, NULL, { .full = true } },
	{ 111, FATE, "a", { .full = true } },
	{ 115, ANSWER, "dave", { 0 } },
	{ 120, CALL, "bob", { 0 } },
	{ 130, FATE, NULL, { .delay_us = 500 } },
	{ 131, FATE, "a", { .delay_us = 500 } },
	{ 180, CALL, "dave", { 0 } },
	{ 200, FATE, "a", { .delay_us = 300000, .jitter_us = 200000 } },
	{ 205, CALL, "bob", { 0 } },
	{ 215, FATE, "a", { .fails = 1000000 } },
	{ 220, CALL, "bob", { 0 } },
};

static void
happen(void *arg)
{
	const struct event *event = arg;
	struct sim_switch *sw;

	switch (event->act) {
	case FATE:
		sw = event->name != NULL ? sim_switch_find(event->name) : NULL;
		sim_record("fate", "of=%s", sw != NULL ? event->name : "all");
		sim_directory_fate(sw != NULL ? sim_switch_machine(sw) : NULL,
		    &event->fate);
		return;
	case CALL:
		sim_record("calls", "callee=%s", event->name);
		alice.args[CALLEE] = event->name;
		scenario_dial(&alice);
		sim_at(sim_now() + 3 * SIM_S, scenario_hang_up, &alice);
		return;
	case ADD:
		sim_directory_add(event->name, "a-second-secret-token",
		    SCENARIO_PUSH);
		return;
	case ANSWER:
		scenario_dial(&dave);
		return;
	}
}

static void
on_push(struct sim_process *process, const char *text, size_t len)
{
	(void)process;
	(void)text;
	(void)len;
}

static void
make_world(void)
{
	static const struct sim_path far = { .delay_us = 60000 };

	sim_switch_start(sim_switch_new("a", "eu", "203.0.113.1", false));
	sim_switch_start(sim_switch_new("b", "eu", "203.0.113.2", false));
	alice.machine = sim_machine_new("alice");
	sim_machine_add(alice.machine, "198.51.100.1");
	dave.machine = sim_machine_new("dave");
	sim_machine_add(dave.machine, "198.51.100.2");
	sim_path_set(alice.machine, sim_switch_machine(sim_switch_find("b")),
	    &far);
	sim_path_set(dave.machine, sim_switch_machine(sim_switch_find("b")),
	    &far);
	scenario_account("alice", "eu", "");
	scenario_account("dave", "eu", "");
	sim_directory_add("bob", "bob-secret-token", SCENARIO_PUSH);
	sim_child_tell(on_push);
}

int
main(int argc, char *argv[])
{
	size_t i;

	if (argc < 3 || chdir(argv[1]) < 0) {
		fprintf(stderr, "usage: directories FOLDER SEED\n");
		return 1;
	}
	scenario_begin(argv[2], NULL);
	make_world();
	for (i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		sim_at(events[i].at_s * SIM_S, happen, (void *)&events[i]);
	scenario_end(argv[2], END_S * SIM_S);
	return 0;
}
