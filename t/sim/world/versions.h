/*
 * versions: 0.1.0 in a world, if it is linked (old/). Some phones are of it, on
 * two days of three one or two switches, and switches change their version in
 * mid-day, up and back, as their operator does it: drained, stopped, started.
 *
 * What 0.1.0 does worse is no failure of this version. A call of which an end is
 * its phone's, or may be, because the peer's number has one, is judged loosely:
 *
 *  own_death_only	its end may have any reason; such are counted ("old")
 *  one_reason		so may both ends; counted as "old.one-reason"
 *  one_device		several devices may think that they had it
 *  rings		not asked: it registers anew after each call, and cannot
 *			while directories are full
 *  old_works		instead: three of four such calls come to media
 *  no_wait		an end of 0.1.0 is seen only when it is over
 *
 * A switch of 0.1.0 is asked for all of it but its state at the day's end
 * (`returns`), and nothing excuses a call that is lost by a change of version.
 * While its directory is away, such a switch does not take back who has left,
 * and that is a trouble of those who talk there.
 *
 * What can be left out (world.h): "upgradeN"; "old-switches", which are then of
 * this version in the morning; and "old-phones", which are so all day.
 */
#ifndef RP_SIM_VERSIONS_H
#define RP_SIM_VERSIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim_switch;
struct world_options;

/* Are both of 0.1.0's programs linked? */
bool versions_are_linked(void);
/* How many phones in a hundred are of it, unless something else is said. */
unsigned versions_usual(void);

/* What can be left out, up to a NULL. */
extern const char *const versions_names[];

/* Is a phone of it, whose draw of a hundred is this? */
bool versions_phone(const struct world_options *options, uint64_t draw);

/* Draw what else is of 0.1.0, when the switches are made and have not started. */
void versions_plan(const struct world_options *options);
void versions_reset(void);

/* A switch has started: of the other version, if it was to change it. */
void versions_started(const struct sim_switch *sw);

/* The changes of the day that have begun; NULL: no more. */
struct versions_change {
	struct sim_switch *sw;
	unsigned number;
	uint64_t from, to;		/* SIM_NEVER: it has not started yet */
};
const struct versions_change *versions_change(size_t i);

#endif
