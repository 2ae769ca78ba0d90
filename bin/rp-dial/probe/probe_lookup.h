/*
 * probe_lookup: the addresses at which a relay's name is tried, one of each
 * family. A name whose IPv6 address is wrong works for most, and not for those
 * who have IPv6.
 */
#ifndef RP_DIAL_PROBE_LOOKUP_H
#define RP_DIAL_PROBE_LOOKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/addr.h"

struct event_base;
struct probe_lookup;
struct resolve_options;

struct probe_lookup_result {
	size_t n;			/* 0: none was found */
	struct addr addrs[2];		/* IPv4 first */
	bool route[2];			/* does this host have one there? */
	const char *why;		/* with none: one line */
};

/* `result` is valid during the call, in which probe_lookup_free is allowed. */
typedef void probe_lookup_done(const struct probe_lookup_result *result,
    void *arg);

/*
 * Look the name up until both families have answered, for at most ten seconds.
 * Of each family the first address to which there is a route is taken, or else
 * the first. An address resolves to itself and, if there is no route, to what
 * NAT64 makes of it. Return -errno if the look-up was not started.
 */
int probe_lookup_new(struct probe_lookup **out, struct event_base *loop,
    const char *name, uint16_t port, const struct resolve_options *options,
    probe_lookup_done *done, void *arg);

/* Free it; `done` is not called any more. NULL is allowed. */
void probe_lookup_free(struct probe_lookup *lookup);

#endif
