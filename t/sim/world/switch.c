/* switch: a process as the main.c of rp-switchd makes it. See switch.h. */
#include "world/switch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf/settings.h"
#include "core/sim.h"
#include "net/keyholder.h"
#include "switchd.h"
#include "turn/turnlink.h"
#include "wire/why.h"

struct sim_switch {
	const char *name, *ip;
	char conf[64];
	struct sim_machine *machine;
	struct sim_process *process;
};

static int
read_settings(struct settings *settings, char why[static WHY_TEXT], void *arg)
{
	const struct conf_source from = { .file = arg };

	if (settings_defaults(settings) < 0)
		return -ENOMEM;
	return settings_read(settings, &from, NULL, why);
}

static int
run(void *arg)
{
	struct sim_switch *s = arg;
	struct settings settings = { 0 };
	struct switchd_options start = {
		.settings = &settings, .read = read_settings, .arg = s->conf
	};
	struct switchd *sw = NULL;
	char why[WHY_TEXT] = "";
	int err = keyholder_start(&start.keys, "keys", NULL);

	if (err == 0)
		err = turnlink_start(&start.turn,
		    keyholder_guest(start.keys), "relay", NULL);
	if (err == 0)
		err = read_settings(&settings, why, s->conf);
	if (err == 0)
		err = switchd_new(&sw, &start, why);
	if (err == 0)
		err = switchd_run(sw, why);
	switchd_free(sw);
	turnlink_free(start.turn);
	keyholder_free(start.keys);
	settings_free(&settings);
	if (err < 0)
		sim_record("fails", "why=\"%s\"", why);
	return err < 0 ? 1 : 0;
}

static void
write_conf(const struct sim_switch *s)
{
	FILE *out = fopen(s->conf, "w");

	if (out == NULL)
		abort();
	fprintf(out, "name = \"%s.example\";\n"
	    "call = { listen = \"%s:31337\"; };\n"
	    "answer = { listen = \"%s:31338\"; };\n"
	    "tls = { certificate = \"%s.pem\"; key = \"%s.key\"; };\n"
	    "directory = \"sqlite:none\";\n"
	    "push = { command = \"rp-pushsend\"; };\n"
	    "relay = { listen = \"%s:3478\"; kernel = \"off\"; };\n"
	    "sandbox = false;\n", s->name, s->ip, s->ip, s->name, s->name,
	    s->ip);
	fclose(out);
}

struct sim_switch *
sim_switch_new(const char *name, const char *ip)
{
	struct sim_switch *s = calloc(1, sizeof(*s));

	if (s == NULL)
		abort();
	s->name = name;
	s->ip = ip;
	snprintf(s->conf, sizeof(s->conf), "%s.conf", name);
	s->machine = sim_machine_new(name);
	sim_machine_add(s->machine, ip);
	return s;
}

/* The switches of a world, to find the one whose process has ended. */
static struct sim_switch *running[64];

static void
on_ended(struct sim_process *process, int status)
{
	size_t i;

	sim_record("ended", "process=%s status=%d", sim_process_name(process),
	    status);
	for (i = 0; i < 64; i++)
		if (running[i] != NULL && running[i]->process == process) {
			running[i]->process = NULL;
			running[i] = NULL;
		}
}

void
sim_switch_start(struct sim_switch *s)
{
	size_t i;

	for (i = 0; running[i] != NULL; i++)
		;
	running[i] = s;
	write_conf(s);
	s->process = sim_process_new(s->machine, s->name, run, s, on_ended);
}

struct sim_process *
sim_switch_process(const struct sim_switch *s)
{
	return s->process;
}

struct sim_machine *
sim_switch_machine(const struct sim_switch *s)
{
	return s->machine;
}
