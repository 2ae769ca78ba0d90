/*
 * callinfo: the information about a call for the operator: while it runs, as
 * JSON (rp-ctl(7)), and when it ends, as a line of the log. It never says who
 * calls whom, nor from where.
 */
#ifndef RP_SWITCHD_CALLINFO_H
#define RP_SWITCHD_CALLINFO_H

#include <jansson.h>

struct callstats;
struct call_record;

/* Return {"session", "state", "age_ms"}. NULL if out of memory. */
json_t *callinfo_short(const struct call_record *record);

/* Return the same with "answered_ms" and "parties". */
json_t *callinfo_json(const struct call_record *record,
    const struct callstats *stats);

/*
 * Write key=value pairs of a call that has ended: how, and its media in both
 * directions. Return `text`.
 */
#define CALLINFO_TEXT 768
const char *callinfo_text(char text[static CALLINFO_TEXT],
    const struct call_record *record, const struct callstats *stats);

#endif
