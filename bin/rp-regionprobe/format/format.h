/*
 * format: the ways to print what was found, or the change that follows from
 * it; one file each behind a table.
 */
#ifndef RP_REGIONPROBE_FORMAT_H
#define RP_REGIONPROBE_FORMAT_H

#include <stdbool.h>
#include <stdio.h>

#include "verdict/region_report.h"

#define FORMAT_WHY 256

struct format {
	const char *name;
	bool is_change;		/* prints a change: needs --add or --remove */
	/* -EINVAL where something is missing; why says what. */
	int (*print)(const struct region_report *report, FILE *out,
	    char why[static FORMAT_WHY]);
};

/* The format of that name, or NULL. */
const struct format *format_find(const char *name);

int format_text(const struct region_report *report, FILE *out,
    char why[static FORMAT_WHY]);
int format_json(const struct region_report *report, FILE *out,
    char why[static FORMAT_WHY]);
int format_route53(const struct region_report *report, FILE *out,
    char why[static FORMAT_WHY]);
int format_knot(const struct region_report *report, FILE *out,
    char why[static FORMAT_WHY]);
int format_pdns(const struct region_report *report, FILE *out,
    char why[static FORMAT_WHY]);
int format_gdnsd(const struct region_report *report, FILE *out,
    char why[static FORMAT_WHY]);
int format_nsupdate(const struct region_report *report, FILE *out,
    char why[static FORMAT_WHY]);

/*
 * For files that hold all regions with their nets: every region but the default
 * has nets, and one has addresses? Else -EINVAL. A region without addresses is
 * left out of such a file, so that its networks get the default answer.
 */
int format_check_nets(const struct region_report *report,
    char why[static FORMAT_WHY]);

/* "1, 2, 3" of one family; returns how many. */
size_t format_addrs(FILE *out, const struct set *set, bool v6,
    const char *between);

#endif
