/*
 * behalf: which networks the zone's servers are asked for, besides this host's:
 * the switch's, those of users and of the file's regions, and one that is
 * nowhere.
 */
#ifndef RP_REGIONPROBE_BEHALF_H
#define RP_REGIONPROBE_BEHALF_H

#include "survey/survey.h"

/*
 * Add the questions to `survey`, for servers that answer and know EDNS. Return
 * 0 or -ENOMEM.
 */
int behalf_add(struct survey *survey, const struct region_options *options,
    const struct regions *regions);

#endif
