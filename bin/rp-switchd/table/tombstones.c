/*
 * tombstones: calls that ended recently, in a table of fixed size; the oldest
 * of a set is overwritten. Pure. See tombstones.h.
 */
#include "table/tombstones.h"

#include <stddef.h>

#include "base/clock.h"

void
tombstones_add(struct tombstones *ended, uint64_t call, uint64_t now_ns)
{
	size_t set = call % TOMBSTONES_SETS, way, oldest = 0;

	for (way = 1; way < TOMBSTONES_WAYS; way++)
		if (ended->entry[set][way].since_ns <
		    ended->entry[set][oldest].since_ns)
			oldest = way;
	ended->entry[set][oldest].call = call;
	ended->entry[set][oldest].since_ns = now_ns;
}

bool
tombstones_has(const struct tombstones *ended, uint64_t call, uint64_t now_ns)
{
	size_t set = call % TOMBSTONES_SETS, way;

	for (way = 0; way < TOMBSTONES_WAYS; way++)
		if (ended->entry[set][way].call == call &&
		    ended->entry[set][way].since_ns != 0 &&
		    now_ns < ended->entry[set][way].since_ns +
		    TOMBSTONES_S * CLOCK_S)
			return true;
	return false;
}
