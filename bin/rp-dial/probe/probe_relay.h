/*
 * probe_relay: does a relay work? Tries each way to it, one after the other,
 * and names what is wrong: those that a switch hands out, or those that the
 * command line names.
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

/* What a switch said; all zero: nothing, the options name the relay. */
struct probe_relay_switch {
	const struct media_ice_server *servers;	/* copied */
	size_t n;
	struct addr reached;		/* where the switch answered */
	unsigned ttl_s;			/* of the credentials; 0: not said */
};

/* Called from the loop; probe_relay_free is allowed. */
typedef void probe_relay_done(enum outcome outcome, void *arg);

/*
 * context must outlive it. -errno, with what was wrong said on standard
 * error, if it cannot begin.
 */
int probe_relay_new(struct probe_relay **out,
    const struct dial_context *context,
    const struct probe_relay_switch *from, probe_relay_done *done, void *arg);

/* NULL is fine. */
void probe_relay_free(struct probe_relay *relay);

/* Once it is done: a line a way on standard output. */
void probe_relay_print(const struct probe_relay *relay);

/* And what to do about the first that does not work, on standard error. */
void probe_relay_warn(const struct probe_relay *relay);

/* The same as JSON, see rp-dial(1). NULL if out of memory. */
json_t *probe_relay_json(const struct probe_relay *relay);

#endif
