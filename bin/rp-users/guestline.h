/*
 * guestline: a guest's link as a line of JSON, which `export` writes and `import`
 * reads; see record.h. Its numbers are those of the link, or missing.
 */
#ifndef RP_USERS_GUESTLINE_H
#define RP_USERS_GUESTLINE_H

#include <stdbool.h>
#include <stdio.h>

#include "directory/directory.h"
#include "wire/why.h"

#define GUESTLINE_NAME 100	/* bytes: a note has room for it and the numbers */
#define GUESTLINE_PER_HOUR 60000
#define GUESTLINE_AT_ONCE 8	/* as many as of any caller */

/* Is it such a link, not one by which a device joins? */
bool guestline_is_link(const struct directory_link *link);

/* Is it a name that a terminal and a line of JSON can show? */
bool guestline_is_name(const char *name);

/* Write the note of a link; numbers of 0 are left to the switches. */
void guestline_note(char note[static DIRECTORY_NOTE], long per_hour,
    long at_once, const char *name);

/* Write a line. -ENOMEM, or -EINVAL if it holds what is not UTF-8. */
int guestline_write(FILE *out, const struct directory_link *link);

/*
 * Parse a line.
 *
 *   -ENOENT  it is about something else
 *   -EINVAL  with what is wrong in `why`
 */
int guestline_parse(struct directory_link *link, const char *line,
    char why[static WHY_TEXT]);

#endif
