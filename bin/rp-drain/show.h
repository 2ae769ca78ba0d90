/*
 * show: print rp-drain's progress: on a terminal one live line, in a pipe one
 * line per change.
 */
#ifndef RP_DRAIN_SHOW_H
#define RP_DRAIN_SHOW_H

#include <stdbool.h>

#include "wire/ctlmsg.h"

struct show {
	bool terminal;
	int64_t calls;		/* as last shown; -1: nothing yet */
	bool head;		/* the table's head was shown */
};

/*
 * Print to standard error if that is a terminal, otherwise to standard output.
 */
void show_init(struct show *show);

/* Show the present state of the drain. */
void show_drain(struct show *show, const struct ctlmsg_status *status);

/* End the live line. */
void show_end(struct show *show);

/* Print the status for a user, several lines on standard output. */
void show_status(const struct ctlmsg_status *status);

/*
 * Print some calls, each with its parties. For a user this is a table, which
 * the next call of the function continues; with `json` it is one object per
 * line.
 *
 *  -EBADMSG  the sessions are malformed
 */
int show_sessions(struct show *show, const json_t *sessions, bool json);

/*
 * Print the status for a program as one JSON object, with `calls` if not NULL.
 */
void show_json(const struct ctlmsg_status *status, json_t *calls);

#endif
