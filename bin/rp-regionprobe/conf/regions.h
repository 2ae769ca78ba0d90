/*
 * regions: the regions of a GSLB name, from the operator's file (libconfig
 * syntax, see rp-regionprobe(8)) and from answers of DNS.
 */
#ifndef RP_REGIONPROBE_REGIONS_H
#define RP_REGIONPROBE_REGIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/geography.h"
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
	/* by the zone's servers, for clients in this region */
	struct set answered;
	/*
	 * by resolvers, or not for this region for certain, or addresses that
	 * no caller can reach; never written into a change
	 */
	struct set heard;
	/* of A and AAAA, by the zone's servers */
	uint32_t ttl_s[2];
	bool ttl_known[2];
	struct region_switch *switches;
	size_t n_switches;
	struct prefix *nets;	/* the networks in it */
	size_t n_nets;
	struct geography *places;	/* the continents and countries in it */
	size_t n_places;
	char *datacenter;	/* its name in gdnsd's map; NULL: `name` */
	char *google;		/* Google's location; NULL: `name` */
};

struct regions {
	const char *file;	/* NULL: none was given */
	struct region **item;
	size_t n;
	struct region **heard;	/* which only resolvers reveal */
	size_t n_heard;
	long ttl_s;
	bool ttl_written;	/* in the file, and not the default */
	char *map;		/* gdnsd's map, the operator's own, or NULL */
	char *geodb;		/* gdnsd's GeoIP2 database, or NULL */
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

/* Return the first region for networks that are in no region, or NULL. */
struct region *regions_default(const struct regions *regions);

/* Add a region that DNS has revealed; NULL if out of memory. */
struct region *regions_add(struct regions *regions, const char *name);

/* Do both for regions that only resolvers reveal: find it there, or add it. */
struct region *regions_hear(struct regions *regions, const char *name);

/* Is it a name that a region may have: letters, digits, "-" and "_"? */
bool regions_is_name(const char *text);

/* Is it a name of such labels, which can stand in any printed change? */
bool regions_is_host_name(const char *text);

/*
 * Collect the addresses of the region that a change may write: listed and
 * answered. The caller clears `out`.
 */
int regions_members(const struct region *region, struct set *out);

/* Collect all addresses of the region that anybody knows. */
int regions_known(const struct region *region, struct set *out);

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
