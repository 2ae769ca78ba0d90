/*
 * regions_place: say where a region stands, for an error about another one.
 * Called by regions and geography. See regions.h.
 */
#include "conf/regions.h"

#include <stdio.h>
#include <string.h>

const char *
regions_place(char out[static REGIONS_PLACE], const struct region *here,
    const struct region *there)
{
	if (here->file == NULL || there->file == NULL ||
	    strcmp(here->file, there->file) == 0)
		snprintf(out, REGIONS_PLACE, "line %d", there->line);
	else
		snprintf(out, REGIONS_PLACE, "%.100s:%d", there->file,
		    there->line);
	return out;
}
