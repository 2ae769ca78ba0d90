/*
 * regions: the regions of a GSLB name, as the operator's file tells them
 * (libconfig syntax, see rp-regionprobe(8)) and as answers of DNS add to them.
 */
#ifndef RP_REGIONPROBE_REGIONS_H
#define RP_REGIONPROBE_REGIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/set.h"
#include "wire/prefix.h"

#define REGIONS_WHY 512
#define REGIONS_NAME 64

struct region_switch {		/* the own name of a switch, if it is told */
	struct addr addr;
	char *name;
};

struct region {
	char name[REGIONS_NAME];
	char *aws;		/* Route 53's name of it; NULL: name */
	char *record;		/* what nsupdate changes; NULL: the GSLB name */
	bool is_default;	/* for those that are in no region */
	bool from_file;
	char *file;		/* where it stands, which an include may name */
	int line;
	struct set listed;	/* in the file */
	struct set answered;	/* by DNS, for whoever is in this region */
	uint32_t ttl_s[2];	/* of A and AAAA, by DNS' own servers; 0: not
				   known */
	struct region_switch *switches;
	size_t n_switches;
	struct prefix *nets;	/* who is in it */
	size_t n_nets;
};

struct regions {
	const char *file;	/* NULL: none was given */
	struct region **item;
	size_t n;
	long ttl_s;
};

/*
 * Read the file into regions (zeroed). -EINVAL and why says "file:line: what
 * is wrong", or a negative errno and why says that it can't be read.
 */
int regions_read(struct regions *regions, const char *file,
    char why[static REGIONS_WHY]);

/* The region of that name, or NULL. */
struct region *regions_find(const struct regions *regions, const char *name);

/* A new one, found by asking; NULL without memory. */
struct region *regions_add(struct regions *regions, const char *name);

/* All that is known to be in it: listed and answered. The caller clears it. */
int regions_members(const struct region *region, struct set *out);

/* The own name of the switch at that address, or NULL. */
const char *regions_switch_name(const struct regions *regions,
    const struct addr *addr);

#define REGIONS_PLACE 128

/* Where there stands, for who has read where here does. Returns out. */
const char *regions_place(char out[static REGIONS_PLACE],
    const struct region *here, const struct region *there);

void regions_clear(struct regions *regions);

#endif
