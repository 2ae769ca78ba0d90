/* zone_diff: the difference of two texts, as `diff -u` prints it. */
#ifndef RP_REGIONPROBE_ZONE_DIFF_H
#define RP_REGIONPROBE_ZONE_DIFF_H

#include <stdio.h>

/*
 * Print the difference, which patch(1) takes; nothing if there is none.
 * `file` stands in its header.
 *
 *  -ENOMEM  out of memory
 */
int zone_diff_print(const char *file, const char *before, const char *after,
    FILE *out);

#endif
