/* days: many days of a world, several at once. */
#ifndef RP_SIM_DAYS_H
#define RP_SIM_DAYS_H

#include <stdbool.h>

#include "world/world.h"

struct days_options {
	struct world_options world;	/* but for the day */
	unsigned first, last, jobs;
	const char *folder;		/* with the fixture */
};

/*
 * Run the days, until one fails. Write what was counted, and of a day that
 * failed the name of the invariant and the end of the record, to standard
 * output. The last line is "seed=N day=D lines=L hash=H", whose hash is over
 * those of all days. Return whether all is well.
 */
bool days_run(const struct days_options *options);

#endif
