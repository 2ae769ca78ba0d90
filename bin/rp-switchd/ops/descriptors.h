/*
 * descriptors: share the file descriptors (RLIMIT_NOFILE) out. Strangers who
 * only connect then cannot use up those that running calls, the control socket,
 * the metrics, the directory and the push command need. When few are left
 * nevertheless, the gate is closed until there are enough again.
 */
#ifndef RP_SWITCHD_DESCRIPTORS_H
#define RP_SWITCHD_DESCRIPTORS_H

#include <stdbool.h>
#include <stddef.h>

struct descriptors;
struct event_base;
struct gate;
struct settings;

/* How many connections of each kind the limit allows. */
struct descriptors_plan {
	unsigned long limit;	/* of the process */
	unsigned long connections;	/* signalling: connections.max or less */
	unsigned long streams;		/* relay.max_streams or less */
	unsigned long pages;		/* web.max_connections or less */
	bool lowered;			/* less than the settings */
};

/* Plan by the settings and a limit. Pure. */
void descriptors_plan(struct descriptors_plan *out,
    const struct settings *settings, unsigned long limit);

/*
 * Plan by the process's limit, and log a warning with the numbers if it is too
 * low for the settings, which are read again at descriptors_reload. NULL if out
 * of memory.
 */
struct descriptors *descriptors_new(struct event_base *loop,
    struct gate *gate, const struct settings *settings);
void descriptors_free(struct descriptors *descriptors);

/* Plan again, because the settings have changed. */
void descriptors_reload(struct descriptors *descriptors);

const struct descriptors_plan *descriptors_now(
    const struct descriptors *descriptors);

/*
 * Return how many signalling connections there may be at most, or how many of
 * known clients before the last tenth, which is for the parties of running
 * calls.
 */
size_t descriptors_most(const struct descriptors *descriptors,
    bool without_reserve);

/*
 * Begin to watch. `connections` returns how many are open now of known clients.
 * Strangers give way, and therefore close no gate.
 */
int descriptors_watch(struct descriptors *descriptors,
    size_t (*connections)(void *arg), void *arg);

/* Note that accept(2) failed for want of descriptors or memory. */
void descriptors_exhausted(struct descriptors *descriptors);

#endif
