/*
 * third: two rp-dials, whole, by their mains and accounts. Bob's waits to be
 * woken; alice's calls. The push goes by rp-pushsend, encrypted and signed, to a
 * push service, and from there to his endpoint. They meet at the relay by ICE
 * and DTLS, talk, and alice hangs up. Any of the three programs can be 0.1.0's,
 * if that is linked (old/build.sh).
 *
 *   third FOLDER SEED [LOSS [old-switch] [old-alice] [old-bob] [lazy]]
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "core/sim.h"
#include "dns.h"
#include "stand/stand.h"
#include "world/pushsend.h"
#include "world/service.h"
#include "world/switch.h"

int sim_dial_main(int argc, char *argv[]);
int old_dial_main(int argc, char *argv[]) __attribute__((weak));

static struct sim_machine *alice, *bob;
static bool old_switch, old_alice, old_bob, lazy;

#define LAZY_MS 3000

static int
run_dial(bool old, int argc, char *argv[])
{
	optind = 0;
	return old ? old_dial_main(argc, argv) : sim_dial_main(argc, argv);
}

static int
run_alice(void *arg)
{
	static char *argv[] = {
		"rp-dial", "--account", "alice.conf", "--json", "alice.json",
		"--duration", "10", "bob", NULL
	};

	(void)arg;
	return run_dial(old_alice, 8, argv);
}

static int
run_bob(void *arg)
{
	static char *argv[] = {
		"rp-dial", "--account", "bob.conf", "--answer", "--once",
		"--ring", "2", "--json", "bob.json", "--push-listen",
		"198.51.100.2:8080", NULL
	};

	(void)arg;
	return run_dial(old_bob, 11, argv);
}

static void
on_ended(struct sim_process *process, int status)
{
	sim_record("ended", "process=%s status=%d bytes=%zu",
	    sim_process_name(process), status, sim_process_bytes(process));
}

static void
start_bob(void *arg)
{
	(void)arg;
	sim_process_new(bob, "bob", run_bob, NULL, on_ended);
}

static void
start_alice(void *arg)
{
	(void)arg;
	sim_process_new(alice, "alice", run_alice, NULL, on_ended);
}

static void
write_account(const char *name)
{
	char file[64];
	FILE *out;

	snprintf(file, sizeof(file), "%s.conf", name);
	out = fopen(file, "w");
	if (out == NULL)
		abort();
	fprintf(out, "number = \"%s\";\ntoken = \"%s-secret-token\";\n"
	    "switch = \"sw1.example\";\nca = \"ca.pem\";\n"
	    "identity = \"%s.pem\";\nknown_peers = \"%s.peers\";\n", name,
	    name, name, name);
	fclose(out);
}

static void
read_versions(int argc, char *argv[])
{
	int i;

	for (i = 4; i < argc; i++) {
		old_switch |= strcmp(argv[i], "old-switch") == 0;
		old_alice |= strcmp(argv[i], "old-alice") == 0;
		old_bob |= strcmp(argv[i], "old-bob") == 0;
		lazy |= strcmp(argv[i], "lazy") == 0;
	}
	if ((old_switch || old_alice || old_bob) && old_dial_main == NULL) {
		fprintf(stderr, "third: 0.1.0 is not linked\n");
		exit(1);
	}
}

int
main(int argc, char *argv[])
{
	struct sim_path path = { .delay_us = 20000, .jitter_us = 5000 };
	struct sim_switch *sw1;

	if (argc < 3 || chdir(argv[1]) < 0) {
		fprintf(stderr, "usage: third FOLDER SEED [LOSS [VERSIONS]]\n");
		return 1;
	}
	if (argc > 3)
		path.loss = (uint32_t)atoi(argv[3]);
	read_versions(argc, argv);
	write_account("alice");
	write_account("bob");
	json_object_seed(1);
	sim_begin(strtoull(argv[2], NULL, 10));
	sim_record_to(stdout);
	sim_path_usual(&path);
	sw1 = sim_switch_new("sw1", "region", "203.0.113.1",
	    old_switch);
	alice = sim_machine_new("alice");
	bob = sim_machine_new("bob");
	sim_machine_add(alice, "198.51.100.1");
	sim_machine_add(bob, "198.51.100.2");
	sim_directory_add("alice", "alice-secret-token", "");
	sim_directory_add("bob", "bob-secret-token", "");
	sim_service_start("192.0.2.9");
	sim_pushsend_register();
	sim_switch_start(sw1);
	if (lazy)
		sim_process_lazy(sim_switch_process(sw1), LAZY_MS);
	sim_at(1 * SIM_S, start_bob, NULL);
	sim_at(5 * SIM_S, start_alice, NULL);
	sim_run(100 * SIM_S);
	printf("seed=%s lines=%llu hash=%016llx\n", argv[2],
	    (unsigned long long)sim_record_count(),
	    (unsigned long long)sim_record_hash());
	sim_service_reset();
	sim_end();
	sim_directory_reset();
	sim_dns_reset();
	sim_switch_reset();
	return 0;
}
