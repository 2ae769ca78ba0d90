/*
 * match: find the region of an answer. It is the region in the file that holds
 * just these addresses, the one in the TXT record beside the name, the one that
 * shares most addresses, or else the set of addresses itself.
 *
 * An answer counts if a change may write its addresses into that region. It
 * comes from a server of the zone, and it is certain to be for the region:
 *
 *   - by name: its addresses or the TXT record say so
 *   - by network: it is on behalf of one, took that into account, and differs
 *     from what networks in no region get
 *
 * A default region takes the answer for networks in no region as well.
 */
#ifndef RP_REGIONPROBE_MATCH_H
#define RP_REGIONPROBE_MATCH_H

#include "conf/regions.h"
#include "survey/survey.h"

/*
 * Name the region of every answer, and add regions that only DNS knows. Return
 * 0 or -ENOMEM.
 */
int match_all(struct survey *survey, struct regions *regions,
    const struct region_options *options);

/*
 * Return whether callers anywhere could reach a switch at that address: it is
 * public and not a translation (NAT64), or it is for documentation.
 */
bool match_is_reachable(const struct addr *addr);

/*
 * Return whether the answer is the one for networks that are in no region,
 * though it may share addresses with a region.
 */
bool match_is_default(const struct survey *survey,
    const struct survey_asked *asked);

#endif
