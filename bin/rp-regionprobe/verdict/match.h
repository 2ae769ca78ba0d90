/*
 * match: which region an answer is: the one in the file that holds just these
 * addresses, the one that the TXT record beside the name tells, the one that
 * shares most with it, or else the set of addresses itself.
 */
#ifndef RP_REGIONPROBE_MATCH_H
#define RP_REGIONPROBE_MATCH_H

#include "conf/regions.h"
#include "survey/survey.h"

/*
 * Name the region of every answer, adding regions that only DNS knows. 0, or
 * -ENOMEM.
 */
int match_all(struct survey *survey, struct regions *regions);

#endif
