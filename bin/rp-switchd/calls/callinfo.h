/*
 * callinfo: what an operator is told of a call: while it runs, as JSON
 * (rp-ctl(7)), and when it ends, as a line of the log. Never who calls whom,
 * nor from where.
 */
#ifndef RP_SWITCHD_CALLINFO_H
#define RP_SWITCHD_CALLINFO_H

#include <jansson.h>

struct callstats;
struct call_record;

/* {"session", "state", "age_ms"}. NULL if out of memory. */
json_t *callinfo_short(const struct call_record *record);

/* The same with "answered_ms" and "parties". */
json_t *callinfo_json(const struct call_record *record,
    const struct callstats *stats);

/* key=value of a call that is over: how it ended, and its media both ways. */
#define CALLINFO_TEXT 640
const char *callinfo_text(char text[static CALLINFO_TEXT],
    const struct call_record *record, const struct callstats *stats);

#endif
