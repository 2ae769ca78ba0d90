/*
 * change: compute the regions' addresses after an addition or a removal, for
 * the output formats. Nothing is lost: a region keeps all addresses that the
 * file or DNS has for it.
 */
#ifndef RP_REGIONPROBE_CHANGE_H
#define RP_REGIONPROBE_CHANGE_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/region_options.h"
#include "conf/regions.h"

struct change_region {
	const struct region *region;
	/* without the address to add, unless DNS answers it already */
	struct set before;
	struct set after;
	bool changes;
};

struct change {
	struct change_region *item;	/* every region, in the known order */
	size_t n;
	size_t n_changes;
};

/*
 * Plan the change. `chosen` is the region that DNS puts the address in, for
 * --add without --region.
 *
 *  -ENOENT  there is no region to add it to, or none that holds it
 *  -ENOMEM  out of memory
 */
int change_plan(struct change *out, const struct regions *regions,
    const struct region *chosen, const struct region_options *options);

void change_clear(struct change *change);

/*
 * Return the bytes of a whole DNS answer of `n` addresses to that name, with
 * EDNS.
 */
size_t change_answer_bytes(const char *name, size_t n, bool v6);

#endif
