/* versions: what is drawn, and a change of version. See versions.h. */
#include "world/versions.h"

#include <stdio.h>
#include <string.h>

#include "core/sim.h"
#include "world/count.h"
#include "world/switch.h"
#include "world/world.h"

#define OLD_PERCENT 10
#define OLD_MOST 2			/* switches, in the morning */
#define UPGRADES 3			/* in a day, at most */
#define HOUR (3600 * SIM_S)
#define FIRST (7 * HOUR)
#define LAST (22 * HOUR)

static struct versions_change planned[UPGRADES];
static struct versions_change *changes[UPGRADES];
static size_t n_changes;

int old_dial_main(int argc, char *argv[]) __attribute__((weak));
int old_switch_main(int argc, char *argv[]) __attribute__((weak));

bool
versions_are_linked(void)
{
	return old_dial_main != NULL && old_switch_main != NULL;
}

unsigned
versions_usual(void)
{
	return versions_are_linked() ? OLD_PERCENT : 0;
}

/*
 * Its service manager starts it again when it has ended (world.c), and then it
 * is the other version. So it is if it ends of another reason before.
 */
static void
upgrade(void *arg)
{
	struct versions_change *u = arg;
	bool back = !sim_switch_wants_old(u->sw);

	sim_record("upgrade", "number=%u switch=%s back=%d", u->number,
	    sim_switch_name(u->sw), back);
	count_in("upgrade", back ? "back" : "up", 1);
	u->from = sim_now();
	u->to = SIM_NEVER;
	changes[n_changes++] = u;
	sim_switch_set_old(u->sw, back);
	sim_switch_drain(u->sw, true);
}

void
versions_started(const struct sim_switch *sw)
{
	size_t i;

	for (i = 0; i < n_changes; i++)
		if (changes[i]->sw == sw && changes[i]->to == SIM_NEVER)
			changes[i]->to = sim_now();
}

const struct versions_change *
versions_change(size_t i)
{
	return i < n_changes ? changes[i] : NULL;
}

const char *const versions_names[] = {
	"upgrade0", "upgrade1", "upgrade2", "old-switches", "old-phones", NULL
};

bool
versions_phone(const struct world_options *options, uint64_t draw)
{
	return draw < options->old_percent && !world_without("old-phones");
}

static void
plan_upgrade(const struct world_options *options, unsigned number)
{
	struct versions_change *u = &planned[number];
	struct sim_random random;
	char name[16];

	sim_random_init(&random, "upgrade%u", number);
	u->number = number;
	u->sw = sim_switch_at(sim_random_below(&random, options->switches));
	snprintf(name, sizeof(name), "upgrade%u", number);
	if (!world_without(name))
		sim_at(FIRST + sim_random_below(&random, LAST - FIRST),
		    upgrade, u);
}

void
versions_plan(const struct world_options *options)
{
	struct sim_random random;
	uint64_t n;
	unsigned i;

	if (options->old_percent == 0)
		return;
	sim_random_init(&random, "versions");
	n = sim_random_below(&random, OLD_MOST + 1);
	while (n-- > 0 && !world_without("old-switches"))
		sim_switch_set_old(sim_switch_at(sim_random_below(&random,
		    options->switches)), true);
	n = sim_random_below(&random, UPGRADES + 1);
	for (i = 0; i < n; i++)
		plan_upgrade(options, i);
}

void
versions_reset(void)
{
	n_changes = 0;
}
