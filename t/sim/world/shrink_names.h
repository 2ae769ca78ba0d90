/*
 * shrink_names: what can be left out of a day (world.h), by kinds, and what of
 * it is left out already.
 */
#ifndef RP_SIM_SHRINK_NAMES_H
#define RP_SIM_SHRINK_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "world/world.h"

#define SHRINK_NAMES 8192

/*
 * Those of one kind lie together, in this order: first what makes the day run
 * sooner.
 */
enum shrink_kind {
	SHRINK_HOURS, SHRINK_NUMBERS, SHRINK_VERSIONS, SHRINK_FAULTS,
	SHRINK_HABITS, SHRINK_CALLS, SHRINK_DEVICES, SHRINK_KINDS
};
const char *shrink_kind_text(enum shrink_kind kind);

struct shrink_names {
	struct shrink_name {
		char name[40];
		bool out;
	} all[SHRINK_NAMES];
	size_t n, begins[SHRINK_KINDS + 1];
};

/* All that a world has, of which its options leave out some. */
void shrink_names_of(struct shrink_names *names,
    const struct world_options *world);

/* Leave out what goes with a number that is left out: its calls and devices. */
void shrink_names_follow(struct shrink_names *names, enum shrink_kind kind);

/* All that are left out, with commas. It is the caller's to free. */
char *shrink_names_out(const struct shrink_names *names);

/*
 * Change the options of that world so that they leave out the same in few words.
 * `with` and `without` are the caller's to free, after them.
 */
void shrink_names_say(const struct shrink_names *names,
    struct world_options *world, char **with, char **without);

#endif
