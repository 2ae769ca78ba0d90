/* fault: what is drawn, and when it is done. See fault.h. */
#include "world/fault.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim.h"
#include "dns.h"
#include "stand/stand.h"
#include "world/count.h"
#include "world/network.h"
#include "world/person.h"
#include "world/phone.h"
#include "world/service.h"
#include "world/switch.h"
#include "world/trouble.h"
#include "world/versions.h"
#include "world/world.h"

#define FAULTS 256
#define YEAR_S 31536000
#define HOUR (3600 * SIM_S)
#define FIRST (6 * HOUR)		/* people are up from then on */
#define LAST (23 * HOUR)
#define BACK (20 * SIM_S)

struct fault {
	enum fault_kind kind;
	unsigned number;
	struct sim_switch *sw;
	uint64_t from, to;
	uint32_t degree;		/* of a million */
	struct sim_random random;
};

static struct fault faults[FAULTS];
static size_t n_faults;

static const char *const names[FAULT_KINDS] = {
	"kill", "power", "hang", "drain", "stop", "partition", "loss",
	"order", "delay", "clock", "full", "replica", "push", "names"
};

const char *
fault_name(enum fault_kind kind)
{
	return names[kind];
}

uint32_t
fault_bit(const char *name)
{
	unsigned i;

	if (strcmp(name, "all") == 0)
		return (1u << FAULT_KINDS) - 1;
	for (i = 0; i < FAULT_KINDS; i++)
		if (strcmp(name, names[i]) == 0)
			return 1u << i;
	return 0;
}

/* The phones that a fault hits: some of all, the same each time. */
struct hits {
	struct sim_random random;
	uint32_t share;
	size_t next;
};

static struct hits
hits_of(const struct fault *f)
{
	struct hits h = { .random = f->random, .share = 500000 };

	if (f->kind != FAULT_NAMES)
		h.share = 200000 + (uint32_t)sim_random_below(&h.random, 800000);
	return h;
}

static struct sim_phone *
next_hit(struct hits *h)
{
	struct sim_phone *phone;

	while ((phone = person_phone(h->next++)) != NULL)
		if (sim_random_hits(&h->random, h->share))
			return phone;
	return NULL;
}

/* A switch that ended is back some time later, as clients see it. */
static bool
takes_calls(const struct sim_switch *sw, uint64_t at)
{
	const struct versions_change *change;
	const struct fault *f;
	size_t i;

	for (f = faults; f < &faults[n_faults]; f++)
		if (f->sw == sw && f->from <= at && at <= f->to + BACK &&
		    (f->kind == FAULT_KILL || f->kind == FAULT_POWER ||
		    f->kind == FAULT_HANG || f->kind == FAULT_DRAIN ||
		    f->kind == FAULT_STOP || f->kind == FAULT_PARTITION))
			return false;
	for (i = 0; (change = versions_change(i)) != NULL; i++)
		if (change->sw == sw && change->from <= at &&
		    (change->to == SIM_NEVER || at <= change->to + BACK))
			return false;
	return true;
}

static bool
is_shut(const char *region, uint64_t at)
{
	struct sim_switch *sw;
	size_t i;

	for (i = 0; (sw = sim_switch_at(i)) != NULL; i++)
		if (strcmp(sim_switch_region(sw), region) == 0 &&
		    takes_calls(sw, at))
			return false;
	return true;
}

/* It shuts when a fault or a change of version begins, or was shut before. */
bool
fault_shut(const struct sim_machine *phone, uint64_t from, uint64_t to)
{
	const char *region = sim_network_region(phone);
	const struct versions_change *change;
	const struct fault *f;
	size_t i;

	if (region == NULL)
		return false;
	for (f = faults; f < &faults[n_faults]; f++)
		if (f->from > from && f->from <= to && is_shut(region, f->from))
			return true;
	for (i = 0; (change = versions_change(i)) != NULL; i++)
		if (change->from > from && change->from <= to &&
		    is_shut(region, change->from))
			return true;
	return is_shut(region, from);
}

/* Trouble the paths of a switch to some phones; NULL mends them. */
static void
trouble_paths(const struct fault *f, const struct sim_trouble *trouble)
{
	struct hits hits = hits_of(f);
	struct sim_phone *phone;

	while ((phone = next_hit(&hits)) != NULL) {
		sim_record("path", "switch=%s phone=%s",
		    sim_switch_name(f->sw), sim_phone_name(phone));
		sim_network_trouble(sim_switch_machine(f->sw),
		    sim_phone_machine(phone), trouble);
	}
}

bool
fault_is_off(const struct sim_switch *sw)
{
	uint64_t now = sim_now();
	size_t i;

	for (i = 0; i < n_faults; i++)
		if (faults[i].kind == FAULT_POWER && faults[i].sw == sw &&
		    faults[i].from <= now && now < faults[i].to)
			return true;
	return false;
}

