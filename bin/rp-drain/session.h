/*
 * session: what rp-drain was asked to do, done over one connection to the
 * switch. Errors are told on standard error; what is returned is the exit
 * status.
 */
#ifndef RP_DRAIN_SESSION_H
#define RP_DRAIN_SESSION_H

#include <stdbool.h>
#include <stdint.h>

enum {
	SESSION_DONE = 0,
	SESSION_FAILED = 1,	/* usage, or the switch cannot be reached */
	SESSION_TIMEOUT = 2,	/* calls are left */
	SESSION_UNDRAINED = 3	/* somebody else took the drain back */
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
	bool json;		/* of a status, or of sessions */
	bool stop;		/* of a drain: the switch is to exit then */
	int64_t timeout_ms;	/* since the drain began; -1: none */
	int64_t force_after_ms;	/* the same */
};

int session_run(const struct session_options *options);

#endif
