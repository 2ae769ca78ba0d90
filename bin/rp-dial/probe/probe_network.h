/*
 * probe_network: what network is this? A dial that fails in one network and not
 * in another is explained by its name servers, by a family that has no route,
 * by DNS64 (RFC 6147, 7050), by a portal that answers for everybody, or by a
 * clock that is off. --probe tells them.
 */
#ifndef RP_DIAL_PROBE_NETWORK_H
#define RP_DIAL_PROBE_NETWORK_H

#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

#include "conf/context.h"

struct probe_network;

/*
 * Look at this host and ask its name servers two questions, which takes at most
 * two seconds. `done` is called from the loop when both are answered or their
 * time is over. Nobody is asked if the switch is given as an address, or is
 * localhost; then `done` is never called. `context` must outlive it.
 *
 *  -ENOMEM  out of memory
 */
int probe_network_new(struct probe_network **out,
    const struct dial_context *context, void (*done)(void *arg), void *arg);

/* Is nothing asked any more? */
bool probe_network_done(const struct probe_network *network);

/*
 * Return what was found, as the key "network" of rp-dial(1); NULL if out of
 * memory. The caller owns it.
 */
json_t *probe_network_json(const struct probe_network *network);

/* Write one line for a user. */
void probe_network_print(const struct probe_network *network, FILE *out);

/*
 * Warn on standard error about what keeps a call from working here, one line
 * for each: no name server, no route, a portal, a clock that is off.
 */
void probe_network_warn(const struct probe_network *network);

/* Free it; `done` is not called any more. NULL is fine. */
void probe_network_free(struct probe_network *network);

#endif