static void
mend(void *arg)
{
	const struct fault *f = arg;
	const struct sim_dns_fate names_fine = { .delay_us = 20000,
		.delay_v6_us = 20000 };
	struct sim_phone *phone;
	size_t i;

	sim_record("mends", "fault=%u kind=%s", f->number, names[f->kind]);
	switch (f->kind) {
	case FAULT_POWER:
		sim_switch_power(f->sw, true);
		world_start(f->sw);
		break;
	case FAULT_KILL:
		world_start(f->sw);
		break;
	case FAULT_CLOCK:
		sim_machine_clock(sim_switch_machine(f->sw), world_clock());
		break;
	case FAULT_HANG:
		sim_switch_hang(f->sw, false);
		break;
	case FAULT_DRAIN:
		sim_switch_undrain(f->sw);
		break;
	case FAULT_PARTITION:
	case FAULT_LOSS:
	case FAULT_ORDER:
	case FAULT_DELAY:
		trouble_paths(f, NULL);
		break;
	case FAULT_FULL:
		sim_directory_fail(0, 0);
		break;
	case FAULT_REPLICA:
		sim_directory_fail(0, 0);
		sim_directory_delay(500);
		break;
	case FAULT_NAMES:
		for (i = 0; (phone = person_phone(i)) != NULL; i++)
			sim_dns_fate(sim_phone_machine(phone), &names_fine);
		break;
	case FAULT_PUSH:
		sim_service_fate(NULL, NULL);
		break;
	default:
		break;
	}
}

/* What the services do to pushes, one of it at a time. */
static void
fail_pushes(const struct fault *f)
{
	static const struct sim_push_fate fates[] = {
		{ .loss = 500000, .least_ns = 50 * SIM_MS,
		    .most_ns = 300 * SIM_MS },
		{ .twice = 500000, .least_ns = 50 * SIM_MS,
		    .most_ns = 5 * SIM_S },
		{ .least_ns = SIM_S, .most_ns = 40 * SIM_S },
		{ .status = 429, .of = 500000, .retry_after_s = 2 },
		{ .status = 500, .of = 500000 },
		{ .status = 503, .of = 800000, .retry_after_s = 5 },
		{ .status = SIM_PUSH_UNREACHED, .of = 700000 },
		{ .status = SIM_PUSH_SILENT, .of = 500000 },
		{ .status = SIM_PUSH_UNSAID, .of = 500000,
		    .least_ns = 50 * SIM_MS, .most_ns = 300 * SIM_MS }
	};

	sim_service_fate(NULL,
	    &fates[f->degree % (sizeof(fates) / sizeof(fates[0]))]);
}

static void
fail_paths(const struct fault *f)
{
	struct sim_trouble trouble = { 0 };

	if (f->kind == FAULT_PARTITION)
		trouble.cut = true;
	else if (f->kind == FAULT_LOSS)
		trouble.loss = f->degree / 4;
	else if (f->kind == FAULT_ORDER)
		trouble.twice = trouble.late = f->degree / 2;
	else
		trouble.delay_us = trouble.jitter_us = f->degree / 4;
	trouble_paths(f, &trouble);
}

static void
fail_names(const struct fault *f)
{
	struct sim_dns_fate fate = { .delay_us = 20000, .delay_v6_us = 20000 };
	struct hits hits = hits_of(f);
	struct sim_phone *phone;

	fate.silent = f->degree < 300000;
	fate.silent_v6 = f->degree < 600000;
	fate.fails = f->degree >= 600000;
	while ((phone = next_hit(&hits)) != NULL)
		sim_dns_fate(sim_phone_machine(phone), &fate);
}

static int64_t
jump_of(const struct fault *f)
{
	static const int64_t jumps[] = { 3600, -3600, YEAR_S, -300, 30 };

	return jumps[f->degree % 5];
}

static void
fail(void *arg)
{
	const struct fault *f = arg;

	sim_record("fault", "number=%u kind=%s switch=%s degree=%u", f->number,
	    names[f->kind], sim_switch_name(f->sw), f->degree);
	count_in("fault", names[f->kind], 1);
	switch (f->kind) {
	case FAULT_KILL:
		sim_switch_kill(f->sw);
		break;
	case FAULT_POWER:
		sim_switch_power(f->sw, false);
		break;
	case FAULT_HANG:
		sim_switch_hang(f->sw, true);
		break;
	case FAULT_DRAIN:
		sim_switch_drain(f->sw, false);
		break;
	case FAULT_STOP:
		sim_switch_drain(f->sw, true);
		break;
	case FAULT_CLOCK:
		sim_machine_clock(sim_switch_machine(f->sw),
		    world_clock() + jump_of(f));
		break;
	case FAULT_FULL:
		sim_directory_fail(0, -ENOSPC);
		break;
	case FAULT_REPLICA:
		if (f->degree < 500000)
			sim_directory_fail(-EIO, 0);
		else
			sim_directory_delay(f->degree * 3);
		break;
	case FAULT_NAMES:
		fail_names(f);
		break;
	case FAULT_PUSH:
		fail_pushes(f);
		break;
	default:
		fail_paths(f);
		break;
	}
}

