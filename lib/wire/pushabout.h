/*
 * pushabout: what a sender of pushes tells the switch of itself, as a line in
 * its results; see rp-push(7). The switch asks for it in the environment, so
 * that other readers of results never see one. Pure.
 */
#ifndef RP_WIRE_PUSHABOUT_H
#define RP_WIRE_PUSHABOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "wire/reach.h"
#include "wire/why.h"

/* Set in the environment of a sender whose reader takes these lines. */
#define PUSHABOUT_VARIABLE "RP_PUSH_ABOUT"

/* The line by which the switch tells such a sender to reload. */
#define PUSHABOUT_RELOAD "{\"reload\":true}"

struct pushabout {
	/* Where pushes may go; NULL if the sender does not say. */
	struct reach *reach;
	/* Why the last reload changed nothing; "" if it did. */
	char error[WHY_TEXT];
};

/*
 * Return the line, newline included, for the caller to free. NULL if out of
 * memory. Lists that do not fit in a line are left out.
 */
char *pushabout_line(const struct reach_lists *lists, const char *error);

/*
 * Parse a line without its newline. The caller owns `reach`.
 *
 *   -ENOENT   another kind of line
 *   -EBADMSG  malformed
 *   -ENOMEM
 */
int pushabout_parse(struct pushabout *out, const char *line, size_t len);

/* Is it PUSHABOUT_RELOAD? */
bool pushabout_is_reload(const char *line, size_t len);

#endif
