/*
 * format_alias: the plain name of each region, for providers whose geographic
 * records hold an alias. Those with several addresses answer one of them at
 * random; behind an alias stands an ordinary record, and all of it is answered.
 */
#ifndef RP_REGIONPROBE_FORMAT_ALIAS_H
#define RP_REGIONPROBE_FORMAT_ALIAS_H

#include "survey/ask.h"
#include "verdict/region_report.h"
#include "wire/why.h"

/* Room for a region before any name; a name that is too long is told. */
#define FORMAT_ALIAS_NAME (ASK_NAME + REGIONS_NAME + 2)

/*
 * Write the region's name with its last dot: `record` of the file, or the alias
 * that DNS has for the region, or the region's name before the GSLB name.
 * Return `out`.
 */
const char *format_alias_name(char out[static FORMAT_ALIAS_NAME],
    const struct region_report *report, const struct region *region);

/*
 * Write the geographic name with its last dot: the GSLB name or, if it is an
 * alias of the same name for all clients, that name. Return `out`.
 */
const char *format_alias_owner(char out[static FORMAT_ALIAS_NAME],
    const struct region_report *report);

/*
 * Check that the GSLB name may be an alias, and that each region has a name of
 * its own.
 *
 *  -EINVAL  it is the top of its zone, or a name is too long or used twice
 */
int format_alias_check(const struct region_report *report,
    char why[static WHY_TEXT]);

#endif
