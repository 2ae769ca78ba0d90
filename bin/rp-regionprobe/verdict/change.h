/*
 * change: what the regions will hold once the address is in (or out), which
 * the output formats print. Nothing is lost: a region keeps all that the file
 * or DNS knows of it.
 */
#ifndef RP_REGIONPROBE_CHANGE_H
#define RP_REGIONPROBE_CHANGE_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/region_options.h"
#include "conf/regions.h"

struct change_region {
	const struct region *region;
	struct set before;	/* without what is to be added, unless DNS
				   answers it already */
	struct set after;
	bool changes;
};

struct change {
	struct change_region *item;	/* every region, in the known order */
	size_t n;
	size_t n_changes;
};

/*
 * chosen: the region that DNS puts the address in, for --add without --region.
 * -ENOENT: no region to put it in, or none that holds it. -ENOMEM.
 */
int change_plan(struct change *out, const struct regions *regions,
    const struct region *chosen, const struct region_options *options);

void change_clear(struct change *change);

/* Bytes of a whole DNS answer of n addresses to that name, with EDNS. */
size_t change_answer_bytes(const char *name, size_t n, bool v6);

#endif
