/*
 * match: find the region of an answer. It is the region in the file that holds
 * just these addresses, the one in the TXT record beside the name, the one that
 * shares most addresses, or else the set of addresses itself.
 */
#ifndef RP_REGIONPROBE_MATCH_H
#define RP_REGIONPROBE_MATCH_H

#include "conf/regions.h"
#include "survey/survey.h"

/*
 * Name the region of every answer, and add regions that only DNS knows. Return
 * 0 or -ENOMEM.
 */
int match_all(struct survey *survey, struct regions *regions);

#endif
