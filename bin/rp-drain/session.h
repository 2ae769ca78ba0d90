/*
 * session: perform rp-drain's task over one connection to the switch. Errors
 * are printed on standard error. The return value is the exit status.
 */
#ifndef RP_DRAIN_SESSION_H
#define RP_DRAIN_SESSION_H

#include <stdbool.h>
#include <stdint.h>

enum {
	SESSION_DONE = 0,
	SESSION_FAILED = 1,	/* usage, or any other error */
	SESSION_TIMEOUT = 2,	/* calls are left */
	SESSION_UNDRAINED = 3,	/* another operator cancelled the drain */
	SESSION_ABSENT = 4,	/* no switch runs there */
	SESSION_SILENT = 5,	/* the switch does not answer */
	SESSION_DRAINING = 6,	/* a status: no new calls, because it drains */
	SESSION_REFUSING = 7,	/* a status: none, for another reason */
	SESSION_STOPPING = 8,	/* an undrain: it is being stopped */
	SESSION_SIGNAL = 128	/* and the signal that ended the wait */
};

enum session_task {
	SESSION_DRAIN,
	SESSION_UNDRAIN,
	SESSION_STATUS,
	SESSION_SESSIONS,
	SESSION_RELOAD
};

struct session_options {
	const char *socket;
	enum session_task task;
	bool json;		/* for a status, or for sessions */
	bool stop;		/* after a drain, the switch exits */
	bool final;		/* the drain cannot be cancelled */
	int64_t timeout_ms;	/* since the drain began; -1: none */
	int64_t force_after_ms;	/* likewise */
	/* Instead, once the system goes down; from then on. -1: no look. */
	int64_t shutdown_after_ms;
};

int session_run(const struct session_options *options);

#endif
