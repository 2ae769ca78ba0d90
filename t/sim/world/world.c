/* world: put together, run for a day, and taken apart. See world.h. */
#include "world/world.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "core/sim.h"
#include "dns.h"
#include "stand/stand.h"
#include "world/calls.h"
#include "world/count.h"
#include "world/fault.h"
#include "world/left.h"
#include "world/network.h"
#include "world/person.h"
#include "world/phone.h"
#include "world/pushsend.h"
#include "world/scenario.h"
#include "world/service.h"
#include "world/switch.h"
#include "world/versions.h"

#define HOUR (3600 * SIM_S)
#define DAY (24 * HOUR)
#define QUIET (25 * HOUR)		/* people sleep from 23 h at the latest */
#define BEFORE (500 * SIM_MS)		/* phones are switched on later */
#define STARTED (2 * 60 * SIM_S)	/* what a switch does at first is done */
#define LOOKS 6				/* 10 s apart: what is left? */
#define RESTART (20 * SIM_S)		/* of a service that has ended */
#define DAY_S 86400
#define LAZY_MS 3000

static const struct world_options *options;

static bool
is_in(const char *list, const char *name)
{
	const char *at = list;
	size_t len = strlen(name);

	while ((at = strstr(at, name)) != NULL) {
		if ((at == list || at[-1] == ',') &&
		    (at[len] == ',' || at[len] == '\0'))
			return true;
		at += len;
	}
	return false;
}

/* The kind of a name: a letter, or what a number has after it. */
static char
kind_of(const char *name)
{
	size_t digits = 1;

	if (*name != '+')
		return *name;
	digits += strspn(name + 1, "0123456789");
	return name[digits] == '#' || name[digits] == '/' ? name[digits] : '+';
}

static bool
has_kind(const char *list, char kind)
{
	while (*list != '\0') {
		if (kind_of(list) == kind)
			return true;
		list += strcspn(list, ",");
		list += *list == ',';
	}
	return false;
}

bool
world_leaves_out(const struct world_options *o, const char *name)
{
	return is_in(o->without, name) || (has_kind(o->with, kind_of(name)) &&
	    !is_in(o->with, name));
}

bool
world_without(const char *format, ...)
{
	char name[64];
	va_list ap;

	va_start(ap, format);
	vsnprintf(name, sizeof(name), format, ap);
	va_end(ap);
	return world_leaves_out(options, name);
}

int64_t
world_clock(void)
{
	return (int64_t)options->day * DAY_S;
}

/* The switches. */

void
world_start(struct sim_switch *sw)
{
	if (fault_is_off(sw) || sim_switch_runs(sw))
		return;
	sim_switch_start(sw);
	versions_started(sw);
	if (options->lazy)
		sim_process_lazy(sim_switch_process(sw), LAZY_MS);
}

static void
restart(void *arg)
{
	world_start(arg);
}

/* A service manager starts it again, of whichever reason it ended. */
static void
on_switch_ended(struct sim_switch *sw, int status, bool ghost)
{
	if (ghost)
		return;
	count_add("switch.ended", 1);
	if (status != 0)
		check_fail("runs", "%s has ended by itself, with status %d",
		    sim_switch_name(sw), status);
	sim_at(sim_now() + RESTART, restart, sw);
}

static void
make_switches(void)
{
	static const struct sim_switch_handlers handlers = {
		.ended = on_switch_ended
	};
	static const char *const names[] = {
		"sw1", "sw2", "sw3", "sw4", "sw5"
	};
	static const char *const ips[] = {
		"203.0.113.1", "203.0.113.2", "203.0.113.3", "203.0.113.4",
		"203.0.113.5"
	};
	struct sim_switch *sw;
	unsigned i;

	sim_switch_on(&handlers);
	for (i = 0; i < options->switches && i < 5; i++) {
		sw = sim_switch_new(names[i], i < 3 ? "east" : "west", ips[i],
		    false);
		sim_machine_clock(sim_switch_machine(sw), world_clock());
		sim_at(i * SIM_MS, restart, sw);
	}
}

void
world_lead(struct sim_machine *machine, const char *region)
{
	const struct sim_switch *sw;
	const char *ips[8];
	size_t i, n = 0;

	for (i = 0; (sw = sim_switch_at(i)) != NULL; i++)
		if (strcmp(sim_switch_region(sw), region) == 0)
			ips[n++] = sim_switch_ip(sw);
	sim_dns_set(WORLD_NAME, machine, ips, n);
}

static uint64_t
day_seed(void)
{
	return options->seed * 1000003u + options->day;
}

static void
begin(void)
{
	json_object_seed(1);
	count_add("days", 1);
	sim_begin(day_seed());
	sim_record_to(options->record);
	check_begin();
	make_switches();
	sim_service_start("192.0.2.9");
	sim_pushsend_register();
	sim_service_on_wake(sim_phone_push);
	sim_service_on(check_push, check_pushed);
	versions_plan(options);
	person_plan(options);
	fault_plan(options);
}

static void
at_baseline(void *arg)
{
	(void)arg;
	left_baseline();
}

static void
at_quiet(void *arg)
{
	(void)arg;
	left_quiet();
}

static void
at_end(void *arg)
{
	(void)arg;
	check_returned();
}

void
world_run(const struct world_options *how, struct world_result *out)
{
	char why[CHECK_WHY];
	const char *broken;
	unsigned i;

	options = how;
	memset(out, 0, sizeof(*out));
	begin();
	sim_at(BEFORE, at_baseline, NULL);
	sim_at(STARTED, at_baseline, NULL);
	for (i = 1; i <= LOOKS; i++)
		sim_at(QUIET - i * 10 * SIM_S, at_quiet, NULL);
	sim_at(QUIET - 1, at_end, NULL);
	sim_run(options->until != 0 && options->until < QUIET ?
	    options->until : QUIET);
	broken = check_broken(why);
	if (broken != NULL) {
		strcpy(out->broken, broken);
		strcpy(out->why, why);
	}
	out->at = sim_now();
	out->lines = sim_record_count();
	out->hash = sim_record_hash();
	count_add("lines", out->lines);
}

void
world_end(void)
{
	scenario_reset();
	check_reset();
	person_reset();
	fault_reset();
	versions_reset();
	options = NULL;
}
