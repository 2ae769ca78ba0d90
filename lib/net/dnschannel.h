/*
 * dnschannel: a c-ares channel on a libevent loop, configured for the other
 * modules: EDNS, TCP when an answer is truncated, and no hosts file.
 */
#ifndef RP_NET_DNSCHANNEL_H
#define RP_NET_DNSCHANNEL_H

#include <stdbool.h>

#include <ares.h>

#include "wire/addr.h"

struct dnschannel;
struct event_base;

/*
 * Make a channel. `servers` is as in resolve_options; NULL means the system's.
 * `search` allows the system's local domains too.
 *
 *   -EINVAL  invalid `servers`
 *   -ENOMEM
 */
int dnschannel_new(struct dnschannel **out, struct event_base *loop,
    const char *servers, bool search);

/*
 * Write the name servers that a channel with `servers` would ask, as text, at
 * most `max` of them. Return how many there are; 0 if it cannot be told.
 */
size_t dnschannel_servers(const char *servers, char out[][ADDR_TEXT],
    size_t max);

/* Return the c-ares channel for queries. The dnschannel keeps owning it. */
ares_channel dnschannel_ares(const struct dnschannel *c);

/* Update the time-outs. Call it after every query. */
void dnschannel_asked(struct dnschannel *c);

/*
 * Free the channel. Pending queries end with ARES_EDESTRUCTION. It must not be
 * called from within an answer. NULL is fine.
 */
void dnschannel_free(struct dnschannel *c);

#endif
