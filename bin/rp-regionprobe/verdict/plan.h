/*
 * plan: decide whether a change may be printed, and compute it. Resolvers
 * judge; what is written is known from the file or from the zone's servers.
 */
#ifndef RP_REGIONPROBE_PLAN_H
#define RP_REGIONPROBE_PLAN_H

#include "verdict/region_report.h"

/*
 * With --add or --remove, set `change` of the report, or `no_change` and a
 * status that is not 0. A removal needs no region of the switch's own network,
 * so its status is 0 if there is a change to print.
 *
 *  -ENOENT  --region names a region that nobody knows
 *  -ENOMEM  out of memory
 */
int plan_change(struct region_report *report);

#endif
