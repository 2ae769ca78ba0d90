/*
 * format_gdnsd_map: gdnsd's map from places of a GeoIP2 database to
 * datacenters.
 */
#ifndef RP_REGIONPROBE_FORMAT_GDNSD_MAP_H
#define RP_REGIONPROBE_FORMAT_GDNSD_MAP_H

#include <stdio.h>

#include "verdict/region_report.h"

/* Return the region's name among gdnsd's datacenters. */
const char *format_gdnsd_map_name(const struct region *region);

/*
 * Print `geoip2_db` and the tree of continents, countries and subdivisions, or
 * nothing if no region has any.
 *
 *  -ENOMEM  out of memory
 */
int format_gdnsd_map(const struct region_report *report, FILE *out);

#endif
