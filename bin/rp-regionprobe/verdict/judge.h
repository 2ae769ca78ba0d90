/*
 * judge: decide on the region that the answers agree on, and warn of all
 * faults.
 */
#ifndef RP_REGIONPROBE_JUDGE_H
#define RP_REGIONPROBE_JUDGE_H

#include "verdict/region_report.h"

/* Decide region and status from the survey; warn where answers disagree. */
void judge_region(struct region_report *report);

/*
 * Warn of servers that fail, of their answers' faults, and of missing routes.
 */
void judge_servers(struct region_report *report);

/* Warn of addresses that are known, but in no change, and why. */
void judge_sources(struct region_report *report);

/* Warn of faults in the measurements, and of effects of the change. */
void judge_switches(struct region_report *report);

#endif
