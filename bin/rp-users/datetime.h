/*
 * datetime: a time as people and files have it, "2026-11-28T22:05:23Z": RFC
 * 3339, in UTC, to the second. Pure.
 */
#ifndef RP_USERS_DATETIME_H
#define RP_USERS_DATETIME_H

#include <stdbool.h>
#include <stdint.h>

#define DATETIME_TEXT 21

/*
 * Can this time be written? It is then later than 1970, which stands for an
 * unknown time, and before the year 10000.
 */
bool datetime_ok(int64_t wall_s);

/* Write the time, or "-" if it cannot be written, and return `text`. */
const char *datetime_format(char text[static DATETIME_TEXT], int64_t wall_s);

/* Write only the day, or "-". */
const char *datetime_format_day(char text[static DATETIME_TEXT],
    int64_t wall_s);

/* Parse a time as datetime_format writes it. -EINVAL. */
int datetime_parse(int64_t *wall_s, const char *text);

#endif
