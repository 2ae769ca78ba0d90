/*
 * probe_relay: test whether a relay works. It tries each path to it, one after
 * the other, and names the faults. The paths are those that a switch hands out,
 * or those on the command line.
 */
#ifndef RP_DIAL_PROBE_RELAY_H
#define RP_DIAL_PROBE_RELAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "call/outcome.h"
#include "wire/addr.h"

struct dial_context;
struct media_ice_server;
struct probe_relay;

/* The switch's answer; all zero: none, because the options name the relay. */
struct probe_relay_switch {
	const struct media_ice_server *servers;	/* copied */
	size_t n;
	struct addr reached;		/* where the switch answered */
	unsigned ttl_s;			/* of the credentials; 0: absent */
};

/* Called from the loop. probe_relay_free is allowed. */
typedef void probe_relay_done(enum outcome outcome, void *arg);

/*
 * Start the test. `context` must outlive it. If it cannot begin, print the
 * reason on standard error and return -errno.
 */
int probe_relay_new(struct probe_relay **out,
    const struct dial_context *context,
    const struct probe_relay_switch *from, probe_relay_done *done, void *arg);

/* Free the test. NULL is allowed. */
void probe_relay_free(struct probe_relay *relay);

/* Print one line per path on standard output, once it is done. */
void probe_relay_print(const struct probe_relay *relay);

/* Print the remedy for the first path that fails, on standard error. */
void probe_relay_warn(const struct probe_relay *relay);

/* Return the result as JSON, see rp-dial(1); NULL if out of memory. */
json_t *probe_relay_json(const struct probe_relay *relay);

#endif
