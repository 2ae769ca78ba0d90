/*
 * zone_change: the change as an edit of what a name server or provider has now.
 * All but the region's addresses stays as it stands. There is an editor for
 * each format; what an editor does not understand, it refuses.
 */
#ifndef RP_REGIONPROBE_ZONE_CHANGE_H
#define RP_REGIONPROBE_ZONE_CHANGE_H

#include <stdbool.h>
#include <stdio.h>

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

/* Return whether there is an editor for that format. */
bool zone_change_knows(const char *format);

/*
 * Print the changed file, or with `diff` of the options the difference. Route
 * 53 gets a change batch in place of a file.
 *
 *  -EINVAL  the file or the region cannot be edited; `why` says why
 *  -ENOMEM  out of memory
 */
int zone_change_print(struct region_report *report,
    const struct zone_text *text, FILE *out, char why[static WHY_TEXT]);

/*
 * Warn of what a change replaces at the provider that nobody has read, because
 * there is no file of it.
 */
void zone_change_warn_unread(struct region_report *report);

/*
 * For the editors. Return whether the change is for that region. NULL is an
 * entry whose region is not known: only a removal from everywhere is for it.
 */
bool zone_change_wants(const struct zone_change *change,
    const struct region *region);

/* Return the region with exactly that network in the regions file, or NULL. */
const struct region *zone_change_of_net(const struct zone_change *change,
    struct zone_span net);

/* Return the region that shares most of these addresses, or NULL. */
const struct region *zone_change_of_addrs(const struct zone_change *change,
    const struct set *addrs);

/* Return the region that the text "region=NAME" tells, or NULL. */
const struct region *zone_change_of_txt(const struct zone_change *change,
    struct zone_span txt);

/* Mark the region as one that the file has. NULL is ignored. */
void zone_change_found(struct zone_change *change,
    const struct region *region);

/*
 * Return the next region, from `*next`, which is 0 at first, that the change
 * is for and that the file does not have; NULL: no more.
 */
const struct region *zone_change_missing(const struct zone_change *change,
    size_t *next);

/*
 * The editors. Each records edits of the text.
 *
 *  -EINVAL  `why` says what cannot be done
 *  -ENOMEM  out of memory
 */
int zone_knot_edit(struct zone_change *change, char why[static WHY_TEXT]);
int zone_pdns_edit(struct zone_change *change, char why[static WHY_TEXT]);
int zone_gdnsd_edit(struct zone_change *change, char why[static WHY_TEXT]);

/* Print the change batch, or the difference, for Route 53's sets. */
int zone_route53_print(struct zone_change *change, FILE *out,
    char why[static WHY_TEXT]);

#endif
