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
#include "zonefile/zone_region.h"
#include "zonefile/zone_text.h"

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
