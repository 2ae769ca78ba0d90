/*
 * stats_lines: one line of JSON after another on standard output while a call
 * talks (rp-dial(1), "--stats").
 */
#ifndef RP_DIAL_STATS_LINES_H
#define RP_DIAL_STATS_LINES_H

#include <stdint.h>

struct call_media;
struct event_base;
struct report;
struct stats_lines;

/*
 * Write a line each `every_ms`, from the first audio on. `report` and `media`
 * must outlive it.
 *
 *  -ENOMEM  out of memory
 */
int stats_lines_new(struct stats_lines **out, struct event_base *loop,
    uint32_t every_ms, const struct report *report,
    const struct call_media *media);

/*
 * Return 0, or the negative errno of the line that could not be written, after
 * which there were no more. NULL is allowed.
 */
int stats_lines_error(const struct stats_lines *lines);

/* Write no more lines. NULL is allowed. */
void stats_lines_free(struct stats_lines *lines);

#endif
