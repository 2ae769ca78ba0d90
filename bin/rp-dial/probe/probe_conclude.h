/*
 * probe_conclude: write what a probe found, in each form that the options name.
 */
#ifndef RP_DIAL_PROBE_CONCLUDE_H
#define RP_DIAL_PROBE_CONCLUDE_H

#include <stdint.h>

struct dial_context;
struct probe_network;
struct probe_relay;
struct report;

struct probe_conclusion {
	const struct dial_context *context;
	const struct report *report;
	const struct probe_network *network;	/* NULL: no switch was raced */
	const struct probe_relay *relay;	/* NULL: it was not tried */
	const char *why;		/* one line of a failure, or "" */
	uint64_t began_ms;
};

/* Write it. Return the exit status, with --nagios that of a plugin. */
int probe_conclude(const struct probe_conclusion *conclusion);

#endif
