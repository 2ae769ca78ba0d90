/*
 * names: the names of files of which --answer makes one per call. They are given
 * as a pattern: %s is the session, %p the caller's number, %t the time of the
 * call, and %% a percent sign. Pure, but for names_check.
 */
#ifndef RP_DIAL_NAMES_H
#define RP_DIAL_NAMES_H

#include <linux/limits.h>	/* PATH_MAX alone */
#include <stdbool.h>
#include <stdint.h>

#include "wire/why.h"

/* The values of one call. */
struct names_call {
	const char *session;
	const char *peer;	/* "": unknown */
	int64_t wall_s;		/* since 1970 */
};

/* Return whether `name` is a pattern; NULL is none. */
bool names_is_pattern(const char *name);

/*
 * Check a pattern before the first call. Return -EINVAL, or another negative
 * errno for its folder, with one line in `why`.
 */
int names_check(const char *pattern, char why[static WHY_TEXT]);

/*
 * Write the name for a call. Its values have an alphabet without
 * `/`, `.` and `-`. Return 0 or -ENAMETOOLONG.
 */
int names_make(char out[static PATH_MAX], const char *pattern,
    const struct names_call *call);

#endif
