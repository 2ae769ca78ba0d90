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
/* Write the line of one family in Knot DNS's file; none if the set has none. */
void format_knot_family(FILE *out, const struct set *set, bool v6);
int format_knot(const struct region_report *report, FILE *out,
    char why[static WHY_TEXT]);
int format_pdns(const struct region_report *report, FILE *out,
    char why[static WHY_TEXT]);
int format_gdnsd(const struct region_report *report, FILE *out,
    char why[static WHY_TEXT]);
int format_knot_geodb(const struct region_report *report, FILE *out,
    char why[static WHY_TEXT]);
int format_google(const struct region_report *report, FILE *out,
    char why[static WHY_TEXT]);
int format_octodns(const struct region_report *report, FILE *out,
    char why[static WHY_TEXT]);
int format_nsupdate(const struct region_report *report, FILE *out,
    char why[static WHY_TEXT]);

/* How a file of all regions tells callers apart. */
#define FORMAT_NETS 1
#define FORMAT_GEOGRAPHY 2	/* continents, countries, subdivisions */

/*
 * Check the report for a file that holds all regions, told apart by any of
 * these; 0: by something that is not in the file. A region that has none of
 * them is allowed if it has the other, which then is in another file. A region
 * without addresses is left out of such a file, so that its callers get the
 * answer of a larger place, or the default one.
 *
 *  -EINVAL  a region other than the default has neither networks nor places,
 *           no region is told apart by these, or no region has addresses
 */
int format_check_regions(const struct region_report *report, unsigned by,
    char why[static WHY_TEXT]);

/* Return the default region's part of the change, or NULL. */
const struct change_region *format_default(const struct region_report *report);

/* Print the addresses of one family as "1, 2, 3". Return how many. */
size_t format_addrs(FILE *out, const struct set *set, bool v6,
    const char *between);

#endif
