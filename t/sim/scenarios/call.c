/*
 * call: two rp-dials, whole, by their mains and accounts. Bob's waits to be
 * woken; alice's calls. The push goes by rp-pushsend, encrypted and signed, to a
 * push service, and from there to his endpoint. They meet at the relay by ICE
 * and DTLS, talk, and alice hangs up. Any of the three programs can be 0.1.0's,
 * if that is linked (old/build.sh).
 *
 *   call FOLDER SEED [LOSS [old-switch] [old-alice] [old-bob] [lazy]]
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/sim.h"
#include "world/pushsend.h"
#include "world/scenario.h"
#include "world/service.h"
#include "world/switch.h"

#define LAZY_MS 3000

static struct scenario_dial alice = {
	.name = "alice", .args = { "--account", "alice.conf", "--json",
	    "alice.json", "--duration", "10", "bob" }
};
static struct scenario_dial bob = {
	.name = "bob", .args = { "--account", "bob.conf", "--answer", "--once",
	    "--ring", "2", "--json", "bob.json", "--push-listen",
	    "198.51.100.2:8080" }
};
static bool old_switch, lazy;

static void
read_versions(int argc, char *argv[])
{
	int i;

	for (i = 4; i < argc; i++) {
		old_switch |= strcmp(argv[i], "old-switch") == 0;
		alice.old |= strcmp(argv[i], "old-alice") == 0;
		bob.old |= strcmp(argv[i], "old-bob") == 0;
		lazy |= strcmp(argv[i], "lazy") == 0;
	}
	if ((old_switch || alice.old || bob.old) && !scenario_has_old()) {
		fprintf(stderr, "call: 0.1.0 is not linked\n");
		exit(1);
	}
}

int
main(int argc, char *argv[])
{
	struct sim_switch *sw1;

	if (argc < 3 || chdir(argv[1]) < 0) {
		fprintf(stderr, "usage: call FOLDER SEED [LOSS [VERSIONS]]\n");
		return 1;
	}
	read_versions(argc, argv);
	scenario_begin(argv[2], argc > 3 ? argv[3] : NULL);
	sw1 = sim_switch_new("sw1", "region", "203.0.113.1", old_switch);
	alice.machine = sim_machine_new("alice");
	bob.machine = sim_machine_new("bob");
	sim_machine_add(alice.machine, "198.51.100.1");
	sim_machine_add(bob.machine, "198.51.100.2");
	scenario_account("alice", "sw1", "");
	scenario_account("bob", "sw1", "");
	sim_service_start("192.0.2.9");
	sim_pushsend_register();
	sim_switch_start(sw1);
	if (lazy)
		sim_process_lazy(sim_switch_process(sw1), LAZY_MS);
	sim_at(1 * SIM_S, scenario_dial, &bob);
	sim_at(5 * SIM_S, scenario_dial, &alice);
	scenario_end(argv[2], 100 * SIM_S);
	return 0;
}
