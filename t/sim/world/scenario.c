/* scenario: see scenario.h. */
#include "world/scenario.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

#include "core/sim.h"
#include "dns.h"
#include "stand/stand.h"
#include "world/network.h"
#include "world/phone.h"
#include "world/service.h"
#include "world/switch.h"

#define TEXT 128

static struct scenario_dial *running;

int sim_dial_main(int argc, char *argv[]);
int old_dial_main(int argc, char *argv[]) __attribute__((weak));

void
scenario_begin(const char *seed, const char *loss)
{
	const struct sim_path path = {
		.delay_us = 20000, .jitter_us = 5000,
		.loss = loss != NULL ? (uint32_t)atoi(loss) : 0
	};

	json_object_seed(1);
	sim_begin(strtoull(seed, NULL, 10));
	sim_record_to(stdout);
	sim_path_usual(&path);
}

void
scenario_reset(void)
{
	sim_service_reset();
	sim_end();
	running = NULL;
	sim_phone_reset();
	sim_switch_reset();
	sim_network_reset();
	sim_directory_reset();
	sim_dns_reset();
}

void
scenario_end(const char *seed, uint64_t until)
{
	sim_run(until);
	printf("seed=%s lines=%llu hash=%016llx\n", seed,
	    (unsigned long long)sim_record_count(),
	    (unsigned long long)sim_record_hash());
	scenario_reset();
}

void
scenario_write_account(const char *file, const char *name, const char *region)
{
	FILE *out = fopen(file, "w");

	if (out == NULL)
		abort();
	fprintf(out, "number = \"%s\";\ntoken = \"%s-secret-token\";\n"
	    "switch = \"%s.example\";\nca = \"ca.pem\";\n"
	    "identity = \"%s.pem\";\nknown_peers = \"%s.peers\";\n", name,
	    name, region, name, name);
	fclose(out);
}

void
scenario_account(const char *name, const char *region, const char *push)
{
	char file[TEXT], token[TEXT];

	snprintf(file, sizeof(file), "%s.conf", name);
	snprintf(token, sizeof(token), "%s-secret-token", name);
	scenario_write_account(file, name, region);
	sim_directory_add(name, token, push);
}

/* The arguments of a main that may write to them. */
static int
run_dial(void *arg)
{
	const struct scenario_dial *dial = arg;
	char texts[SCENARIO_ARGS + 1][TEXT] = { "rp-dial" };
	char *argv[SCENARIO_ARGS + 2] = { texts[0] };
	int argc = 1;

	while (argc <= SCENARIO_ARGS && dial->args[argc - 1] != NULL) {
		snprintf(texts[argc], TEXT, "%s", dial->args[argc - 1]);
		argv[argc] = texts[argc];
		argc++;
	}
	optind = 0;
	return dial->old ? old_dial_main(argc, argv) :
	    sim_dial_main(argc, argv);
}

static void
on_ended(struct sim_process *process, int status)
{
	struct scenario_dial **at = &running, *dial;

	sim_record("ended", "process=%s status=%d bytes=%zu",
	    sim_process_name(process), status, sim_process_bytes(process));
	while (*at != NULL && (*at)->process != process)
		at = &(*at)->next;
	dial = *at;
	if (dial == NULL)
		abort();
	*at = dial->next;
	if (dial->ended != NULL)
		dial->ended(dial, status);
	dial->process = NULL;
}

void
scenario_dial(void *arg)
{
	struct scenario_dial *dial = arg;

	dial->process = sim_process_new(dial->machine, dial->name, run_dial,
	    dial, on_ended);
	dial->next = running;
	running = dial;
}

void
scenario_hang_up(void *arg)
{
	const struct scenario_dial *dial = arg;

	if (dial->process != NULL)
		sim_process_signal(dial->process, SIGTERM);
}

bool
scenario_has_old(void)
{
	return old_dial_main != NULL;
}
