/*
 * format_places: the places of all regions in one sorted list, for formats that
 * print a tree or a table of them.
 */
#ifndef RP_REGIONPROBE_FORMAT_PLACES_H
#define RP_REGIONPROBE_FORMAT_PLACES_H

#include "verdict/region_report.h"

struct format_place {
	struct geography place;
	const struct change_region *change;	/* of its region */
};

/*
 * List the places of all regions that have addresses after the change, sorted
 * by continent, country and subdivision; the larger place stands first. The
 * caller frees `*out`.
 *
 *  -ENOMEM  out of memory
 */
int format_places_list(const struct region_report *report,
    struct format_place **out, size_t *n);

#endif