/* How long each lasts at least, and how much more at most, in seconds. */
static const struct span {
	unsigned least, more;
} spans[FAULT_KINDS] = {
	[FAULT_KILL] = { 1, 120 },
	[FAULT_POWER] = { 30, 600 },
	[FAULT_HANG] = { 1, 60 },
	[FAULT_DRAIN] = { 30, 900 },
	[FAULT_STOP] = { 300, 300 },
	[FAULT_PARTITION] = { 1, 300 },
	[FAULT_LOSS] = { 60, 1800 },
	[FAULT_ORDER] = { 60, 1800 },
	[FAULT_DELAY] = { 60, 1800 },
	[FAULT_CLOCK] = { 30, 3600 },
	[FAULT_FULL] = { 60, 3600 },
	[FAULT_REPLICA] = { 10, 600 },
	[FAULT_PUSH] = { 60, 1800 },
	[FAULT_NAMES] = { 5, 300 }
};

static void
draw(struct fault *f, const struct world_options *options, unsigned number)
{
	const struct span *span;

	sim_random_init(&f->random, "fault%u", number);
	f->number = number;
	f->kind = (enum fault_kind)sim_random_below(&f->random, FAULT_KINDS);
	f->sw = sim_switch_at(sim_random_below(&f->random,
	    options->switches));
	f->from = FIRST + sim_random_below(&f->random, LAST - FIRST);
	span = &spans[f->kind];
	f->to = f->from + span->least * SIM_S +
	    sim_random_below(&f->random, span->more * SIM_S);
	f->degree = (uint32_t)sim_random_below(&f->random, 1000000);
}

/* The troubles of some phones, or of their paths to the switch. */
static void
note_hits(const struct fault *f, const struct sim_machine *other,
    unsigned effects)
{
	struct hits hits = hits_of(f);
	struct sim_phone *phone;

	while ((phone = next_hit(&hits)) != NULL)
		trouble_add(sim_phone_machine(phone), other, f->from, f->to,
		    effects, names[f->kind]);
}

/*
 * Note what it disturbs. Neither a drain does that, also before a switch ends,
 * nor packets that are late or come twice, nor a directory that nobody can
 * write. A call that is placed when a clock jumps has credentials of another
 * time, and no phone takes the pushes of another year.
 */
static void
note_trouble(const struct fault *f)
{
	const struct sim_machine *at = sim_switch_machine(f->sw);
	const char *what = names[f->kind];

	switch (f->kind) {
	case FAULT_KILL:
	case FAULT_POWER:
	case FAULT_HANG:
		trouble_add(at, NULL, f->from, f->to, TROUBLE_ANY, what);
		break;
	case FAULT_CLOCK:
		trouble_add(at, NULL, f->from, f->from, TROUBLE_ANY, what);
		trouble_add(at, NULL, f->to, f->to, TROUBLE_ANY, what);
		if (jump_of(f) >= YEAR_S)
			trouble_add(at, NULL, f->from, f->to, TROUBLE_RING,
			    what);
		break;
	case FAULT_PARTITION:
	case FAULT_LOSS:
		note_hits(f, at, TROUBLE_ANY);
		break;
	case FAULT_REPLICA:
		trouble_add(NULL, NULL, f->from, f->to,
		    TROUBLE_SETUP | TROUBLE_RING | TROUBLE_BACK, what);
		break;
	case FAULT_PUSH:
		trouble_add(NULL, NULL, f->from, f->to, TROUBLE_RING, what);
		break;
	case FAULT_NAMES:
		note_hits(f, NULL, TROUBLE_SETUP | TROUBLE_RING);
		break;
	default:
		break;
	}
}

void
fault_plan(const struct world_options *options)
{
	unsigned i;

	for (i = 0; i < options->n_faults && n_faults < FAULTS; i++) {
		struct fault *f = &faults[n_faults];

		draw(f, options, i);
		if ((options->faults & 1u << f->kind) == 0 ||
		    world_without("fault%u", i))
			continue;
		n_faults++;
		sim_at(f->from, fail, f);
		sim_at(f->to, mend, f);
		note_trouble(f);
	}
}

void
fault_reset(void)
{
	n_faults = 0;
	trouble_reset();
}
