/*
 * judge: the region that the answers agree on, and all that is wrong with it.
 */
#ifndef RP_REGIONPROBE_JUDGE_H
#define RP_REGIONPROBE_JUDGE_H

#include "verdict/region_report.h"

/* Decide region and status from the survey; warn where answers disagree. */
void judge_region(struct region_report *report);

/* Warn of what was measured, and of what the change would do. */
void judge_switches(struct region_report *report);

#endif
