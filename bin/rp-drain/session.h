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
	SESSION_FAILED = 1,	/* usage, or the switch cannot be reached */
	SESSION_TIMEOUT = 2,	/* calls are left */
	SESSION_UNDRAINED = 3	/* another operator cancelled the drain */
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
	int64_t timeout_ms;	/* since the drain began; -1: none */
	int64_t force_after_ms;	/* likewise */
};

int session_run(const struct session_options *options);

#endif
