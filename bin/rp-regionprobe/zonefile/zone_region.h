/*
 * zone_region: the region to which an entry of a zone file belongs, by its
 * network, its TXT record or its addresses, and which regions the file has.
 */
#ifndef RP_REGIONPROBE_ZONE_REGION_H
#define RP_REGIONPROBE_ZONE_REGION_H

#include <stdbool.h>

#include "verdict/region_report.h"
#include "zonefile/zone_text.h"

struct zone_net;		/* a network and its region, sorted */

struct zone_change {
	struct region_report *report;	/* which gets the warnings */
	const struct zone_text *text;
	struct zone_edits edits;
	const char *owner;		/* the name that holds the addresses */
	const struct addr *addr;
	char ip[ADDR_TEXT];		/* the same as text */
	bool v6;
	bool add;			/* or remove */
	struct zone_net *nets;
	size_t n_nets;
	bool *found;			/* for each region: the file has it */
};

/*
 * Index the networks of all regions. -ENOMEM. Clear the change also after a
 * failure.
 */
int zone_region_index(struct zone_change *change);
void zone_region_clear(struct zone_change *change);

/*
 * Return whether the change is for that region. NULL is an
 * entry whose region is not known: only a removal from everywhere is for it.
 */
bool zone_region_wants(const struct zone_change *change,
    const struct region *region);

/* Return the region with exactly that network in the regions file, or NULL. */
const struct region *zone_region_of_net(const struct zone_change *change,
    struct zone_span net);

/* Return the region that shares most of these addresses, or NULL. */
const struct region *zone_region_of_addrs(const struct zone_change *change,
    const struct set *addrs);

/* Return the region that the text "region=NAME" tells, or NULL. */
const struct region *zone_region_of_txt(const struct zone_change *change,
    struct zone_span txt);

/* Mark the region as one that the file has. NULL is ignored. */
void zone_region_found(struct zone_change *change,
    const struct region *region);

/*
 * Return the next region, from `*next`, which is 0 at first, that the change
 * is for and that the file does not have; NULL: no more.
 */
const struct region *zone_region_missing(const struct zone_change *change,
    size_t *next);

#endif
