/*
 * netwatch: tells when this host's addresses or routes have changed
 * (rtnetlink), so that a client needs no time-out to notice that it has moved.
 */
#ifndef RP_NET_NETWATCH_H
#define RP_NET_NETWATCH_H

#include <stdbool.h>

#include "wire/addr.h"

struct event_base;
struct netwatch;

/*
 * changed is called from the loop, once for the many changes that come
 * together: a tenth of a second after the first. A negative errno of the
 * socket's.
 */
int netwatch_new(struct netwatch **out, struct event_base *loop,
    void (*changed)(void *arg), void *arg);

/* Is the address (its port does not count) one of this host's? */
bool netwatch_has(const struct addr *addr);

/*
 * The address that this host would send from to reach to (nothing is sent).
 * -ENETUNREACH and the like.
 */
int netwatch_source(struct addr *out, const struct addr *to);

/* NULL is fine; allowed within changed. */
void netwatch_free(struct netwatch *netwatch);

#endif
