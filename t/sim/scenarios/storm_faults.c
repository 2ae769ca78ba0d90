/* storm_faults: each of them once. See storm_faults.h. */
#include "scenarios/storm_faults.h"

#include "core/private.h"
#include "stand/stand.h"
#include "world/pushsend.h"
#include "world/service.h"
#include "world/switch.h"

static struct sim_random random_faults;

uint64_t
storm_draw(struct sim_random *r, uint64_t least, uint64_t most)
{
	return least + sim_random_below(r, most - least + 1);
}

/* Faults of pushes. */
static void
draw_push(void)
{
	static const int statuses[] = {
		0, 0, 0, 201, 404, 410, 413, 429, 500, 503, SIM_PUSH_UNREACHED,
		SIM_PUSH_SILENT, SIM_PUSH_UNSAID, 403, 302
	};
	struct sim_random *r = &random_faults;
	struct sim_push_fate fate = {
		.loss = (uint32_t)storm_draw(r, 0, 500000),
		.twice = (uint32_t)storm_draw(r, 0, 500000),
		.least_ns = storm_draw(r, 0, 2000) * SIM_MS,
		.status = statuses[storm_draw(r, 0, 14)],
		.of = (uint32_t)storm_draw(r, 0, 1000000),
		.retry_after_s = (unsigned)storm_draw(r, 0, 10)
	};

	fate.most_ns = fate.least_ns + storm_draw(r, 0, 8000) * SIM_MS;
	sim_record("fault", "push status=%d of=%u", fate.status, fate.of);
	sim_service_fate(NULL, &fate);
}

static void
draw_directory(void)
{
	struct sim_random *r = &random_faults;
	struct sim_switch *sw = sim_switch_at(storm_draw(r, 0, STORM_SWITCHES - 1));
	uint64_t kind = storm_draw(r, 0, 8);
	struct sim_directory_fate fate = {
		.delay_us = (uint32_t)storm_draw(r, 0, 3000),
		.replica = kind == 0 || kind == 3, .away = kind == 1,
		.silent = kind == 2, .primary_away = kind == 3,
		.full = kind == 4
	};

	if (fate.replica)
		fate.lag_ms = (uint32_t)storm_draw(r, 0, 60000);
	if (kind == 5)
		fate.fails = (uint32_t)storm_draw(r, 1, 1000000);
	if (kind == 6)
		fate.jitter_us = (uint32_t)storm_draw(r, 1, 6000000);
	sim_record("fault", "directory switch=%s kind=%d",
	    sim_switch_name(sw), (int)kind);
	sim_directory_fate(storm_draw(r, 0, 3) == 0 ? NULL :
	    sim_switch_machine(sw), &fate);
}

static void
resume(void *arg)
{
	sim_switch_hang(arg, false);
}

void
storm_start(void *arg)
{
	sim_switch_power(arg, true);
	sim_switch_start(arg);
	sim_process_lazy(sim_switch_process(arg), 3000);
	sim_process_short_of(sim_switch_process(arg), SIM_TRANSFERS, 50000);
}

static void
mend_shorts(void *arg)
{
	struct sim_process *process = sim_switch_process(arg);

	if (process == NULL)
		return;
	sim_process_short_of(process, SIM_DESCRIPTORS, 0);
	sim_process_short_of(process, SIM_BUFFERS, 0);
	sim_process_short_of(process, SIM_MEMORY, 0);
}

static void
resume_sender(void *arg)
{
	sim_pushsend_hang(arg, false);
}

static void
undrain(void *arg)
{
	sim_switch_undrain(arg);
}

static void
mend_clock(void *arg)
{
	sim_machine_clock(arg, 0);
}

static void
mend_path(void *arg)
{
	static const struct sim_path good = { .delay_us = 10000 };

	sim_path_set(arg, sim_service_machine(), &good);
}

static void
draw_switch(void)
{
	static const struct sim_path cut = { .cut = true };
	struct sim_random *r = &random_faults;
	struct sim_switch *sw = sim_switch_at(storm_draw(r, 0, STORM_SWITCHES - 1));
	struct sim_machine *machine = sim_switch_machine(sw);
	uint64_t kind = storm_draw(r, 0, 13);
	uint64_t until = sim_now() + storm_draw(r, 100, 60000) * SIM_MS;

	sim_switch_set_old(sw, storm_draw(r, 0, 3) == 0);
	sim_record("fault", "switch=%s kind=%d", sim_switch_name(sw),
	    (int)kind);
	switch (kind) {
	case 0:
		sim_switch_kill(sw);
		sim_at(until, storm_start, sw);
		break;
	case 1:
		sim_switch_hang(sw, true);
		sim_at(until, resume, sw);
		break;
	case 2:
		sim_switch_drain(sw, false);
		sim_at(until, undrain, sw);
		break;
	case 3:
		sim_switch_drain(sw, true);
		sim_at(until, storm_start, sw);
		break;
	case 4:
		sim_switch_stop(sw);
		sim_at(until, storm_start, sw);
		break;
	case 5:
		sim_switch_power(sw, false);
		sim_at(until, storm_start, sw);
		break;
	case 6:
		sim_switch_reload(sw);
		break;
	case 7:
		sim_machine_clock(machine,
		    (int64_t)storm_draw(r, 0, 172800) - 86400);
		sim_at(until, mend_clock, machine);
		break;
	case 8:
		sim_path_set(machine, sim_service_machine(), &cut);
		sim_at(until, mend_path, machine);
		break;
	case 9:
		sim_pushsend_kill(machine);
		break;
	case 10:
		sim_pushsend_hang(machine, true);
		sim_at(until, resume_sender, machine);
		break;
	default:
		if (sim_switch_runs(sw))
			sim_process_short_of(sim_switch_process(sw),
			    kind == 11 ? SIM_DESCRIPTORS : kind == 12 ?
			    SIM_BUFFERS : SIM_MEMORY,
			    (uint32_t)storm_draw(r, 100, 100000));
		sim_at(until, mend_shorts, sw);
		break;
	}
}

void
storm_fault(void)
{
	static void (*const kinds[])(void) = {
		draw_push, draw_directory, draw_switch
	};

	kinds[storm_draw(&random_faults, 0, 2)]();
}

uint64_t
storm_fault_pause(void)
{
	return storm_draw(&random_faults, 1000, 20000) * SIM_MS;
}

void
storm_mend(void)
{
	struct sim_switch *sw;
	size_t i;

	sim_service_fate(NULL, NULL);
	sim_directory_fate(NULL, NULL);
	for (i = 0; (sw = sim_switch_at(i)) != NULL; i++) {
		sim_directory_fate(sim_switch_machine(sw), NULL);
		sim_machine_clock(sim_switch_machine(sw), 0);
		mend_path(sim_switch_machine(sw));
		sim_switch_hang(sw, false);
		resume_sender(sim_switch_machine(sw));
		mend_shorts(sw);
	}
}

void
storm_faults_begin(void)
{
	sim_random_init(&random_faults, "faults");
}
