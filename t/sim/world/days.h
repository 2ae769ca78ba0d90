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

/* What a day is like if nothing else is said. */
extern const struct days_options days_usual;

/*
 * Run the days, until one fails. Write what was counted, and of a day that
 * failed the name of the invariant and the end of the record, to standard
 * output. The last line is "seed=N day=D lines=L hash=H", whose hash is over
 * those of all days. If one failed, what repeats it follows. Return whether all
 * is well.
 */
bool days_run(const struct days_options *options);

/* Write the command that runs that day again. */
void days_repeat(FILE *out, const struct days_options *options,
    const struct world_options *world);

/*
 * Of a process that runs a day: go to its folder, which is one of so many that
 * run at once.
 */
void days_enter(const char *folder, unsigned place);

#endif
