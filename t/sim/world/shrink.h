/*
 * shrink: what of a day that fails is needed for it to fail. Faults, numbers,
 * habits, hours, calls, devices, changes of version, and what is of 0.1.0, are
 * left out, for as long as the day still fails in the same way: by the same
 * invariant, in a sentence of the same words. Each try is a process.
 */
#ifndef RP_SIM_SHRINK_H
#define RP_SIM_SHRINK_H

#include <stdbool.h>

#include "world/days.h"

/*
 * Shrink the first of the days that fails. To standard output go what was left
 * out, the story of what remains (world/tell.h), whether it fails as a story,
 * and at the end the command that repeats it. FOLDER/shrunk.story and
 * FOLDER/shrunk.record are written, too. Return whether no day fails.
 */
bool shrink_days(const struct days_options *options);

#endif
