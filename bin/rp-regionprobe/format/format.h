/*
 * format: the formats for the result, or for the change that follows from it.
 * Each is one file behind a table.
 */
#ifndef RP_REGIONPROBE_FORMAT_H
#define RP_REGIONPROBE_FORMAT_H

#include <stdbool.h>
#include <stdio.h>

#include "verdict/region_report.h"
#include "wire/why.h"


struct format {
	const char *name;
	bool is_change;		/* prints a change: needs --add or --remove */
	/* Print the report. -EINVAL: something is missing; `why` names it. */
	int (*print)(const struct region_report *report, FILE *out,
	    char why[static WHY_TEXT]);
};

/* Return the format of that name, or NULL. */
const struct format *format_find(const char *name);

int format_text(const struct region_report *report, FILE *out,
    char why[static WHY_TEXT]);
int format_json(const struct region_report *report, FILE *out,
    char why[static WHY_TEXT]);
int format_route53(const struct region_report *report, FILE *out,
    char why[static WHY_TEXT]);
int format_knot(const struct region_report *report, FILE *out,
    char why[static WHY_TEXT]);
int format_pdns(const struct region_report *report, FILE *out,
    char why[static WHY_TEXT]);
int format_gdnsd(const struct region_report *report, FILE *out,
    char why[static WHY_TEXT]);
int format_nsupdate(const struct region_report *report, FILE *out,
    char why[static WHY_TEXT]);

/*
 * Check the report for a file that holds all regions with their networks. A
 * region without addresses is left out of such a file, so that its networks get
 * the default answer.
 *
 *  -EINVAL  a region other than the default has no networks, or no region has
 *           addresses
 */
int format_check_nets(const struct region_report *report,
    char why[static WHY_TEXT]);

/* Print the addresses of one family as "1, 2, 3". Return how many. */
size_t format_addrs(FILE *out, const struct set *set, bool v6,
    const char *between);

#endif
