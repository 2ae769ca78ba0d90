/*
 * show: what rp-drain says while it waits: on a terminal one live line, in a
 * pipe a line for each change.
 */
#ifndef RP_DRAIN_SHOW_H
#define RP_DRAIN_SHOW_H

#include <stdbool.h>

#include "wire/ctlmsg.h"

struct show {
	bool terminal;
	int64_t calls;		/* as last shown; -1: nothing yet */
	bool head;		/* of a table, was shown */
};

/* To standard error, if that is a terminal, else to standard output. */
void show_init(struct show *show);

/* The drain as it is. */
void show_drain(struct show *show, const struct ctlmsg_status *status);

/* Leave the live line. */
void show_end(struct show *show);

/* For a person: several lines on standard output. */
void show_status(const struct ctlmsg_status *status);

/*
 * Some calls, each with its parties: a table for a person, which goes on with
 * the next; or with json an object a line. -EBADMSG: they are none.
 */
int show_sessions(struct show *show, const json_t *sessions, bool json);

/* For a program: one JSON object, with calls if not NULL. */
void show_json(const struct ctlmsg_status *status, json_t *calls);

#endif
