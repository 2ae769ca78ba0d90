/*
 * probe_way: try one path to a relay (an address, by UDP, TCP or TLS) as a call
 * would use it. It makes two allocations, a permission and a channel in both,
 * and sends paced packets from one through the other and back.
 */
#ifndef RP_DIAL_PROBE_WAY_H
#define RP_DIAL_PROBE_WAY_H

#include <stdbool.h>

#include "probe/probe_fault.h"
#include "turn_client/turn_client.h"
#include "wire/why.h"

struct event_base;
struct probe_way;

#define PROBE_WAY_PACKETS 50	/* a second of a call */
#define PROBE_WAY_REALM 128	/* of a realm that is shown, and a NUL */

struct probe_way_result {
	enum probe_fault fault;
	char why[WHY_TEXT];	/* one line, if there is a fault */
	char realm[PROBE_WAY_REALM];	/* in ASCII; "": not told */
	struct addr relayed, mapped;	/* of the first; none: not allocated */
	/* The duration of each step; 0: not reached, or not completed. */
	double allocate_ms, permission_ms, channel_ms;
	unsigned sent, received;
	double rtt_ms, rtt_max_ms;	/* the median; 0 if none came back */
};

/* `result` is valid during the call, in which probe_way_free is allowed. */
typedef void probe_way_done(const struct probe_way_result *result, void *arg);

/*
 * Start the test of the relay in `options`. Its strings are copied, but `tls`
 * must outlive the test. With `only_allocate` it makes one allocation and does
 * nothing with it. `done` is never called before this returns. Return a
 * negative errno if it was not started.
 */
int probe_way_new(struct probe_way **out, struct event_base *loop,
    const struct turn_client_options *options, bool only_allocate,
    probe_way_done *done, void *arg);

/* Release the allocations and free. NULL is allowed. */
void probe_way_free(struct probe_way *way);

#endif
