/*
 * regions: the regions of a GSLB name, from the operator's file (libconfig
 * syntax, see rp-regionprobe(8)) and from answers of DNS.
 */
#ifndef RP_REGIONPROBE_REGIONS_H
#define RP_REGIONPROBE_REGIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/set.h"
#include "wire/prefix.h"
#include "wire/why.h"

#define REGIONS_NAME 64

struct region_switch {		/* the own name of a switch, if known */
	struct addr addr;
	char *name;
};

struct region {
	char name[REGIONS_NAME];
	char *aws;		/* its name at Route 53; NULL: `name` */
	char *set;		/* its set's identifier there; NULL: `name` */
	char *health_check;	/* that set's health check there, or NULL */
	char *record;		/* record for nsupdate; NULL: the GSLB name */
	bool is_default;	/* for networks that are in no region */
	bool from_file;
	char *file;		/* the file or include that defines it */
	int line;
	struct set listed;	/* in the file */
	struct set answered;	/* by DNS, for clients in this region */
	/* of A and AAAA, by the zone's servers; 0: unknown */
	uint32_t ttl_s[2];
	struct region_switch *switches;
	size_t n_switches;
	struct prefix *nets;	/* the networks in it */
	size_t n_nets;
};

struct regions {
	const char *file;	/* NULL: none was given */
	struct region **item;
	size_t n;
	long ttl_s;
	bool ttl_written;	/* in the file, and not the default */
};

/*
 * Read the file into `regions` (zeroed).
 *
 *  -EINVAL  `why` says "file:line: what is wrong"
 *  others   the file cannot be read; `why` says why
 */
int regions_read(struct regions *regions, const char *file,
    char why[static WHY_TEXT]);

/* Return the region of that name, or NULL. */
struct region *regions_find(const struct regions *regions, const char *name);

/* Add a region that DNS has revealed; NULL if out of memory. */
struct region *regions_add(struct regions *regions, const char *name);

/*
 * Collect all known addresses of the region: listed and answered. The caller
 * clears `out`.
 */
int regions_members(const struct region *region, struct set *out);

/* Return the own name of the switch at that address, or NULL. */
const char *regions_switch_name(const struct regions *regions,
    const struct addr *addr);

#define REGIONS_PLACE 128

/*
 * Write the place of `there` for a reader who has seen the place of `here`.
 * Return `out`.
 */
const char *regions_place(char out[static REGIONS_PLACE],
    const struct region *here, const struct region *there);

void regions_clear(struct regions *regions);

#endif
