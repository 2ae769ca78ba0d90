/*
 * pushsend: a process as the main.c of rp-pushsend makes it; and taps of what it
 * reads and writes.
 */
#include "world/pushsend.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

#include "conf/pushconf.h"
#include "core/sim.h"
#include "sender.h"
#include "stand/stand.h"
#include "wire/pushabout.h"
#include "wire/pushmsg.h"
#include "world/left.h"
#include "world/service.h"

#define CONF "pushsend.conf"
#define KEY "vapid.pem"

/* One that runs, on its own stack. */
struct running {
	LIST_ENTRY(running) next;
	struct sim_process *process;
};
static LIST_HEAD(, running) all = LIST_HEAD_INITIALIZER(all);

int __real_pushmsg_request_parse(struct pushmsg_request *out,
    const char *line, size_t len, char why[static WHY_TEXT]);
int __wrap_pushmsg_request_parse(struct pushmsg_request *out,
    const char *line, size_t len, char why[static WHY_TEXT]);
char *__real_pushmsg_result_line(const struct pushmsg_result *result);
char *__wrap_pushmsg_result_line(const struct pushmsg_result *result);

int
__wrap_pushmsg_request_parse(struct pushmsg_request *out, const char *line,
    size_t len, char why[static WHY_TEXT])
{
	int err = __real_pushmsg_request_parse(out, line, len, why);

	if (!sim_process_is_ghost(sim_process_self()))
		sim_service_requested(out->id);
	return err;
}

char *
__wrap_pushmsg_result_line(const struct pushmsg_result *result)
{
	if (!sim_process_is_ghost(sim_process_self()))
		sim_service_resulted(result->id,
		    pushmsg_status_name(result->status));
	return __real_pushmsg_result_line(result);
}

static int
read_settings(struct pushconf *settings, bool again, char why[static WHY_TEXT],
    void *arg)
{
	const struct conf_source from = { CONF, NULL, again };
	int err = pushconf_defaults(settings);

	(void)arg;
	why_set(why, "out of memory");
	return err < 0 ? err : pushconf_read(settings, &from, why);
}

static void
place_error(char why[static WHY_TEXT], void *arg)
{
	(void)arg;
	pushconf_place(why, CONF);
}

static int
run(int argc, char *argv[], int in, int out)
{
	const struct sender_source source = {
		read_settings, place_error, NULL
	};
	struct running self = { .process = sim_process_self() };
	char why[WHY_TEXT] = "";
	int err;

	(void)argc;
	(void)argv;
	LIST_INSERT_HEAD(&all, &self, next);
	err = sender_run(&source, in, out, why);
	LIST_REMOVE(&self, next);
	left_ended(self.process);
	if (err < 0)
		sim_record("fails", "why=\"%s\"", why);
	return err < 0 ? 1 : 0;
}

/* Those of a machine: of a switch that was killed, too. */
static bool
runs_on(const struct running *r, const struct sim_machine *machine)
{
	return sim_process_machine(r->process) == machine &&
	    !sim_process_is_ghost(r->process);
}

void
sim_pushsend_kill(const struct sim_machine *machine)
{
	struct running *r;

	LIST_FOREACH(r, &all, next)
		if (runs_on(r, machine))
			sim_process_kill(r->process);
}

void
sim_pushsend_hang(const struct sim_machine *machine, bool hangs)
{
	struct running *r;

	LIST_FOREACH(r, &all, next)
		if (runs_on(r, machine))
			sim_process_freeze(r->process, hangs);
}

void
sim_pushsend_register(void)
{
	FILE *conf = fopen(CONF, "w");

	if (conf == NULL)
		abort();
	fprintf(conf, "allow = [ \"198.51.100.0/24\" ];\n");
	if (access(KEY, R_OK) == 0)
		fprintf(conf, "webpush = { key = \"" KEY "\"; "
		    "subject = \"mailto:ops@example.org\"; };\n");
	fclose(conf);
	setenv(PUSHABOUT_VARIABLE, "1", 1);
	sim_program_register("rp-pushsend", run);
}
