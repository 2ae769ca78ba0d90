/*
 * second: rp-dial whole, by its main and an account, calls somebody who does not
 * come. It looks the switch up, asks it, allocates at its relay, and hears in
 * the end that nobody answered.
 *
 *   second FOLDER SEED [LOSS]
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

int sim_dial_main(int argc, char *argv[]);

static int
run_dial(void *arg)
{
	static char *argv[] = {
		"rp-dial", "--account", "alice.conf", "--json", "alice.json",
		"--duration", "5", "bob", NULL
	};

	(void)arg;
	optind = 0;
	return sim_dial_main(8, argv);
}

static void
on_ended(struct sim_process *process, int status)
{
	sim_record("ended", "process=%s status=%d", sim_process_name(process),
	    status);
}

static void
on_push(struct sim_process *process, const char *text, size_t len)
{
	(void)process;
	(void)text;
	sim_record("push", "len=%zu", len);
}

static struct sim_machine *alice;

static void
call(void *arg)
{
	(void)arg;
	sim_process_new(alice, "alice", run_dial, NULL, on_ended);
}

static void
write_account(void)
{
	FILE *out = fopen("alice.conf", "w");

	if (out == NULL)
		abort();
	fprintf(out, "number = \"alice\";\ntoken = \"alice-secret-token\";\n"
	    "switch = \"sw1.example\";\nca = \"ca.pem\";\n"
	    "identity = \"alice.pem\";\nknown_peers = \"alice.peers\";\n");
	fclose(out);
}

int
main(int argc, char *argv[])
{
	struct sim_path path = { .delay_us = 20000, .jitter_us = 5000 };
	struct sim_switch *sw1;

	if (argc < 3 || chdir(argv[1]) < 0) {
		fprintf(stderr, "usage: second FOLDER SEED [LOSS]\n");
		return 1;
	}
	if (argc > 3)
		path.loss = (uint32_t)atoi(argv[3]);
	write_account();
	json_object_seed(1);
	sim_begin(strtoull(argv[2], NULL, 10));
	sim_record_to(stdout);
	sim_path_usual(&path);
	sw1 = sim_switch_new("sw1", "region", "203.0.113.1", false);
	alice = sim_machine_new("alice");
	sim_machine_add(alice, "198.51.100.1");
	sim_directory_add("alice", "alice-secret-token", "");
	sim_directory_add("bob", "bob-secret-token-ab",
	    "{\"type\":\"command\",\"to\":{\"x\":\"y\"}}");
	sim_child_tell(on_push);
	sim_switch_start(sw1);
	sim_at(2 * SIM_S, call, NULL);
	sim_run(100 * SIM_S);
	printf("seed=%s lines=%llu hash=%016llx\n", argv[2],
	    (unsigned long long)sim_record_count(),
	    (unsigned long long)sim_record_hash());
	sim_end();
	sim_directory_reset();
	sim_dns_reset();
	sim_switch_reset();
	return 0;
}
