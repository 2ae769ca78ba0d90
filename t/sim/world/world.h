/*
 * world: a day of the life of some switches, phones and people, from a seed.
 * A day does not depend on the day before, so days can be run in any order and
 * by several processes, and the day that failed is run again alone.
 *
 * What can be left out of it has a name: a number ("+493055510017"), a device
 * of one ("+493055510017/2"), a fault ("fault3"), a habit of people (person.h),
 * the calls of an hour ("hour9") or one call that a number means to make
 * ("+493055510017#2"). The rest then stays as it was, as far as one does not
 * follow from the other.
 */
#ifndef RP_SIM_WORLD_WORLD_H
#define RP_SIM_WORLD_WORLD_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "world/check.h"

struct sim_machine;
struct sim_switch;

struct world_options {
	uint64_t seed;
	unsigned day;
	unsigned switches, phones;
	unsigned calls;			/* of each number */
	unsigned old_percent;		/* of phones: 0.1.0 */
	uint32_t faults;		/* kinds, see fault.h */
	unsigned n_faults;
	const char *without;		/* names, with commas; "" */
	const char *with;		/* of such a kind only these; "" */
	uint64_t until;			/* it ends sooner; 0: it does not */
	bool lazy;			/* idle switches are skipped in time */
	FILE *record;			/* NULL: none */
};

struct world_result {
	char broken[CHECK_NAME];	/* "": all is well */
	char why[CHECK_WHY];
	uint64_t at;			/* the time at the end */
	uint64_t lines, hash;		/* of the record */
};

/*
 * Run a day. Counts are added to those of count.h. The record's last lines can
 * be read until world_end.
 */
void world_run(const struct world_options *options,
    struct world_result *out);
void world_end(void);

/*
 * The name of all switches. Lead a machine to those of that region by it, as a
 * geographic DNS does.
 */
#define WORLD_NAME "rp.example"
void world_lead(struct sim_machine *machine, const char *region);

/* Start a switch, unless it runs or has no power. */
void world_start(struct sim_switch *sw);

/* What the wall clocks of the day are ahead of those of the first day. */
int64_t world_clock(void);

/* Is that name left out? Its format is printf's. */
bool world_without(const char *format, ...)
    __attribute__((format(printf, 1, 2)));
/* By these options, whether that world runs or not? */
bool world_leaves_out(const struct world_options *options, const char *name);

#endif
