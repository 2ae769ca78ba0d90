/*
 * region_options: rp-regionprobe's command line. See rp-regionprobe(8).
 */
#ifndef RP_REGIONPROBE_REGION_OPTIONS_H
#define RP_REGIONPROBE_REGION_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/prefix.h"

#define OPTIONS_SERVERS 8
#define OPTIONS_FOR 32
#define OPTIONS_REGIONS 16

struct region_options {		/* strings point into argv */
	const char *name;
	const char *regions_file;
	bool add, remove;
	struct addr addr;	/* of --add or --remove */
	struct prefix subnets[OPTIONS_FOR];
	size_t n_subnets;
	const char *format;		/* its name */
	const char *zone_file;	/* what the provider has now, or NULL */
	const char *output;	/* the file to write, or NULL */
	bool diff;		/* print the difference from `zone_file` */
	char *regions[OPTIONS_REGIONS];	/* in place of the answer of DNS */
	size_t n_regions;
	struct addr resolvers[OPTIONS_SERVERS];
	size_t n_resolvers;	/* 0: the system's */
	struct addr servers[OPTIONS_SERVERS];
	size_t n_servers;	/* 0: find the zone's */
	const char *whoami;	/* NULL: don't ask */
	const char *own_name;	/* of the switch, in its certificate */
	const char *ca_file;
	uint16_t port;
	unsigned rounds;
	bool connect;
};

/*
 * Read the command line. For --help, --version and a mistake, print the text
 * and exit.
 */
void region_options_read(struct region_options *out, int argc, char *argv[]);

#endif
